"""Floor: COPY of the clean rows to staging and a merge, into the same tables with the same outbox entries."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from benchmarks import counts
from benchmarks.clean import IMPORT, Clean, connected, copy
from benchmarks.yardsticks import merge
from benchmarks.yardsticks.bench import AGAIN, FIRST, Bench, Times


@dataclass(frozen=True)
class Floor:
    """*chunk*: rows of a transaction; None: all in one."""

    statements: Callable[[str], list[str]]
    chunk: int | None = None

    def measure(self, bench: Bench) -> Times:
        """Raises WrongCountError, psycopg2.Error."""
        with bench.stack.database("floor") as url:
            with connected(url) as cursor:
                cursor.execute(IMPORT)
            counts.quiet(url)
            first = self._timed(url, bench.first)
            counts.check("floor", counts.found(url), counts.expected(bench.files, again=False))
            counts.settle(url)
            again = self._timed(url, bench.again)
            counts.check("floor", counts.found(url), counts.expected(bench.files, again=True))
        return {FIRST: first, AGAIN: again}

    def _timed(self, url: str, rows: Clean) -> float:
        pieces = {table: self._pieces(said) for table, said in rows.staged.items()}
        with connected(url) as cursor:
            began = perf_counter()
            for table in pieces:
                cursor.execute(merge.create(table))
            while any(pieces.values()):
                for table, rest in pieces.items():
                    if rest:
                        self._merge(cursor, table, rest.pop(0))
                cursor.connection.commit()
            return perf_counter() - began

    def _merge(self, cursor: Any, table: str, rows: bytes) -> None:
        copy(cursor, merge.staging(table), rows)
        for statement in self.statements(table):
            cursor.execute(statement, {"number": 1})

    def _pieces(self, rows: bytes) -> list[bytes]:
        if self.chunk is None:
            return [rows]
        lines = rows.splitlines(keepends=True)
        return [b"".join(lines[at : at + self.chunk]) for at in range(0, len(lines), self.chunk)]
