"""What an import is asked to do, the same for each of its parts."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from loadtest.errors import UsageError
from loadtest.scenarios.form import GROUPS

# The words are those of fixtures/kinds.py, which takes its time to load; a test compares the two.
KINDS = ("contacts", "propertyradar", "campaign")
ON_DUPLICATE = ("update", "skip", "fail")
MODES = ("auto", "sync", "async")


@dataclass(frozen=True)
class Options:
    """*group*: the name of the list, or the campaign, that all parts go to. *chunk_rows* None: the file is one part."""

    kind: str
    group: str
    on_duplicate: str = "update"
    mode: str = "auto"
    chunk_rows: int | None = None

    @property
    def goes_to(self) -> str:
        """The form's name for it: ``list`` or ``campaign``."""
        return GROUPS.get(self.kind, "list")

    @property
    def form(self) -> dict[str, str]:
        """The fields of each part's form beside its file."""
        return {
            "kind": self.kind,
            "mode": self.mode,
            "on_duplicate": self.on_duplicate,
            self.goes_to: self.group,
        }

    def key(self, *more: object) -> str:
        """A digest of what is asked and *more*. Not of the mode: a part is the same whichever way it is worked off."""
        said = [self.kind, self.goes_to, self.group, self.on_duplicate, self.chunk_rows, *more]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def group(kind: str, list_name: str | None, campaign: str | None, file: Path) -> str:
    """The name that was given, or the file's without extension. Raises UsageError for the wrong sort of name."""
    given = {"list": list_name, "campaign": campaign}
    wanted = GROUPS.get(kind, "list")
    for sort, name in given.items():
        if name is not None and sort != wanted:
            raise UsageError(f"--{sort}: contacts of kind {kind} go to a {wanted}; use --{wanted}")
    return given[wanted] or file.stem
