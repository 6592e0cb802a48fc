"""How much sooner an import's contacts are told by several calls at once."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from statistics import median

import requests

from benchmarks.counts import WrongCountError
from fixtures.phones import national
from loadtest.stack.base import Trial
from loadtest.stack.local import LocalStack
from loadtest.stack.openphone import get_account

ENV = {
    "IMPORT_WORKER": "off",
    "OPENPHONE_SYNC": "inline",
    "OPENPHONE_RATE_PER_SECOND": "0",
    "GUNICORN_TIMEOUT": "600",
    "GUNICORN_WORKERS": "1",
}


@dataclass(frozen=True)
class Rate:
    """Medians of all rounds. *ratio*: to the first concurrency's of the same round."""

    concurrency: int
    contacts_per_second: float
    ratio: float
    most_at_once: int


def measure_rates(
    stack: LocalStack, concurrencies: Sequence[int], rounds: int, contacts: int, latency_ms: float
) -> list[Rate]:
    """Inline imports in turns, in a web of its own for each concurrency. Raises WrongCountError."""
    profile = {"latency": {"kind": "fixed", "ms": latency_ms}, "limit": {"per_second": 0}}
    phones = (f"+1{national(number)}" for number in count())
    found: dict[int, list[float]] = {number: [] for number in concurrencies}
    with ExitStack() as opened:
        trials = {
            number: opened.enter_context(
                stack.trial(f"calls-{number}", {**ENV, "OPENPHONE_CONCURRENCY": str(number)}, profile)
            )
            for number in concurrencies
        }
        for _ in range(rounds):
            for number, trial in trials.items():
                found[number].append(_rate(trial, [next(phones) for _ in range(contacts)]))
        most = {number: _most_at_once(stack, trial, rounds * contacts) for number, trial in trials.items()}
    first = found[concurrencies[0]]
    return [
        Rate(number, median(rates), median(a / b for a, b in zip(rates, first, strict=True)), most[number])
        for number, rates in found.items()
    ]


def _rate(trial: Trial, phones: Sequence[str]) -> float:
    """Contacts per second of the time that the import spent on telling."""
    answer = requests.post(
        f"{trial.url}/api/imports",
        headers={"Authorization": f"Bearer {trial.api_key}"},
        files={"file": "phone,first_name\n" + "".join(f"{phone},Ada\n" for phone in phones)},
        data={"kind": "contacts", "mode": "sync"},
        timeout=600,
    )
    answer.raise_for_status()
    report = answer.json()
    if report["contacts_synced"] != len(phones):
        raise WrongCountError(f"{report['contacts_synced']} contacts told instead of {len(phones)}")
    return len(phones) / float(report["stage_seconds"]["openphone"])


def _most_at_once(stack: LocalStack, trial: Trial, contacts: int) -> int:
    counters = get_account(stack.url("openphone"), trial.openphone_key, "counters")
    if not counters["requests"] == counters["created"] == contacts:
        raise WrongCountError(f"the mock has {counters['created']} contacts of {counters['requests']} calls")
    return int(counters["peak_in_flight"])


def lines(rates: Sequence[Rate], latency_ms: float, say: Callable[[str], object]) -> None:
    """Says them, one a line."""
    for rate in rates:
        say(
            f"OPENPHONE_CONCURRENCY={rate.concurrency}, {latency_ms:g} ms a call: {rate.contacts_per_second:.0f} "
            f"contacts/s, {rate.ratio:.1f} times as many, at most {rate.most_at_once} calls at once"
        )
