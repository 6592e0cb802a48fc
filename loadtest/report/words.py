"""What terminal and Markdown say in the same words."""

from collections.abc import Iterator

from loadtest.sizing.holdings import of_kill
from loadtest.sizing.row import Row
from loadtest.sizing.text import count, seconds, span, whole
from loadtest.sizing.verdict import KillVerdict, Outcome, Verdict

NOTHING = "-"
VERDICTS = {"holds": "HOLDS", "tight": "TIGHT", "too_low": "TOO LOW", "not_run": "NOT RUN"}
MEANING: dict[Outcome, str] = {
    "pass": "the judged profile falsified no timeout, everything is accounted for",
    "fail": "a timeout is too low, data is lost or doubled, or a kill did not behave",
    "inconclusive": "what was measured is not enough for a verdict",
}


def kind(verdict: Verdict) -> str:
    """Which CSV was imported, where it is not a contact list; empty where it is."""
    name = verdict.recording.kind
    if name == "contacts":
        return ""
    shares = [
        row.worst.contacts_expected / row.rows for row in verdict.rows if row.worst and row.worst.contacts_expected
    ]
    also = f", {shares[-1]:.2f} contacts a row" if shares else ""
    return f"Imported: CSV files of kind {name}{also}."


def guide_says(row: Row) -> str:
    """The guide's processing time."""
    return span(*row.claim.seconds) if row.claim and row.claim.seconds else NOTHING


def took(row: Row) -> str:
    """The slowest time; for a killed import there is only what it outlasted."""
    if row.slowest_seconds is None:
        return NOTHING
    return f"{'> ' if row.killed else ''}{seconds(row.slowest_seconds)}"


def figure(row: Row) -> str:
    """The slowest time with where it comes from, and of how many runs."""
    if row.source is None:
        return NOTHING
    return f"{took(row)} ({row.source}{f', n={len(row.seconds)}' if row.seconds else ''})"


def time_claim(row: Row) -> str:
    """Within, faster or slower; a star where that holds by construction."""
    star = row.profile.by_construction and row.time_claim == "within"
    return f"{row.time_claim or NOTHING}{'*' if star else ''}"


def timeout(row: Row) -> str:
    """The guide's timeout."""
    return whole(row.claim.timeout) if row.claim else NOTHING


def timeout_verdict(row: Row) -> str:
    """The verdict in capitals; an exclamation mark where rows are missing or doubled."""
    if row.claim is None:
        return NOTHING
    return VERDICTS[row.timeout_verdict] + (" !" if row.account.problems else "")


def set_instead(row: Row) -> str:
    """Keep, or the timeout that has the buffer."""
    if row.timeout_verdict == "holds":
        return "keep"
    return whole(row.recommended_timeout) if row.recommended_timeout else NOTHING


def break_even(row: Row) -> str:
    """The API's time per row at which the timeout stops holding."""
    return NOTHING if row.break_even_ms_per_row is None else f"{row.break_even_ms_per_row:.1f} ms/row"


def notes(rows: list[Row]) -> Iterator[str]:
    """What has to be said of single rows under their table."""
    for row in rows:
        said = [*row.account.problems, *row.account.unknown, *([row.reason] if row.reason else [])]
        if said:
            yield f"{count(row.rows)} rows: {'; '.join(said)}."
    predicted = [row for row in rows if row.predicted_from]
    for row in predicted[-1:]:
        yield f"{count(row.rows)} rows predicted from: {row.predicted_from}."


def legend(verdict: Verdict) -> str:
    """How to read the table."""
    buffer = verdict.guide.rules.buffer
    marks = []
    if any(time_claim(row).endswith("*") for row in verdict.rows):
        marks.append(" * by construction: the profile injects what the guide assumes.")
    if any(row.account.problems for row in verdict.rows):
        marks.append(" ! not everything is accounted for.")
    return (
        f"HOLDS: with {buffer - 1:.0%} to spare. TIGHT: in time, but without that. TOO LOW: killed, or it would be. "
        f"Set instead: slowest time x {buffer:g}, rounded up to 5 s. Holds up to: the OpenPhone time per row at which "
        f"the timeout stops holding.{''.join(marks)}"
    )


def kill(item: KillVerdict) -> str:
    """A kill in a sentence."""
    it = item.kill
    after = "not killed" if it.killed_after_seconds is None else f"killed after {it.killed_after_seconds:.2f} s"
    by = f" by {it.layer}" if it.layer else ""
    found = it.found_interrupted_after_seconds
    seen = "never found interrupted" if found is None else f"found interrupted {found:.2f} s later"
    others = [f", {_number(found, NOTHING)} of {_number(all_)} {name}" for name, (all_, found) in of_kill(it).items()]
    text = (
        f"{count(it.rows)} rows under a timeout of {whole(it.timeout)}: {after}{by}, the client saw "
        f"{it.client_saw or 'nothing'}, {seen}; after the resume "
        f"{_number(it.contacts_after_resume, NOTHING)} of {count(it.contacts_expected)} contacts, "
        f"{_number(it.lost)} lost, {_number(it.duplicated)} doubled{''.join(others)}."
    )
    return f"{text} Wrong: {'; '.join(item.problems)}." if item.problems else text


def _number(value: int | None, unknown: str = "not known how many") -> str:
    return unknown if value is None else count(value)


def machine(verdict: Verdict) -> str:
    """Stack and machine in a line."""
    parts = [f"stack {verdict.recording.stack}"]
    known = verdict.recording.machine | verdict.recording.settings
    parts += [f"{key} {value}" for key, value in known.items() if value not in (None, False, "")]
    return ", ".join(parts)
