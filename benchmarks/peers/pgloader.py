"""pgloader, a program of its own that COPYs in batches."""

import subprocess
from pathlib import Path

from benchmarks.peers import COLUMNS

DESCRIPTION = "pgloader"
LACKS = ("validation", "duplicates", "update", "outbox and list", "resume")
ROWS = 50_000
REQUIRES = "pgloader"
COMMAND = """
LOAD CSV FROM '{path}' ({columns}) INTO {url} TARGET TABLE contacts ({columns})
WITH skip header = 1, fields optionally enclosed by '"', fields escaped by double-quote, fields terminated by ',';
"""


def load(url: str, path: Path) -> None:
    """Raises subprocess.CalledProcessError."""
    script = path.with_suffix(".load")
    script.write_text(COMMAND.format(path=path, url=url, columns=", ".join(COLUMNS)), encoding="utf-8")
    subprocess.run(["pgloader", "--quiet", str(script)], check=True, stdout=subprocess.DEVNULL)
