"""What a yardstick is measured on."""

from dataclasses import dataclass

from benchmarks.clean import Clean
from benchmarks.files import Files
from loadtest.stack.trial_stack import TrialStack

FIRST, AGAIN = "first", "again"
Times = dict[str, float]  # FIRST and, where it can import once more, AGAIN -> seconds


@dataclass(frozen=True)
class Bench:
    """A file and its changed version, the clean rows of both, and where databases and trials are made."""

    stack: TrialStack
    files: Files
    first: Clean
    again: Clean
