"""What a run of the yardsticks saw, raw; tables, plots and ratios are pure functions over it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from loadtest.errors import UsageError

VERSION = 1


@dataclass(frozen=True)
class Sample:
    """One import of *rows* rows of a file, or what stands for it. *what*: "first", or "again" with 10% changed rows."""

    kind: str
    yardstick: str
    what: str
    round: int
    rows: int
    seconds: float
    variant: str = ""


@dataclass(frozen=True)
class Missing:
    """A yardstick that gave no sample in a round, and why. *failed*: it was not left out, it went wrong."""

    kind: str
    yardstick: str
    round: int
    reason: str
    failed: bool


@dataclass(frozen=True)
class Recording:
    """A whole run. *rows*: of the file of each kind."""

    machine: Mapping[str, Any]
    settings: Mapping[str, Any]
    rows: Mapping[str, int]
    rounds: int
    samples: tuple[Sample, ...] = ()
    missing: tuple[Missing, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"schema": VERSION, **asdict(self)}


def from_dict(data: Mapping[str, Any]) -> Recording:
    """The recording in plain data, whatever else is there. Raises KeyError, TypeError, ValueError."""
    if data["schema"] != VERSION:
        raise ValueError(f"a recording of version {data['schema']}; this is version {VERSION}")
    return Recording(
        machine=data["machine"],
        settings=data["settings"],
        rows=data["rows"],
        rounds=data["rounds"],
        samples=tuple(Sample(**each) for each in data["samples"]),
        missing=tuple(Missing(**each) for each in data["missing"]),
    )


def load(path: Path) -> Recording:
    """The recording in a JSON file. Raises UsageError naming the file and what is wrong."""
    try:
        return from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{path}: cannot be read as a recording of `bench run`: {error}") from None
