"""The verdict of a run: a pure function of the recording and the guide."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from loadtest.sizing import accounting, row
from loadtest.sizing.accounting import Account
from loadtest.sizing.guide import Guide
from loadtest.sizing.record import Kill, Measurement, Recording
from loadtest.sizing.row import Row
from loadtest.sizing.text import count, whole
from loadtest.sizing.text import seconds as in_seconds

Outcome = Literal["pass", "fail", "inconclusive"]
EXIT_CODES: dict[Outcome, int] = {"pass": 0, "fail": 1, "inconclusive": 3}

# Gunicorn's arbiter looks about once a second, and a worker stuck in C dies a second later (measured: T+1 to T+2 s).
KILL_BAND = 2.0
# PostgreSQL looks every second whether its client is still there; only then is the dead worker's lock free.
FOUND_WITHIN = 2.0


@dataclass(frozen=True)
class KillVerdict:
    """A kill, and what was wrong with it (nothing, where it behaved)."""

    kill: Kill
    in_band: bool
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What the run comes to, and why in words, beside what it was drawn from: all that a report needs."""

    recording: Recording
    guide: Guide
    outcome: Outcome
    reasons: tuple[str, ...]
    rows: tuple[Row, ...]
    kills: tuple[KillVerdict, ...]

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 3 inconclusive."""
        return EXIT_CODES[self.outcome]


def judge(recording: Recording, guide: Guide) -> Verdict:
    """Pass, fail or inconclusive, from the judged profile; what was lost or doubled counts in every profile."""
    rows = tuple(
        row.judge(recording, guide, profile, size) for profile in recording.profiles for size in recording.sizes
    )
    kills = tuple(judge_kill(kill, _calls_api(recording, kill.profile)) for kill in recording.kills)
    failures = (*_too_low(recording, rows), *_unaccounted(recording), *_misbehaved(kills))
    if failures:
        return Verdict(recording, guide, "fail", failures, rows, kills)
    doubts = tuple(_doubts(recording, rows))
    if doubts:
        return Verdict(recording, guide, "inconclusive", doubts, rows, kills)
    return Verdict(recording, guide, "pass", tuple(_passed(recording, rows)), rows, kills)


def in_band(timeout: float, killed_after_seconds: float) -> bool:
    """Whether a kill came in (timeout, timeout + 2 s]."""
    return timeout < killed_after_seconds <= timeout + KILL_BAND


def judge_kill(kill: Kill, calls_api: bool) -> KillVerdict:
    """Whether the worker was killed in time, found interrupted, and its import resumed to the last contact."""
    after = kill.killed_after_seconds
    problems = []
    if after is None:
        problems.append(f"it was not killed at {whole(kill.timeout)}")
    elif not in_band(kill.timeout, after):
        band = f"{whole(kill.timeout)} to {whole(kill.timeout + KILL_BAND)}"
        problems.append(f"killed after {in_seconds(after)}, outside {band}")
    if kill.layer != "gunicorn":
        problems.append(f"ended by {kill.layer or 'nobody knows whom'}, not by gunicorn")
    elif kill.log_line is None:
        problems.append("no line in Gunicorn's log says so")
    if kill.client_saw is None or kill.client_saw.startswith("2"):
        problems.append(f"its client saw {kill.client_saw or 'nothing that was recorded'}")
    found = kill.found_interrupted_after_seconds
    if found is None:
        problems.append("it was never found interrupted")
    elif found > FOUND_WITHIN:
        problems.append(f"found interrupted after {in_seconds(found)} only (at most {whole(FOUND_WITHIN)})")
    account = accounting.of_kill(kill, calls_api)
    uncounted = (*account.problems, *account.unknown)
    problems += [f"after the resume {', '.join(uncounted)}"] if uncounted else []
    return KillVerdict(kill, after is not None and in_band(kill.timeout, after), tuple(problems))


def _too_low(recording: Recording, rows: tuple[Row, ...]) -> Iterator[str]:
    for item in _claimed(recording, rows):
        if item.timeout_verdict == "too_low" and item.claim and not item.too_low_when_busy:
            yield f"{count(item.rows)} rows: {whole(item.claim.timeout)} are too low ({item.source})"


def _claimed(recording: Recording, rows: tuple[Row, ...]) -> list[Row]:
    return [item for item in rows if item.profile.name == recording.judged and item.claim]


def _unaccounted(recording: Recording) -> Iterator[str]:
    for measurement, account in _accounts(recording):
        if account.problems:
            yield f"{count(measurement.rows)} rows under {measurement.profile}: {', '.join(account.problems)}"


def _accounts(recording: Recording) -> Iterator[tuple[Measurement, Account]]:
    """Samples of sizes that are not in the table count as well: what is lost is lost."""
    for measurement in recording.measurements:
        calls_api = _calls_api(recording, measurement.profile)
        runs = [accounting.of_run(run, measurement.rows, calls_api) for run in measurement.runs]
        yield measurement, accounting.total(runs)


def _misbehaved(kills: tuple[KillVerdict, ...]) -> Iterator[str]:
    for item in kills:
        if item.problems:
            yield f"the kill of {count(item.kill.rows)} rows did not behave: {', '.join(item.problems)}"


def _doubts(recording: Recording, rows: tuple[Row, ...]) -> Iterator[str]:
    """Why the run cannot pass although nothing failed: no data is never a pass."""
    if recording.interrupted:
        yield "the run was interrupted"
    claimed = _claimed(recording, rows)
    if not any(item.source == "measured" for item in claimed):
        yield f"no row of profile {recording.judged} ran"
    for item in claimed:
        if item.timeout_verdict == "not_run":
            yield f"{count(item.rows)} rows have no verdict: {item.reason}"
        elif item.too_low_when_busy and item.claim:
            yield (
                f"{count(item.rows)} rows: {whole(item.claim.timeout)} were too low on a busy machine, and would be "
                f"enough on a quiet one (about {in_seconds(item.quiet_seconds or 0.0)}, {item.source}); run this again "
                "with nothing beside it"
            )
    for measurement, account in _accounts(recording):
        if account.unknown:
            yield f"{count(measurement.rows)} rows under {measurement.profile}: {', '.join(account.unknown)}"
    for part in recording.not_run:
        if part.what == "kill":
            yield f"no kill was seen: {part.reason}"


def _passed(recording: Recording, rows: tuple[Row, ...]) -> Iterator[str]:
    judged = _claimed(recording, rows)
    measured = sum(item.source == "measured" for item in judged)
    tight = sum(item.timeout_verdict == "tight" for item in judged)
    predicted = f", {len(judged) - measured} predicted" if len(judged) > measured else ""
    but = f"; {tight} of them tight" if tight else ""
    yield f"no timeout of the guide is too low under profile {recording.judged} ({measured} measured{predicted}{but})"
    for profile in recording.profiles:
        others = [item for item in rows if item.profile == profile and item.claim]
        low = [item for item in others if item.timeout_verdict == "too_low"]
        if low:
            yield f"not judged: under profile {profile.name} {len(low)} of {len(others)} timeouts are too low"


def _calls_api(recording: Recording, name: str) -> bool:
    profile = recording.profile(name)
    return profile is None or profile.calls_api
