"""All that can be measured, by name."""

from collections.abc import Iterable

from benchmarks import peers
from benchmarks.figures import OURS
from benchmarks.yardsticks import floor, heap, limit, timeoutlab
from benchmarks.yardsticks.bench import Yardstick
from benchmarks.yardsticks.peer import PeerStick
from loadtest.errors import UsageError

PEERS: dict[str, Yardstick] = {name: PeerStick(name) for name in peers.NAMES}
YARDSTICKS: dict[str, Yardstick] = {"heap": heap, "limit": limit, "floor": floor, OURS: timeoutlab, **PEERS}
ALL_PEERS = "peers"


def choose(names: Iterable[str]) -> dict[str, Yardstick]:
    """Those of *names*, in the order of YARDSTICKS; "peers" is all peers. Raises UsageError."""
    wanted = {each for name in names for each in (PEERS if name == ALL_PEERS else (name,))}
    unknown = wanted - YARDSTICKS.keys()
    if unknown:
        raise UsageError(
            f"--only: {', '.join(sorted(unknown))} is not known; there are: {', '.join(YARDSTICKS)}, {ALL_PEERS}"
        )
    return {name: stick for name, stick in YARDSTICKS.items() if name in wanted}


def fits(name: str, kind: str) -> bool:
    """Whether it is of any use for files of that kind: no peer takes a row apart into three tables."""
    return name not in PEERS or kind == "contacts"
