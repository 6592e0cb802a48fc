import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

import config
from loadtest.stack.local import LocalStack
from loadtest.stack.trial import WebTrial

# A shell without job control starts its background jobs with SIGINT ignored, nohup with SIGHUP, and what they start
# inherits that: the commands that are tested with these signals would never see one.
for ignored in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(ignored) is signal.SIG_IGN:
        signal.signal(ignored, signal.default_int_handler if ignored == signal.SIGINT else signal.SIG_DFL)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        # Of several processes none is to begin something long when the others are done.
        items.sort(key=lambda item: "integration" not in item.path.parts)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With ``-n``: the tests of a file in one process, for what they share; those of the longest file kind by kind.

    As --dist loadfile, which knows no exceptions, and keeps the files with the fewest tests, which take longest, to the
    end.
    """

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            return file + test.partition("[")[2] if file.endswith("/test_import_kinds.py") else file

    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """PostgreSQL, Valkey and the mocked OpenPhone for the whole session, without a web of its own."""
    with LocalStack(config.load_harness_settings().home) as running:
        running.start(web=False)
        yield running


@pytest.fixture
def make_trial(stack: LocalStack) -> Iterator[Callable[..., WebTrial]]:
    """``make_trial(env={}, profile=None)``: a web instance with everything of its own, gone after the test."""
    with ExitStack() as opened:

        def make(
            env: dict[str, str] | None = None, profile: dict[str, Any] | None = None, name: str = "test"
        ) -> WebTrial:
            return opened.enter_context(stack.trial(name, env, profile))

        yield make


@pytest.fixture
def trial(make_trial: Callable[..., WebTrial]) -> WebTrial:
    """A trial with the app's defaults and a mock without latency or faults."""
    return make_trial()
