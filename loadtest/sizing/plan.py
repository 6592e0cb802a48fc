"""What a run does, in which order, and how long that should take."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from loadtest.sizing import mock_settings
from loadtest.sizing.guide import Guide
from loadtest.sizing.profile import Profile

# Without --full: what fits into a quick run. Larger sizes are predicted from these.
QUICK_ROWS = 5_000
SAMPLE_ROWS = 200  # of a rate-limited profile
KILL_ROWS = 1_000
BELOW_NEED = 3.0  # a kill is provoked this many seconds under what the file needs ...
KILL_TIMEOUT_MIN = 2  # ... but never with a timeout under this

# Only for the time left that is shown, never for a verdict.
SECONDS_OF_THE_STACK = 10.0
SECONDS_TO_START = 3.0
SECONDS_PER_ROW = 1 / 6_000
SECONDS_PER_CALL = 0.004


@dataclass(frozen=True, eq=False)
class Job:
    """One trial: a file of *rows* rows under *profile*; a kill's timeout is known once a measurement is done."""

    what: Literal["measure", "kill"]
    rows: int
    profile: Profile
    timeout: float | None
    repeat: int = 1

    @property
    def title(self) -> str:
        """As it is shown while it runs."""
        name = f"{self.profile.name}, {self.rows:,} rows"
        return f"kill, {name}" if self.what == "kill" else name

    @property
    def seconds(self) -> float:
        """Roughly what it takes."""
        once = SECONDS_TO_START + self.rows * SECONDS_PER_ROW
        if self.profile.calls_api:
            latency = _mean_latency(self.profile) + SECONDS_PER_CALL
            rate = self.profile.rate_per_second
            once += self.rows * max(latency, 1 / rate if rate else 0)
        return once * self.repeat


Lane = tuple[Job, ...]  # one job after the other


@dataclass(frozen=True)
class Plan:
    """Phases one after the other; the lanes of a phase side by side."""

    phases: tuple[tuple[Lane, ...], ...]

    @property
    def seconds(self) -> float:
        """Roughly what it takes, with starting and stopping the stack."""
        return SECONDS_OF_THE_STACK + sum(
            max(sum(job.seconds for job in lane) for lane in lanes) for lanes in self.phases if lanes
        )

    def jobs(self) -> list[Job]:
        """All of them."""
        return [job for lanes in self.phases for lane in lanes for job in lane]


def make(
    guide: Guide, profiles: Sequence[Profile], judged: str, sizes: Sequence[int], *, full: bool, repeat: int
) -> Plan:
    """Waiting for the API costs no CPU, so what waits runs side by side; what computes runs alone, afterwards."""
    waiting: list[Lane] = []
    computing: list[Job] = []
    for profile in profiles:
        if not profile.calls_api:
            computing += [_measure(guide, profile, rows, repeat) for rows in sizes]
            continue
        lanes: list[Lane] = [(_measure(guide, profile, rows, repeat),) for rows in measured(profile, sizes, full=full)]
        if profile.name == judged and not profile.rate_per_second:
            lanes = _with_kill(lanes, profile)
        waiting += lanes
    waiting.sort(key=lambda lane: -sum(job.seconds for job in lane))
    return Plan((tuple(waiting), ((tuple(computing),) if computing else ())))


def measured(profile: Profile, sizes: Sequence[int], *, full: bool) -> list[int]:
    """The sizes that are run for real; a rate-limited profile gets a sample, as its large sizes take hours."""
    if profile.rate_per_second:
        small = [rows for rows in sizes if rows < SAMPLE_ROWS]
        return small if len(small) == len(sizes) else [*small, SAMPLE_ROWS]
    if full or not profile.calls_api:
        return list(sizes)
    return [rows for rows in sizes if rows <= QUICK_ROWS] or [min(QUICK_ROWS, *sizes)]


def _measure(guide: Guide, profile: Profile, rows: int, repeat: int) -> Job:
    claim = guide.claim_for(rows)
    last = guide.claims[-1]
    # Beyond the guide's last line there is no claim to test; in proportion, such a file is at least not cut short.
    timeout = claim.timeout if claim else math.ceil(last.timeout / last.rows * rows)
    return Job("measure", rows, profile, timeout, repeat)


def _mean_latency(profile: Profile) -> float:
    latency = mock_settings.understood(profile.mock).latency
    rng = random.Random(1)  # noqa: S311 - the same estimate every time
    return sum(latency.draw(rng) for _ in range(100)) / 100


def _with_kill(lanes: list[Lane], profile: Profile) -> list[Lane]:
    """The kill follows the smallest size that takes long enough, whose time tells what timeout is too short."""
    *_, largest = lanes = sorted(lanes, key=lambda lane: lane[0].rows)
    chosen = next((lane for lane in lanes if _enough(lane[0])), largest)
    shorter = Job("kill", min(KILL_ROWS, chosen[0].rows), profile, None)
    kill = shorter if _enough(shorter) else Job("kill", chosen[0].rows, profile, None)
    return [(*lane, kill) if lane is chosen else lane for lane in lanes]


def _enough(job: Job) -> bool:
    # With as much again to spare, as an estimate is all there is yet.
    return job.seconds / job.repeat - SECONDS_TO_START >= KILL_TIMEOUT_MIN + BELOW_NEED
