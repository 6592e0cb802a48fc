"""Every row accounted for: manifest = database = the mock's store. The manifest is right by definition."""

from collections.abc import Iterator
from dataclasses import dataclass

from loadtest.sizing import holdings
from loadtest.sizing.record import Kill, Run
from loadtest.sizing.text import count


@dataclass(frozen=True)
class Account:
    """What was lost and doubled; each difference in words; and what nobody counted (no data is never a pass)."""

    lost: int = 0
    duplicated: int = 0
    problems: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def of_run(run: Run, rows: int, calls_api: bool) -> Account:
    """A completed run against its manifest (`rows` data rows). A run that did not complete has nothing to show yet."""
    if run.outcome != "completed":
        return _contacts(0, run.lost, run.duplicated, {}, [])
    problems = []
    if run.rows_total is not None and run.rows_total != rows:
        problems.append(f"the app read {count(run.rows_total)} of {count(rows)} rows")
    if None not in (run.rows_invalid, run.rows_rejected) and run.rows_invalid != run.rows_rejected:
        problems.append(f"the app rejected {run.rows_rejected} rows, the manifest has {run.rows_invalid} invalid ones")
    held = {"the database": run.contacts_db} | ({"OpenPhone's store": run.contacts_openphone} if calls_api else {})
    contacts = _contacts(run.contacts_expected, run.lost, run.duplicated, held, problems)
    return total([contacts, *_others(holdings.of_run(run))])


def of_kill(kill: Kill, calls_api: bool) -> Account:
    """A killed import after its resume. That a count is missing means that the resume came to nothing."""
    held = {"the database": kill.contacts_after_resume}
    if calls_api:
        held["OpenPhone's store"] = kill.contacts_openphone_after_resume
    contacts = _contacts(kill.contacts_expected, kill.lost, kill.duplicated, held, [])
    return total([contacts, *_others(holdings.of_kill(kill))])


def _others(pairs: dict[str, tuple[int | None, int | None]]) -> Iterator[Account]:
    """Properties, links and members: the database's keys keep them apart, so that counting them is enough."""
    for name, (expected, found) in pairs.items():
        if expected is None:
            yield Account(unknown=(f"the manifest's {name} are not known",))
        elif found is None:
            yield Account(unknown=(f"the {name} in the database were not counted",))
        elif found != expected:
            difference = f"the database has {count(found)} {name}, the manifest {count(expected)}"
            yield Account(max(0, expected - found), max(0, found - expected), (difference,))


def _contacts(
    expected: int | None, lost: int | None, duplicated: int | None, held: dict[str, int | None], problems: list[str]
) -> Account:
    unknown = [f"the contacts in {where} were not counted" for where, contacts in held.items() if contacts is None]
    if expected is None:
        return Account(lost or 0, duplicated or 0, tuple(problems), ("the manifest's contacts are not known", *unknown))
    for where, contacts in held.items():
        if contacts is not None and contacts != expected:
            problems.append(f"{where} has {count(contacts)} contacts, the manifest {count(expected)}")
    # Counts that agree can hide one contact lost and another doubled, so a comparison contact by contact also counts.
    known = [contacts for contacts in held.values() if contacts is not None]
    lost = max([lost or 0, *(expected - contacts for contacts in known)])
    duplicated = max([duplicated or 0, *(contacts - expected for contacts in known)])
    if lost:
        problems.append(f"{count(lost)} lost")
    if duplicated:
        problems.append(f"{count(duplicated)} doubled")
    return Account(lost, duplicated, tuple(problems), tuple(unknown))


def total(accounts: list[Account]) -> Account:
    """Several of them taken together; the same words are said once."""
    return Account(
        sum(account.lost for account in accounts),
        sum(account.duplicated for account in accounts),
        tuple(dict.fromkeys(problem for account in accounts for problem in account.problems)),
        tuple(dict.fromkeys(unknown for account in accounts for unknown in account.unknown)),
    )
