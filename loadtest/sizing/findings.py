"""What the figures mean, in sentences that a developer can act on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from loadtest.sizing import busy, explanations
from loadtest.sizing.guide import Guide
from loadtest.sizing.row import Row
from loadtest.sizing.text import count, listed, millis, seconds, span, whole
from loadtest.sizing.verdict import Verdict


@dataclass(frozen=True)
class Finding:
    """A sentence or two. "fail" makes the run fail, "warning" wants a change, "info" explains."""

    severity: Literal["fail", "warning", "info"]
    text: str


def find(verdict: Verdict) -> tuple[Finding, ...]:
    """All findings in the order of what to do about them: the timeouts, the rate limit, the guide, the time."""
    guide = verdict.guide
    judged = [row for row in verdict.rows if row.profile.name == verdict.recording.judged]
    return (
        *_timeouts(judged, guide),
        *_times(judged),
        *_busy(judged),
        *_limits(verdict),
        *_others(verdict),
        *(Finding("warning", f"The guide contradicts itself: {found.text}") for found in guide.contradictions()),
        *(Finding("info", text) for text in explanations.explain(judged, verdict.rows)),
    )


def _busy(rows: list[Row]) -> Iterator[Finding]:
    """What is neither latency nor the client's own work is waiting for a processor: the machine's, not the file's."""
    waits = {}
    for row in rows:
        run = row.worst
        wait = busy.waited(run, row.profile) if run else 0.0
        if run is not None and run.openphone_calls and wait:
            waits[row.rows] = (wait / run.openphone_calls, wait / (run.stage_seconds or {})["openphone"])
    if waits:
        rows_, (wait, share) = max(waits.items(), key=lambda item: item[1][1])
        yield Finding(
            "warning",
            f"The machine was busy: {millis(wait * 1000)} of each call for {count(rows_)} rows ({share:.0%}) is "
            "neither latency nor the client's own CPU. Its times are too long by that; run this again with nothing "
            "beside it.",
        )


def _timeouts(rows: list[Row], guide: Guide) -> Iterator[Finding]:
    low = [row for row in rows if row.timeout_verdict == "too_low" and row.claim and not row.too_low_when_busy]
    busy_only = [row for row in rows if row.too_low_when_busy]
    tight = [row for row in rows if row.timeout_verdict == "tight" and row.claim]
    if busy_only:
        times = listed([f"about {seconds(row.quiet_seconds or 0.0)}" for row in busy_only])
        yield Finding(
            "warning",
            f"Too low on a busy machine: {_each(busy_only)}. Without what that added {times}, in time: run this again "
            "with nothing beside it.",
        )
    if low:
        yield Finding("fail", f"Too low: {_each(low)}. {_set(low, guide)}")
    if tight:
        buffer = f"{guide.rules.buffer - 1:.0%}"
        yield Finding("warning", f"In time, but without the {buffer} buffer: {_each(tight)}. {_set(tight, guide)}")


def _each(rows: list[Row]) -> str:
    return listed([_figure(row) for row in rows])


def _figure(row: Row) -> str:
    how = "killed after" if row.killed else f"{row.source}"
    slowest = f", slowest of {len(row.seconds)}" if len(row.seconds) > 1 else ""
    timeout = whole(row.claim.timeout if row.claim else 0)
    return f"{count(row.rows)} rows ({how} {seconds(row.slowest_seconds or 0.0)}{slowest}, timeout {timeout})"


def _took(row: Row) -> str:
    return f"{'over ' if row.killed else ''}{seconds(row.slowest_seconds or 0.0)}"


def _set(rows: list[Row], guide: Guide) -> str:
    timeouts = [f"{whole(row.recommended_timeout)}" for row in rows if row.recommended_timeout]
    advice = f"Set {listed(timeouts)}" if timeouts else "How much is enough is not known: run a smaller size too"
    limit = guide.rules.background_over_rows
    job = "import in a background job"
    if all(row.rows > limit for row in rows):
        return f"{advice}, or {job}, as the guide itself asks for over {count(limit)} rows."
    return f"{advice}, or {job}."


def _times(rows: list[Row]) -> Iterator[Finding]:
    slower = [row for row in rows if row.time_claim == "slower" and row.claim and row.claim.seconds]
    if slower:
        each = [
            f"{count(row.rows)} rows {_took(row)}, not {span(*row.claim.seconds)}"
            for row in slower
            if row.claim and row.claim.seconds
        ]
        yield Finding("warning", f"Slower than the guide says: {listed(each)}.")


def _limits(verdict: Verdict) -> Iterator[Finding]:
    """What a rate limit makes of the table, for every profile that has one."""
    for profile in verdict.recording.profiles:
        rows = [row for row in verdict.rows if row.profile == profile and row.slowest_seconds and row.claim]
        if not profile.rate_per_second or not rows:
            continue
        low = [row for row in rows if row.timeout_verdict == "too_low" and row.claim]
        source = f"; source: {profile.limit_source}" if profile.limit_source else ""
        limit = f"At {profile.rate_per_second:g} requests per second (profile {profile.name}{source})"
        if not low:
            yield Finding("info", f"{limit} no timeout of the guide is too low.")
            continue
        which = "every timeout is too low" if len(low) == len(rows) else _from(rows, low)
        needs = [
            f"{count(row.rows)} rows take {_took(row)} ({row.source}; the guide sets {whole(row.claim.timeout)})"
            for row in (low if len(low) < 3 else (low[0], low[-1]))
            if row.claim
        ]
        yield Finding("warning", f"{limit} {which}: {listed(needs)}. {_fits(rows, verdict.guide)}")


def _from(rows: list[Row], low: list[Row]) -> str:
    if rows[-len(low) :] == low:
        return f"every timeout from {count(low[0].rows)} rows on is too low"
    return f"the timeouts of {listed([count(row.rows) for row in low])} rows are too low"


def _fits(rows: list[Row], guide: Guide) -> str:
    """How much fits into the default timeout, from the largest row whose time is known (a killed one's is not)."""
    advice = "Sync with OpenPhone outside of the request: no sensible timeout makes up for the limit."
    # Less than a millisecond is no time of an import; nothing can be divided by it.
    timed = [(row.slowest_seconds or 0.0, row.rows) for row in rows if row.stage_seconds]
    per_row = [seconds / number for seconds, number in timed if seconds >= 0.001]
    if not per_row:
        return advice
    fit = guide.defaults.timeout / guide.rules.buffer / per_row[-1]
    fit = fit // 100 * 100 or fit // 1
    return f"The default of {whole(guide.defaults.timeout)} is enough for about {count(fit)} rows. {advice}"


def _others(verdict: Verdict) -> Iterator[Finding]:
    for profile in verdict.recording.profiles:
        if profile.name == verdict.recording.judged:
            continue
        rows = [row for row in verdict.rows if row.profile == profile]
        failed = [row for row in rows if row.worst and row.worst.outcome == "failed"]
        for row in failed:
            yield Finding("warning", f"{count(row.rows)} rows under {profile.name}: {row.reason}.")
        low = [row for row in rows if row.timeout_verdict == "too_low"]
        if low and not profile.rate_per_second:
            yield Finding("warning", f"Under {profile.name} ({profile.summary}) too low: {_each(low)}.")
