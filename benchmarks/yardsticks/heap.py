"""Heap: the same as limit, into copies of the tables without an index or a constraint."""

from time import perf_counter

from benchmarks import counts
from benchmarks.clean import connected, copy
from benchmarks.yardsticks.bench import FIRST, Bench, Times

DESCRIPTION = "COPY into tables without index or constraint"
LACKS = ("validation", "duplicates", "an update", "resume", "an index")


def measure(bench: Bench) -> Times:
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
        counts.check("heap", counts.found(f"{url}?options=-csearch_path%3Dheap%2Cpublic"), counts.expected(bench.files, again=False))
    return {FIRST: took}
