"""What a call to OpenPhone takes of this machine, beside the same call by plain requests; and calls side by side.

``python -m benchmarks openphone-calls``.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import click
import requests

import config
from app.openphone.client import CONNECT_SECONDS, Client
from app.openphone.contacts import SOURCE, payload
from app.openphone.throttle import Unlimited
from app.stages import StageClock
from benchmarks.side_by_side import lines, measure_rates
from loadtest.stack.local import LocalStack
from loadtest.stack.openphone import delete_account, get_account, put_account

GOAL = 0.7  # of the CPU time of plain requests, at most
CONCURRENCIES = (1, 4, 8)
TIMEOUT = 30
CONTACT = {
    **{"phone": "+14045550123", "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com"},
    **{"company": "Analytical Engines", "title": "Dr"},
}


@dataclass(frozen=True)
class Cpu:
    """Medians of all rounds: microseconds of CPU for a call, and the ratio of a round's two."""

    ours_us: float
    plain_us: float
    ratio: float
    calls: int
    created: int

    @property
    def passed(self) -> bool:
        """Whether every call came to a contact, and the goal is met."""
        return self.created == self.calls and self.ratio <= GOAL


def _bodies(count: int) -> list[dict[str, Any]]:
    return [{**payload(CONTACT), "source": SOURCE, "externalId": str(uuid4())} for _ in range(count)]


def by_client(url: str, key: str) -> Callable[[dict[str, Any]], Any]:
    """A call as the app makes it."""
    client = Client(url, key, timeout=TIMEOUT, max_attempts=1, throttle=Unlimited())
    clock = StageClock()
    return lambda body: client.call("POST", "/v1/contacts", clock, json=body).data


def by_requests(url: str, key: str) -> Callable[[dict[str, Any]], Any]:
    """The same by a session of the library's; no proxies either."""
    session = requests.Session()
    session.trust_env = False
    session.headers.update({"Authorization": key, "Accept": "application/json"})
    return lambda body: session.post(f"{url}/v1/contacts", json=body, timeout=(CONNECT_SECONDS, TIMEOUT)).json()["data"]


def _block(call: Callable[[dict[str, Any]], Any], count: int) -> float:
    bodies = _bodies(count)
    began = time.thread_time()
    for body in bodies:
        call(body)
    return (time.thread_time() - began) / count * 1e6


def measure_cpu(url: str, rounds: int, calls: int) -> Cpu:
    """Both, in alternating blocks of *calls*, against the mock at *url*, which counts what it created."""
    key = f"calls-{uuid4()}"
    put_account(url, key, {"limit": {"per_second": 0}})
    ours, plain = by_client(url, key), by_requests(url, key)
    pairs = []
    for number in range(rounds + 1):
        # Who is first takes turns, too. The first round only warms up.
        blocks = [ours, plain] if number % 2 else [plain, ours]
        took = {call: _block(call, calls) for call in blocks}
        pairs.append((took[ours], took[plain]))
    del pairs[0]
    created = get_account(url, key, "counters")["created"]
    delete_account(url, key)
    return Cpu(
        median(one for one, _ in pairs),
        median(other for _, other in pairs),
        median(one / other for one, other in pairs),
        2 * (rounds + 1) * calls,
        created,
    )


@click.command()
@click.option("--rounds", type=click.IntRange(1, 1000), default=15, show_default=True, help="Times each is measured.")
@click.option("--calls", type=click.IntRange(1), default=300, show_default=True, help="Of a block.")
@click.option("--contacts", type=click.IntRange(1), default=240, show_default=True, help="Of an import.")
@click.option("--imports", type=click.IntRange(1), default=3, show_default=True, help="With each concurrency.")
@click.option("--latency-ms", type=click.FloatRange(0), default=20.0, show_default=True, help="Of an import's calls.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the figures there, too.")
def main(*, rounds: int, calls: int, contacts: int, imports: int, latency_ms: float, json_file: Path | None) -> None:
    """What a call to OpenPhone takes of this machine, beside the same call by plain requests; and calls side by side.

    The CPU time of the calling thread, in alternating blocks, against the mock in a process of its own. Then imports
    with OPENPHONE_SYNC=inline, in turns with each OPENPHONE_CONCURRENCY, and all of their contacts counted.

    \b
    python -m benchmarks openphone-calls --rounds 5 --imports 1    a first look

    Exit code 1: a call or a contact is missing, or a call takes more than 70% of what it takes requests.
    """
    with LocalStack(config.load_harness_settings().home) as stack:
        stack.start(web=False)
        cpu = measure_cpu(stack.url("openphone"), rounds, calls)
        rates = measure_rates(stack, CONCURRENCIES, imports, contacts, latency_ms)
    click.echo(
        f"CPU of a call: requests {cpu.plain_us:.0f} us, here {cpu.ours_us:.0f} us, {cpu.ratio:.2f} of it; "
        f"{cpu.created:,} of {cpu.calls:,} calls counted by the mock"
    )
    lines(rates, latency_ms, click.echo)
    if json_file:
        found = {"cpu": asdict(cpu), "latency_ms": latency_ms, "rates": [asdict(rate) for rate in rates]}
        json_file.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(0 if cpu.passed else 1)


if __name__ == "__main__":
    main()
