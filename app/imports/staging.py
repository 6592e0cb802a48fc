"""A chunk's values in temporary tables, from where they are merged."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, text

from app.imports.budget import Budget
from app.imports.chunk import Chunk
from app.imports.copy import as_json, copy
from app.imports.parsed import CLEAR, Values
from app.imports.targets import Target, create


def stage(connection: Connection, target: Target, chunk: Chunk, budget: Budget) -> bool:
    """COPYs what *chunk* says into *target*'s staging table, emptied first; whether any of it clears a field."""
    connection.execute(text(create(target)))
    # It empties itself at a commit, but a dry run's chunks are all in one transaction.
    connection.execute(text(f"DELETE FROM {target.staging}"))  # noqa: S608 - our own name
    copy(connection, target.staging, target.columns, budget.checked(records(target, chunk)), budget=budget)
    return any(CLEAR in said.values() for said in chunk.values.get(target.name, {}).values())


def records(target: Target, chunk: Chunk) -> Iterator[Sequence[str | None]]:
    """What *chunk* says of *target*'s things, by the columns of its staging table."""
    for block in chunk.blocks.get(target.name, ()):
        yield from block.records(target.columns)
    yield from _records(target, chunk.values.get(target.name, {}).values())


def _records(target: Target, values: Iterable[Values]) -> Iterator[list[str | None]]:
    names = tuple(target.staged)
    for said in values:
        record: list[str | None] = [said.get(name) for name in names]
        if target.has_extra:
            extra = said.get("extra")
            cleared = None
            if CLEAR in record:
                cleared = f"{{{','.join(name for name, value in zip(names, record, strict=True) if value == CLEAR)}}}"
                record = [None if value == CLEAR else value for value in record]
            record += [as_json(extra) if extra else None, cleared]
        yield record
