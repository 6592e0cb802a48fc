"""A peer as a yardstick: in a process of its own, on as many clean contacts as it gets done in a few seconds."""

import csv
import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from benchmarks import counts, peers
from benchmarks.clean import OWNERS, connected
from benchmarks.yardsticks.bench import FIRST, Bench, LeftOutError, Timing
from loadtest.errors import HarnessError

SECONDS_MAX = 600


@dataclass(frozen=True)
class PeerStick:
    """The peer of that name."""

    name: str

    @cached_property
    def _peer(self) -> peers.Peer:
        return peers.find(self.name)

    @property
    def DESCRIPTION(self) -> str:  # noqa: N802 - as modules have it
        """The peer's."""
        return self._peer.DESCRIPTION

    @property
    def LACKS(self) -> tuple[str, ...]:  # noqa: N802
        """The peer's."""
        return tuple(self._peer.LACKS)

    def measure(self, bench: Bench) -> Iterator[Timing]:
        """Raises LeftOutError where it is not installed, WrongCountError, HarnessError."""
        self._require()
        manifest = bench.files.manifest
        rows = min(self._peer.ROWS, manifest.rows)
        # So many clean ones are what that many rows of the file come to.
        contacts = round(rows * manifest.contacts_expected / manifest.rows)
        with tempfile.TemporaryDirectory(prefix="timeoutlab-") as scratch, bench.stack.database(self.name) as url:
            path = Path(scratch) / "contacts.csv"
            path.write_text(_first(bench.first.csv, contacts), encoding="utf-8", newline="")
            must_be = {"contacts": contacts}
            if peers.OTHER_TABLES not in self.LACKS:
                must_be |= {"outbox": contacts, "listed": contacts}
                with connected(url) as cursor:
                    cursor.execute(OWNERS)
            counts.quiet(url)
            took = self._time(url, path)
            counts.check(self.name, counts.found(url), must_be)
        yield Timing(FIRST, took, rows)

    def _require(self) -> None:
        needs = self._peer.REQUIRES
        if shutil.which(needs) is None and find_spec(needs.partition(".")[0]) is None:
            raise LeftOutError(f"not installed: {peers.INSTALL.get(self.name, 'make peers')}")

    def _time(self, url: str, path: Path) -> float:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.peers", self.name, url, str(path)],
            capture_output=True, text=True, errors="replace", timeout=SECONDS_MAX, check=False,
        )  # fmt: skip
        if done.returncode:
            raise HarnessError(f"{self.name}: {(done.stderr.strip().splitlines() or ['it failed'])[-1]}")
        return float(done.stdout.splitlines()[-1])


def _first(whole: bytes, count: int) -> str:
    """The header and the first *count* rows."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(islice(csv.reader(io.StringIO(whole.decode(), newline="")), count + 1))
    return out.getvalue()
