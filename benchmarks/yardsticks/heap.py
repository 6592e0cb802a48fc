"""Heap: the same as limit, into copies of the tables without an index or a constraint."""

from collections.abc import Iterator
from time import perf_counter

from benchmarks import counts
from benchmarks.clean import connected, copy
from benchmarks.yardsticks.bench import FIRST, Bench, Timing

DESCRIPTION = "COPY into tables without index or constraint"
LACKS = ("validation", "duplicates", "update", "resume", "any index")
# What it has made is found before what the app has.
HEAP_FIRST = "?options=-csearch_path%3Dheap%2Cpublic"


def measure(bench: Bench) -> Iterator[Timing]:
    """Raises WrongCountError, psycopg2.Error."""
    with bench.stack.database("heap") as url:
        with connected(url) as cursor:
            cursor.execute("CREATE SCHEMA heap")
            for table in bench.first.whole:
                name = table.partition(" ")[0]
                cursor.execute(f"CREATE TABLE heap.{name} (LIKE public.{name} INCLUDING DEFAULTS INCLUDING IDENTITY)")
        counts.quiet(url)
        with connected(url) as cursor:
            began = perf_counter()
            for table, rows in bench.first.whole.items():
                copy(cursor, f"heap.{table}", rows)
            cursor.connection.commit()
            took = perf_counter() - began
        counts.check("heap", counts.found(url + HEAP_FIRST), counts.expected(bench.files, again=False))
    yield Timing(FIRST, took, bench.files.rows)
