"""How much of OpenPhone's rate limit the background outbox uses, and whether it draws a 429.

``python -m benchmarks outbox-rate``.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
import requests

import config
from fixtures.phones import national
from loadtest.stack.local import LocalStack
from loadtest.stack.openphone import get_account

LEAST_SHARE = 0.98
SETTLED_CALLS = 20  # before them not every process has begun
SPARE_SECONDS = 30  # more contacts than can be told in the time
START_SECONDS = 120


@dataclass(frozen=True)
class Found:
    """What came of a run. *share* is of the limit."""

    share: float
    refused: int

    @property
    def passed(self) -> bool:
        """Whether the claim holds."""
        return self.share >= LEAST_SHARE and not self.refused


def measure(stack: LocalStack, seconds: float, rate: int, processes: int, profile: Mapping[str, Any]) -> Found:
    """Imports enough contacts, then counts the mock's requests for *seconds*."""
    env = {
        "IMPORT_WORKER": "on",
        "OPENPHONE_SYNC": "background",
        "OPENPHONE_RATE_PER_SECOND": str(rate),
        "WORKER_PROCESSES": str(processes),
        "GUNICORN_WORKERS": "2",
    }
    rows = "".join(f"+1{national(number)},Ada\n" for number in range(int((seconds + SPARE_SECONDS) * rate)))
    limited = {**profile, "limit": {"per_second": rate}}
    with stack.trial("outbox-rate", env, limited, worker=True) as trial:
        requests.post(
            f"{trial.url}/api/imports",
            headers={"Authorization": f"Bearer {trial.api_key}"},
            files={"file": f"phone,first_name\n{rows}"},
            data={"kind": "contacts"},
            timeout=300,
        ).raise_for_status()

        def counted() -> tuple[int, int]:
            counters = get_account(stack.url("openphone"), trial.openphone_key, "counters")
            return counters["requests"], counters["rate_limited"]

        give_up = time.monotonic() + START_SECONDS
        while counted()[0] < SETTLED_CALLS and time.monotonic() < give_up:
            time.sleep(0.1)
        began, (before, _) = time.monotonic(), counted()
        time.sleep(seconds)
        (after, refused), took = counted(), time.monotonic() - began
    return Found((after - before) / took / rate, refused)


@click.command()
@click.option("--seconds", type=click.FloatRange(1), default=120.0, show_default=True, help="How long it is measured.")
@click.option("--rate", type=click.IntRange(1), default=10, show_default=True, help="The limit, requests per second.")
@click.option("--processes", type=click.IntRange(1, 64), default=4, show_default=True, help="How many drain at once.")
@click.option("--latency-ms", type=click.FloatRange(0), default=100.0, show_default=True, help="Of each call.")
@click.option("--seed", type=int, default=7, show_default=True, help="Of the mock: shifts its windows.")
def main(seconds: float, rate: int, processes: int, latency_ms: float, seed: int) -> None:
    """How much of OpenPhone's rate limit the background outbox uses, and whether it draws a 429.

    A stack of its own, with a mock whose windows are out of phase with every clock here.

    \b
    python -m benchmarks outbox-rate --seconds 30    a first look

    Exit code 1: less than 98% of the limit is used, or a single 429 comes.
    """
    profile = {"latency": {"kind": "fixed", "ms": latency_ms}, "seed": seed}
    with LocalStack(config.load_harness_settings().home) as stack:
        stack.start(web=False)
        found = measure(stack, seconds, rate, processes, profile)
    print(
        f"{found.share:.2%} of {rate} requests/s used over {seconds:g} s by {processes} processes, {found.refused} 429s"
    )
    sys.exit(0 if found.passed else 1)


if __name__ == "__main__":
    main()
