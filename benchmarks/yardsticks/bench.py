"""What a yardstick is measured on, and what it gives."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from benchmarks.clean import Clean
from benchmarks.files import Files
from loadtest.errors import HarnessError
from loadtest.stack.trial_stack import TrialStack


class LeftOutError(HarnessError):
    """A yardstick can't be measured here; the message says why."""


FIRST, AGAIN = "first", "again"


@dataclass(frozen=True)
class Bench:
    """A file and its changed version, the clean rows of both, and where databases and trials are made."""

    stack: TrialStack
    files: Files
    first: Clean
    again: Clean


@dataclass(frozen=True)
class Timing:
    """How long the file took, or as many *rows* of it. *what*: FIRST, or AGAIN for its changed version after it.

    *variant*: which of a yardstick's ways it was; only the fastest counts.
    """

    what: str
    seconds: float
    rows: int
    variant: str = ""


class Yardstick(Protocol):
    """A module of this package, or a peer."""

    @property
    def DESCRIPTION(self) -> str:  # noqa: N802 - a constant of the module
        """What it does, for a table."""

    @property
    def LACKS(self) -> tuple[str, ...]:  # noqa: N802
        """What the import does that it does not."""

    def measure(self, bench: Bench) -> Iterator[Timing]:
        """Once. What has been counted wrong is not given out: raises WrongCountError. Raises HarnessError, OSError."""
