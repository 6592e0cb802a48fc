"""Limit: COPY of the complete rows straight into the tables, with their indexes and constraints, in one transaction."""

from collections.abc import Iterator
from time import perf_counter

from benchmarks import counts
from benchmarks.clean import OWNERS, connected, copy
from benchmarks.yardsticks.bench import FIRST, Bench, Timing

DESCRIPTION = "COPY straight into the tables, outbox included"
LACKS = ("validation", "duplicates", "update", "resume")


def measure(bench: Bench) -> Iterator[Timing]:
    """Raises WrongCountError, psycopg2.Error."""
    with bench.stack.database("limit") as url:
        with connected(url) as cursor:
            cursor.execute(OWNERS)
        counts.quiet(url)
        with connected(url) as cursor:
            began = perf_counter()
            for table, rows in bench.first.whole.items():
                copy(cursor, table, rows)
            cursor.connection.commit()
            took = perf_counter() - began
        counts.check("limit", counts.found(url), counts.expected(bench.files, again=False))
    yield Timing(FIRST, took, bench.files.rows)
