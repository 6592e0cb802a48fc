import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

import config
from loadtest.stack.local import LocalStack
from loadtest.stack.trial import WebTrial

# A shell without job control starts its background jobs with SIGINT ignored, nohup with SIGHUP, and what they start
# inherits that: the commands that are tested with these signals would never see one.
for ignored in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(ignored) is signal.SIG_IGN:
        signal.signal(ignored, signal.default_int_handler if ignored == signal.SIGINT else signal.SIG_DFL)


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
