"""Row errors as they are kept."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from sqlalchemy import Connection

from app.imports.copy import NO_NULL, as_json, copy, texts
from app.imports.layout import COLUMNS_MAX
from app.imports.normalise import RowProblem

KEPT_CHARS = 2**18  # of a rejected row's cell, which may hold megabytes
COLUMNS = ("import_id", "row_number", '"column"', "value", "code", "reason", "fix", "cells")


def written(import_id: UUID, problems: Iterable[RowProblem]) -> bytes:
    """*problems* with their rows, as `record` takes them."""
    return b"".join(texts(_record(str(import_id), problem) for problem in problems))


def record(connection: Connection, records: bytes) -> None:
    """Keeps them, in the open transaction."""
    if records:
        copy(connection, "row_errors", COLUMNS, records, NO_NULL)


def _record(import_id: str, problem: RowProblem) -> list[str]:
    return [
        import_id,
        str(problem.number),
        visible(problem.column),
        visible(problem.value),
        problem.code,
        problem.reason,
        problem.fix,
        as_json(problem.cells if _is_small(problem.cells) else [visible(cell) for cell in kept(problem.cells)]),
    ]


def _is_small(cells: Sequence[str]) -> bool:
    """Whether all of them are kept, and can be."""
    together = "".join(cells) if len(cells) <= COLUMNS_MAX else ""
    return 0 < len(together) <= KEPT_CHARS and "\0" not in together


def kept(cells: Sequence[str]) -> Iterator[str]:
    """*cells* as they are, but no more than COLUMNS_MAX; one of more than KEPT_CHARS characters is cut, and says so."""
    for cell in cells[:COLUMNS_MAX]:
        yield cell if len(cell) <= KEPT_CHARS else f"{cell[:KEPT_CHARS]}... (cut)"


def visible(value: str) -> str:
    """*value* with NUL bytes, which PostgreSQL can't hold, shown as U+2400."""
    return value.replace("\0", "\u2400")
