"""Files that a command writes at its end: checked before its work begins."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from loadtest.errors import HarnessError, UsageError


def require_writable(*paths: Path | None) -> None:
    """Raises UsageError for a file that can't be written, or that is named twice. Leaves nothing behind."""
    named = [path for path in paths if path is not None]
    for path in named:
        if named.count(path) > 1:
            raise UsageError(f"{path}: named for two results; give each a file of its own")
        try:
            if path.is_file():
                path.open("a").close()
            elif not path.exists():
                tempfile.TemporaryFile(dir=path.parent).close()
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from error


def save(path: Path | None, write: Callable[[Path], object]) -> None:
    """Calls *write* with the path, if there is one. Raises HarnessError."""
    if path is None:
        return
    try:
        write(path)
    except OSError as error:
        raise HarnessError(f"{path}: could not be written: {error.strerror or error}") from error
