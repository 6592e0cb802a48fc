"""A chunk's values in temporary tables, from where they are merged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, text

from app.imports.budget import Budget
from app.imports.chunk import Chunk
from app.imports.copy import as_json, cells, copy, table, texts
from app.imports.kinds.kind import Kind
from app.imports.parsed import CLEAR, Values
from app.imports.targets import TARGETS, Target, create, create_ids
from app.storage.engine import transaction


@dataclass(frozen=True, slots=True)
class Staged:
    """What a chunk says of one target's *things*, so many, as COPY reads it; *clears*: it empties a field of some."""

    records: bytes
    things: int
    clears: bool


def staged(chunk: Chunk, budget: Budget) -> Mapping[str, Staged]:
    """What *chunk* says, by target, in the order in which one needs the other."""
    return {name: _staged(TARGETS[name], chunk, budget) for name in chunk.kind.targets if chunk.count(name)}


def _staged(target: Target, chunk: Chunk, budget: Budget) -> Staged:
    clears = any(CLEAR in said.values() for said in chunk.values.get(target.name, {}).values())
    return Staged(b"".join(budget.checked(tables(target, chunk), every=1)), chunk.count(target.name), clears)


def prepare(connection: Connection, kind: Kind) -> None:
    """Makes the tables that chunks of *kind* are merged by, on this connection."""
    targets = [TARGETS[name] for name in kind.targets]
    with transaction(connection):
        for target in targets:
            connection.execute(text(create(target)))
        for name in {name for target in targets for name in target.others}:
            connection.execute(text(create_ids(TARGETS[name])))


def stage(connection: Connection, target: Target, said: Staged, budget: Budget) -> None:
    """COPYs what is *said* into *target*'s staging table, emptied first."""
    # It empties itself at a commit, but a dry run's chunks are all in one transaction.
    connection.execute(text(f"DELETE FROM {target.staging}"))  # noqa: S608 - our own name
    copy(connection, target.staging, target.columns, said.records, budget=budget)


def tables(target: Target, chunk: Chunk) -> Iterator[bytes]:
    """What *chunk* says of *target*'s things, by the columns of its staging table, as COPY reads it."""
    if lines := chunk.lines.get(target.name):
        yield table(lines)
    yield from texts(_records(target, chunk.values.get(target.name, {}).values()))


def values_of(target: Target, line: str) -> Values:
    """What a *line* for its staging table says; it empties nothing."""
    values: Values = {name: cell for name, cell in zip(target.columns, cells(line), strict=True) if cell}
    if "extra" in values:
        values["extra"] = orjson.loads(values["extra"])
    return values


def _records(target: Target, values: Iterable[Values]) -> Iterator[list[str]]:
    names = tuple(target.staged)
    for said in values:
        record = [said.get(name) or "" for name in names]
        if target.has_extra:
            extra = said.get("extra")
            cleared = ""
            if CLEAR in record:
                cleared = f"{{{','.join(name for name, value in zip(names, record, strict=True) if value == CLEAR)}}}"
                record = ["" if value == CLEAR else value for value in record]
            record += [as_json(extra) if extra else "", cleared]
        yield record
