"""``python -m benchmarks.peers NAME URL PATH``: one peer in a process of its own; prints the seconds it took."""

import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.peers import COLUMNS, find


def main(name: str, url: str, path: str) -> None:
    """Once without a row before the clock starts: what it imports is no part of it."""
    peer = find(name)
    with tempfile.TemporaryDirectory(prefix="timeoutlab-") as scratch:
        empty = Path(scratch) / "contacts.csv"
        empty.write_text(f"{','.join(COLUMNS)}\n", encoding="utf-8")
        peer.load(url, empty)
    began = perf_counter()
    peer.load(url, Path(path))
    print(f"{perf_counter() - began:.6f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
