"""What of a file is at the server already, on disk: a client that is killed goes on where it was."""

import json
import secrets
from pathlib import Path

from fixtures.files import replacing
from loadtest.errors import UsageError

SCHEMA = 1


class Journal:
    """The imports that parts have become, by the part's number. Every change is on disk at once, whole or not at all.

    *generation* is part of every Idempotency-Key: an import that is to begin anew must not be given the old answers.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.imports: dict[int, str] = {}
        self.generation = ""

    @classmethod
    def open(cls, path: Path) -> "Journal":
        """The journal at *path*; an empty one where there is none, or none that can be understood."""
        journal = cls(path)
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["schema"] == SCHEMA:
                journal.imports = {int(number): str(import_id) for number, import_id in found["imports"].items()}
                journal.generation = str(found["generation"])
        except FileNotFoundError:
            pass
        except OSError as error:
            raise _unusable(path, error) from error
        except (ValueError, TypeError, KeyError, AttributeError):
            # The server knows each part by its Idempotency-Key: to send them again doubles nothing.
            journal.imports = {}
        return journal

    def remember(self, number: int, import_id: str) -> None:
        """Part *number* has become this import. Raises UsageError where nothing can be written."""
        if self.imports.get(number) != import_id:
            self.imports[number] = import_id
            self._save()

    def forget(self, number: int) -> None:
        """The server knows nothing of part *number*."""
        if self.imports.pop(number, None):
            self._save()

    def restart(self) -> None:
        """Nothing has been sent, and what will be is new to the server."""
        self.imports = {}
        self.generation = secrets.token_hex(8)
        self._save()

    def _save(self) -> None:
        said = {"schema": SCHEMA, "generation": self.generation, "imports": self.imports}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self.path) as part:
                part.write_text(json.dumps(said), encoding="utf-8")
        except OSError as error:
            raise _unusable(self.path, error) from error


def _unusable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"TIMEOUTLAB_HOME: {path} cannot be used: {error.strerror or error}")
