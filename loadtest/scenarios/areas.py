"""Number areas, each taken once: uploads from different areas have no phone in common. Nothing here needs Locust."""

import fcntl
from pathlib import Path


class Areas:
    """Counts up from *first*; where *path* is given, from what that file has if it is more, and keeps it there.

    A start that uses the file of an earlier one goes on behind it. Several processes may use it at once. Raises OSError
    where it can't be written, ValueError where it holds no number.
    """

    def __init__(self, first: int, path: Path | None = None) -> None:
        self._next = first
        self._path = path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            with path.open("r+b") as file:
                self._number(file.read())

    def take(self) -> int:
        """The next area; nobody else gets it. Raises OSError, ValueError."""
        if self._path is None:
            area, self._next = self._next, self._next + 1
            return area
        with self._path.open("r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            area = max(self._next, self._number(file.read()))
            file.seek(0)
            # Of one width and in one piece: whoever is killed here leaves the old number or the new one.
            file.write(b"%9d\n" % (area + 1))
        return area

    def _number(self, text: bytes) -> int:
        if not text.strip():
            return 0
        if not text.strip().isdigit():
            found = f"{text[:20]!r} where the next area should be"
            raise ValueError(f"{self._path}: holds {found}; remove it to begin anew")
        return int(text)
