"""Floor: COPY of the clean rows to staging and a merge, into the same tables with the same outbox entries.

Several ways, all measured in each round: the floor is the fastest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from app.imports.ids import fresh
from benchmarks import counts
from benchmarks.clean import OWNERS, Clean, connected, copy
from benchmarks.yardsticks import merge
from benchmarks.yardsticks.bench import AGAIN, FIRST, Bench, Timing

DESCRIPTION = "COPY of clean rows to staging, then the best merge"
LACKS = ("validation", "duplicates", "resume")
CHUNK_ROWS = 10_000


@dataclass(frozen=True)
class Way:
    """*statements* that merge a staged table; *chunk*: rows of a transaction; None: a table's."""

    statements: Callable[[str], list[str]]
    chunk: int | None = None

    def time(self, url: str, rows: Clean) -> float:
        """Seconds. Raises psycopg2.Error."""
        pieces = {table: self._pieces(said) for table, said in rows.staged.items()}
        with connected(url) as cursor:
            began = perf_counter()
            for table in pieces:
                cursor.execute(merge.create(table))
            # First all that others point to: what a row of the file has to do with which other is not known any more.
            for table, each in pieces.items():
                for piece in each:
                    self._merge(cursor, table, piece)
                    cursor.connection.commit()
            return perf_counter() - began

    def _merge(self, cursor: Any, table: str, rows: bytes) -> None:
        copy(cursor, merge.staging(table), rows)
        for statement in self.statements(table):
            cursor.execute(statement, {"number": 1} | fresh())

    def _pieces(self, rows: bytes) -> list[bytes]:
        if self.chunk is None:
            return [rows]
        lines = rows.splitlines(keepends=True)
        return [b"".join(lines[at : at + self.chunk]) for at in range(0, len(lines), self.chunk)]


WAYS = {
    "anti-join": Way(merge.anti_join),
    "anti-join in chunks": Way(merge.anti_join, CHUNK_ROWS),
    "ON CONFLICT": Way(merge.on_conflict),
}


def measure(bench: Bench) -> Iterator[Timing]:
    """Raises WrongCountError, psycopg2.Error."""
    for name, way in WAYS.items():
        with bench.stack.database("floor") as url:
            with connected(url) as cursor:
                cursor.execute(OWNERS)
            counts.quiet(url)
            took = way.time(url, bench.first)
            counts.check(f"floor, {name}", counts.found(url), counts.expected(bench.files, again=False))
            yield Timing(FIRST, took, bench.files.rows, name)
            counts.settle(url)
            took = way.time(url, bench.again)
            counts.check(f"floor, {name}", counts.found(url), counts.expected(bench.files, again=True))
            yield Timing(AGAIN, took, bench.files.rows, name)
