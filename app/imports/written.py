"""A chunk as COPY reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.imports import held, problems
from app.imports.budget import Budget
from app.imports.chunk import Chunk
from app.imports.staging import Staged, staged


@dataclass(frozen=True, slots=True)
class Written:
    """What it *said* by target, in the order in which one needs the other; what it *held*; its rows' *problems*."""

    said: Mapping[str, Staged]
    held: bytes
    problems: bytes


def write(chunk: Chunk, import_id: UUID, budget: Budget) -> Written:
    """*chunk* as it is. Raises HandOffError where *budget* is used up."""
    kept = held.written(import_id, budget.checked(chunk.held))
    return Written(staged(chunk, budget), kept, problems.written(import_id, budget.checked(chunk.problems)))
