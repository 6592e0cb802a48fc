"""Tables and plot in the documentation, from a recorded run: ``python -m benchmarks.docs README.md docs/speed.md``."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import markdown, plot, record, table
from benchmarks.record import Recording

RESULTS = Path(__file__).parents[1] / "docs" / "results"
RECORDED, PLOT = RESULTS / "bench.json", RESULTS / "bench.svg"
# Between these lines stands a block of that name.
BEGIN = "<!-- speed {}: made by `make docs` -->"
END = "<!-- end of speed -->"
BLOCK = re.compile(f"{re.escape(BEGIN).replace(re.escape('{}'), '([a-z]+)')}.*?{re.escape(END)}", re.DOTALL)
BLOCKS: dict[str, Callable[[Recording], str]] = {
    "contacts": lambda recording: markdown.table(recording, "contacts"),
    "propertyradar": lambda recording: markdown.table(recording, "propertyradar"),
    "ratios": markdown.goals,
    "run": table.about,
}


def with_blocks(text: str, recording: Recording) -> str:
    """*text* with its blocks made anew. Raises ValueError where it has no marker, KeyError for a block there is not."""
    found, replaced = BLOCK.subn(lambda block: _block(block[1], recording), text)
    if not replaced:
        raise ValueError(f"the two lines {BEGIN.format('NAME')!r} and {END!r} are not there")
    return found


def _block(name: str, recording: Recording) -> str:
    return f"{BEGIN.format(name)}\n\n{BLOCKS[name](recording)}\n\n{END}"


def main(*paths: Path) -> None:
    """Rewrites the files and the plot."""
    recording = record.load(RECORDED)
    for path in paths:
        path.write_text(with_blocks(path.read_text(encoding="utf-8"), recording), encoding="utf-8")
    PLOT.write_text(plot.svg(recording, "contacts"), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
