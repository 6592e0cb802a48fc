"""What a run does, in which order, and how long that should take."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    contacts_per_row: float = 1.0

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
            share = self.profile.latency_share(self.contacts_per_row)
            call = _mean_latency(self.profile) / share + SECONDS_PER_CALL
            rate = self.profile.rate_per_second
            once += self.rows * self.contacts_per_row * max(call, 1 / rate if rate else 0)
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
    guide: Guide,
    profiles: Sequence[Profile],
    judged: str,
    sizes: Sequence[int],
    *,
    full: bool,
    repeat: int,
    contacts_per_row: float = 1.0,
) -> Plan:
    """Waiting for the API costs no CPU, so what waits runs side by side; what computes runs alone, afterwards.

    `contacts_per_row`: as a manifest of the run's kind has it.
    """

    def measure(profile: Profile, rows: int) -> Job:
        return Job("measure", rows, profile, _timeout(guide, rows), repeat, contacts_per_row)

    waiting: list[Lane] = []
    computing: list[Job] = []
    for profile in profiles:
        if not profile.calls_api:
            computing += [measure(profile, rows) for rows in sizes]
            continue
        lanes: list[Lane] = [(measure(profile, rows),) for rows in measured(profile, sizes, full=full)]
        if profile.name == judged and not profile.rate_per_second:
            lanes = _with_kill(lanes)
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


def _timeout(guide: Guide, rows: int) -> float:
    claim = guide.claim_for(rows)
    last = guide.claims[-1]
    # Beyond the guide's last line there is no claim to test; in proportion, such a file is at least not cut short.
    return claim.timeout if claim else math.ceil(last.timeout / last.rows * rows)


def _mean_latency(profile: Profile) -> float:
    latency = mock_settings.understood(profile.mock).latency
    rng = random.Random(1)  # noqa: S311 - the same estimate every time
    return sum(latency.draw(rng) for _ in range(100)) / 100


def _with_kill(lanes: list[Lane]) -> list[Lane]:
    """The kill follows the smallest size that takes long enough, whose time tells what timeout is too short."""
    *_, largest = lanes = sorted(lanes, key=lambda lane: lane[0].rows)
    chosen = next((lane for lane in lanes if _enough(lane[0])), largest)
    kill = replace(chosen[0], what="kill", timeout=None, repeat=1)
    shorter = replace(kill, rows=min(KILL_ROWS, kill.rows))
    kill = shorter if _enough(shorter) else kill
    return [(*lane, kill) if lane is chosen else lane for lane in lanes]


def _enough(job: Job) -> bool:
    # With as much again to spare, as an estimate is all there is yet.
    return job.seconds / job.repeat - SECONDS_TO_START >= KILL_TIMEOUT_MIN + BELOW_NEED
