"""``locust -f loadtest/locustfile.py``: the scenarios, with Locust's own web page or --headless.

TIMEOUTLAB_HOST and TIMEOUTLAB_API_KEY say where the load goes (`make up` prints both); TIMEOUTLAB_KIND and
TIMEOUTLAB_ROWS what it is made of.
"""

import sys

from config import ConfigError, load_harness_settings

try:
    SETTINGS = load_harness_settings()
except ConfigError as error:
    print(error, file=sys.stderr)
    raise SystemExit(2) from None
if SETTINGS.api_key is None:
    print("TIMEOUTLAB_API_KEY: not set; `make up` prints a key", file=sys.stderr)
    raise SystemExit(2)

from typing import Any

from locust import events
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from loadtest.scenarios.areas import Areas
from loadtest.scenarios.coordinator import Coordinator
from loadtest.scenarios.desk import Desk
from loadtest.scenarios.handout import Handout
from loadtest.scenarios.imports import CONNECT_SECONDS, ImportUser
from loadtest.scenarios.recorder import Recorder, check, path_of

__all__ = ["ImportUser"]

SAMPLES = SETTINGS.samples or SETTINGS.home / "locust-samples.jsonl"
NEXT_AREA = SETTINGS.home / "next-area"
try:
    check(SAMPLES)
except OSError as error:
    print(f"TIMEOUTLAB_SAMPLES={SAMPLES}: cannot be written: {error.strerror}", file=sys.stderr)
    raise SystemExit(2) from None


@events.init.add_listener  # type: ignore[untyped-decorator]
def connect(environment: Environment, **_: Any) -> None:
    """Gives this process its part: the master hands uploads out, a worker makes them, a plain one does both."""
    runner = environment.runner
    if not isinstance(runner, WorkerRunner):
        try:
            # A plain start begins where TIMEOUTLAB_AREA says, so that it can be repeated.
            areas = Areas(SETTINGS.area, NEXT_AREA if isinstance(runner, MasterRunner) else None)
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr)
            raise SystemExit(2) from None
        Coordinator(environment, Handout(areas.take, SETTINGS.uploads), CONNECT_SECONDS + SETTINGS.client_timeout)
    if not isinstance(runner, MasterRunner):
        Recorder(path_of(SAMPLES, isinstance(runner, WorkerRunner)))
        ImportUser.desk = Desk(environment)
