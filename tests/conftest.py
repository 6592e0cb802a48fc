import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import config
from loadtest.stack.local import LocalStack
from loadtest.stack.trial import WebTrial

# A shell without job control starts its background jobs with SIGINT ignored, nohup with SIGHUP, and what they start
# inherits that: the commands that are tested with these signals would never see one.
for ignored in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(ignored) is signal.SIG_IGN:
        signal.signal(ignored, signal.default_int_handler if ignored == signal.SIGINT else signal.SIG_DFL)


# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# Of several processes none is to begin something long when the others are done. The longest is one core's work, so kept
# together it leaves the other cores to the rest.
LONGEST = [
    "test_chaos",
    "test_import_kinds",
    "test_sizing_kinds",
    "test_sizing_run",
    "test_start_waits",
    "test_verify_stack",
]
# What has to be done within a second or three is not begun while every process starts its stack.
HURRIED = ["test_csv_import_timeout", "test_import_limits", "test_locustfile"]


def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _turn(item.path))


def _turn(file: Path) -> int:
    if file.stem in LONGEST:
        return LONGEST.index(file.stem)
    return len(LONGEST) + (2 if "unit" in file.parts else 1 if file.stem in HURRIED else 0)


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """PostgreSQL, Valkey and the mocked OpenPhone for the whole session, without a web of its own."""
    with LocalStack(config.load_harness_settings().home) as running:
        running.start(web=False)
        yield running


@pytest.fixture
def make_trial(stack: LocalStack) -> Iterator[Callable[..., WebTrial]]:
    """``make_trial(env={}, profile=None, worker=False)``: a web with everything of its own, gone after the test."""
    with ExitStack() as opened:

        def make(
            env: dict[str, str] | None = None,
            profile: dict[str, Any] | None = None,
            name: str = "test",
            *,
            worker: bool = False,
        ) -> WebTrial:
            return opened.enter_context(stack.trial(name, env, profile, worker=worker))

        yield make


@pytest.fixture
def trial(make_trial: Callable[..., WebTrial]) -> WebTrial:
    """A trial with the app's defaults and a mock without latency or faults."""
    return make_trial()
