"""Whether this process has been asked to stop: whoever works on an import then saves and gives it back."""

from collections.abc import Callable
from multiprocessing import Value

# Shared with the processes that Celery forks: only their parent gets the signal.
_asked = Value("b", 0, lock=False)
_sources: list[Callable[[], bool]] = []


def ask() -> None:
    """Of this process, and of all that it forks or has forked."""
    _asked.value = 1


def watch(source: Callable[[], bool]) -> None:
    """From now on *source* alone is asked, too: gunicorn's worker knows for itself."""
    _sources[:] = [source]


def requested() -> bool:
    """Whether it is time to save and give back."""
    return bool(_asked.value) or any(source() for source in _sources)
