"""django-import-export as it comes: a look-up and a save() per row."""

from pathlib import Path

from benchmarks.peers.django_model import import_csv

DESCRIPTION = "django-import-export"
LACKS = ("phone validation", "outbox and list", "resume")
ROWS = 1_000
REQUIRES = "import_export"


def load(url: str, path: Path) -> None:
    """Raises ImportError of its own."""
    import_csv(url, path)
