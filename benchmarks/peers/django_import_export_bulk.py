"""django-import-export as its documentation tunes it: bulk mode, no differences, no look-ups."""

from pathlib import Path

from benchmarks.peers.django_model import import_csv

DESCRIPTION = "django-import-export, use_bulk and tuned"
LACKS = ("validation", "duplicates", "update", "outbox and list", "resume")
ROWS = 10_000
REQUIRES = "import_export"
TUNED = {"use_bulk": True, "batch_size": 1_000, "skip_diff": True, "skip_html_diff": True, "force_init_instance": True}


def load(url: str, path: Path) -> None:
    """Raises ImportError of its own."""
    import_csv(url, path, **TUNED)
