"""A run in lines: one a round, and a summary."""

from collections.abc import Sequence

from loadtest.chaos.plan import What
from loadtest.chaos.record import Happened, Round
from loadtest.chaos.tally import total
from loadtest.chaos.verdict import WORDS, doubts, failings, recoveries

DID: dict[What, str] = {"kill": "worker killed", "flush": "Redis flushed", "restart": "PostgreSQL restarted"}


def line(found: Round) -> str:
    """What was done when, how soon it went on, what was counted, and what is wrong."""
    parts = [_said(each, found) for each in found.happened]
    if found.kill:
        parts.append(_killed(found))
    elif found.answer_seconds is not None:
        parts.append(f"answered {found.answered or 'nothing'} after {found.answer_seconds:.1f} s")
    if found.status:
        parts.append(f"{found.status} after {found.seconds or 0:.1f} s")
    if found.counts:
        parts.append(counted(found))
    wrong = failings(found)
    outcome = "WRONG: " + "; ".join(wrong) if wrong else "; ".join(doubts(found)) or "exact"
    return f"round {found.number}, seed {found.seed}: {'; '.join([*parts, outcome])}"


def counted(found: Round) -> str:
    """The counts of a round."""
    all_of_it = total(found.counts)
    sorts = ("rows", "properties", "contacts", "links", "members", "openphone")
    things = [f"{found.counts[name].found:,} {_NAMES.get(name, name)}" for name in sorts if name in found.counts]
    said = f"{all_of_it.missing:,} missing, {all_of_it.doubled:,} doubled, {all_of_it.extra:,} extra"
    return f"{', '.join(things)}: {said}"


def summary(rounds: Sequence[Round], asked: int, code: int) -> str:
    """The run in a few lines."""
    exact = sum(not failings(each) and not doubts(each) for each in rounds)
    counts = [total(each.counts) for each in rounds if each.counts]
    faults = sum(len(each.happened) + bool(each.kill) for each in rounds)
    times = [seconds for each in rounds for seconds in recoveries(each)]
    found = [each.kill.found_seconds for each in rounds if each.kill and each.kill.found_seconds is not None]
    answers = [each.answer_seconds for each in rounds if each.scenario == "handoff" and each.answer_seconds]
    said = [
        f"{exact} of {asked} rounds exact; {faults} faults; "
        f"{sum(count.missing for count in counts):,} missing, {sum(count.doubled for count in counts):,} doubled, "
        f"{sum(count.extra for count in counts):,} extra"
    ]
    if times:
        said.append(f"went on after {_spread(times)}")
    if found:
        said.append(f"found interrupted {_spread(found, 2)} after the worker's end")
    if answers:
        said.append(f"answered after {_spread(answers)}")
    return "\n".join([*said, f"VERDICT: {WORDS[code].upper()}"])


_NAMES = {"openphone": "in OpenPhone"}


def _said(each: Happened, found: Round) -> str:
    rows = found.counts["rows"].expected if "rows" in found.counts else 0
    contacts = found.counts["synced"].expected if "synced" in found.counts else 0
    if each.fault.phase == "load":
        where = f"{_percent(each.rows_done, rows)} loaded"
    else:
        where = f"{_percent(each.contacts_synced, contacts)} synced"
    went_on = "never went on" if each.recovery_seconds is None else f"went on after {each.recovery_seconds:.1f} s"
    back = "" if each.fault.what == "flush" else f"back after {each.down_seconds:.1f} s, "
    return f"{DID[each.fault.what]} at {each.at_seconds:.1f} s ({where}), {back}{went_on}"


def _killed(found: Round) -> str:
    kill = found.kill
    if kill is None:
        return ""
    where = " inside a query" if kill.stuck else ""
    seen = "never" if kill.found_seconds is None else f"after {kill.found_seconds:.2f} s"
    went_on = "never" if kill.recovery_seconds is None else f"after {kill.recovery_seconds:.1f} s"
    return f"request killed{where}, client saw {found.answered or 'a cut connection'}; found {seen}, went on {went_on}"


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else f"{part:,}"


def _spread(times: Sequence[float], digits: int = 1) -> str:
    middle = sorted(times)[len(times) // 2]
    return f"{min(times):.{digits}f} to {max(times):.{digits}f} s (median {middle:.{digits}f} s)"
