"""The README's table, from a recording: ``python -m loadtest.report.readme RECORDING README``."""

import re
import sys
from pathlib import Path

from loadtest.report import markdown
from loadtest.sizing import guide, record, verdict

BEGIN = "<!-- sizing table: made by `make docs` -->"
END = "<!-- end of sizing table -->"


def with_table(readme: str, recording: record.Recording) -> str:
    """*readme* with the table of *recording* between its two markers. Raises ValueError where they are missing."""
    table = markdown.table(verdict.judge(recording, guide.load()))
    text, replaced = re.subn(
        f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: f"{BEGIN}\n\n{table}\n\n{END}", readme, flags=re.DOTALL
    )
    if replaced != 1:
        raise ValueError(f"the two lines {BEGIN!r} and {END!r} must be there once, but are there {replaced} times")
    return text


def main(recording: Path, readme: Path) -> None:
    """Rewrites *readme*."""
    readme.write_text(with_table(readme.read_text(encoding="utf-8"), record.load(recording)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
