"""Tables in the documentation, from recordings: ``python -m loadtest.report.readme README.md docs/sizing.md``."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from loadtest.report import markdown
from loadtest.sizing import guide, record, verdict

RESULTS = Path(__file__).parents[2] / "docs" / "results"
# Between these lines stands the table of docs/results/NAME.json.
BEGIN = "<!-- sizing table {}: made by `make docs` -->"
END = "<!-- end of sizing table -->"
BLOCK = re.compile(f"{re.escape(BEGIN).replace(re.escape('{}'), '([a-z-]+)')}.*?{re.escape(END)}", re.DOTALL)


def recorded(name: str) -> record.Recording:
    """What docs/results has under *name*. Raises UsageError where there is nothing."""
    return record.load(RESULTS / f"{name}.json")


def with_tables(text: str, find: Callable[[str], record.Recording] = recorded) -> str:
    """*text* with the tables of the recordings that its markers name. Raises ValueError where it has no marker."""
    found, replaced = BLOCK.subn(lambda block: _block(block[1], find(block[1])), text)
    if not replaced:
        raise ValueError(f"the two lines {BEGIN.format('NAME')!r} and {END!r} are not there")
    return found


def _block(name: str, recording: record.Recording) -> str:
    return f"{BEGIN.format(name)}\n\n{markdown.table(verdict.judge(recording, guide.load()))}\n\n{END}"


def main(*paths: Path) -> None:
    """Rewrites the files."""
    for path in paths:
        path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
