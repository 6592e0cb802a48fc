"""Where the time goes, and what the figures can and cannot show: said under every table."""

from collections.abc import Iterator, Sequence

from loadtest.sizing import stages
from loadtest.sizing.row import Row
from loadtest.sizing.text import count, millis, seconds, whole


def explain(judged: Sequence[Row], rows: Sequence[Row]) -> Iterator[str]:
    """Sentences about the rows of the judged profile, and about all rows."""
    yield from _construction(judged)
    yield from _share(judged)
    yield from _client(judged)
    yield from _own(rows)
    yield from _weakest(judged)


def _construction(rows: Sequence[Row]) -> Iterator[str]:
    if any(row.profile.by_construction and row.time_claim == "within" for row in rows):
        yield (
            f"Profile {rows[0].profile.name} injects the latency that the guide assumes, so its processing times hold "
            "by construction (*) and say nothing of your API. Not circular: the stack's own time, the break-even "
            "latencies, the rate limit."
        )


def _share(rows: Sequence[Row]) -> Iterator[str]:
    """What dominates: the API or the stack; over all sizes, and in seconds for the smallest one measured."""
    split = [(row, row.stage_seconds, row.slowest_seconds) for row in rows if row.profile.calls_api]
    shares = [(row, stages.api_seconds(parts) / took) for row, parts, took in split if parts and took]
    if not shares:
        return
    (small, first), (large, last) = shares[0], shares[-1]
    text = f"OpenPhone is {first:.1%} of the time at {count(small.rows)} rows ({small.source})"
    if large is not small:
        text += f", {last:.1%} at {count(large.rows)} ({large.source})"
    rest = stages.own_seconds(small.stage_seconds or {})
    took = small.slowest_seconds or 0.0
    yield (
        f"{text}. All other stages of {count(small.rows)} rows: {seconds(rest)} of {seconds(took)} ({rest / took:.1%})."
    )


def _client(rows: Sequence[Row]) -> Iterator[str]:
    """How much of `openphone` is the client's own CPU: what a faster client could save."""
    measured = [row for row in rows if row.source == "measured" and row.worst and row.stage_seconds]
    for row in measured[-1:]:
        run, calling = row.worst, (row.stage_seconds or {}).get("openphone", 0.0)
        if run is None or not run.openphone_calls or run.openphone_cpu_seconds is None or not calling:
            return
        cpu, call = run.openphone_cpu_seconds / run.openphone_calls, calling / run.openphone_calls
        injected = (
            f", {millis(run.injected_seconds / run.openphone_calls * 1000)} injected latency"
            if run.injected_seconds is not None
            else ""
        )
        rest = stages.waiting(run) / run.openphone_calls
        yield (
            f"Each of the {count(run.openphone_calls)} calls for {count(row.rows)} rows took {millis(call * 1000)}: "
            f"{millis(cpu * 1000)} of that ({cpu / call:.0%}) is the client's own CPU{injected}, "
            f"{millis(rest * 1000)} HTTP, the mock and waiting for a processor."
        )


def _own(rows: Sequence[Row]) -> Iterator[str]:
    measured = [row for row in rows if row.source == "measured" and row.stage_seconds]
    if not measured:
        return
    row = max(measured, key=lambda row: (not row.profile.calls_api, row.rows))
    own = stages.own_seconds(row.stage_seconds or {})
    if own > 0:
        yield (
            f"The stack's own time is {millis(own / row.rows * 1000)} per row ({count(row.rows)} rows in "
            f"{seconds(own)}, measured under {row.profile.name}), {count(row.rows / own)} rows per second."
        )


def _weakest(rows: Sequence[Row]) -> Iterator[str]:
    known = [row for row in rows if row.break_even_ms_per_row is not None and row.stage_seconds and row.claim]
    if not known:
        return
    row = min(known, key=lambda row: row.break_even_ms_per_row or 0.0)
    api = stages.api_seconds(row.stage_seconds or {}) / row.rows * 1000
    timeout = whole(row.claim.timeout if row.claim else 0)
    yield (
        f"The weakest timeout is {timeout} for {count(row.rows)} rows: with its buffer it holds while OpenPhone takes "
        f"under {millis(row.break_even_ms_per_row or 0.0)} per row; here it took {millis(api)} ({row.source})."
    )
