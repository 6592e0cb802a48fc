import draining
import pytest
from importing import UNLIMITED, App

SMALL = {"IMPORT_MAX_BYTES": str(2**20), "IMPORT_CELL_MAX_CHARS": "1000", "API_RATE_PER_MINUTE": "0"}


@pytest.fixture(scope="session")
def offline(stack):
    """An app that does not call OpenPhone, for every test that leaves it as it was."""
    env = {"OPENPHONE_SYNC": "off", "GUNICORN_WORKERS": "3", "IMPORT_CHUNK_ROWS": "50", **SMALL}
    with stack.trial("offline", env) as trial:
        yield App(stack, trial)


@pytest.fixture(scope="session")
def online(stack):
    """An app that syncs to a mocked OpenPhone without a limit, in small chunks and batches."""
    env = {
        "OPENPHONE_RATE_PER_SECOND": "0",
        "OPENPHONE_TIMEOUT_SECONDS": "1",
        "OPENPHONE_MAX_ATTEMPTS": "2",
        "OPENPHONE_BATCH": "5",
        "GUNICORN_WORKERS": "4",
        "IMPORT_CHUNK_ROWS": "7",
        **SMALL,
        "IMPORT_MAX_BYTES": str(4 * 2**20),
    }
    with stack.trial("online", env, UNLIMITED) as trial:
        yield App(stack, trial)


@pytest.fixture(scope="session")
def background(stack):
    """An app that leaves OpenPhone to the background, where nobody is: a test drains by itself."""
    with stack.trial("background", draining.ENV, UNLIMITED) as trial:
        yield App(stack, trial)


@pytest.fixture
def drain(background):
    """Drainers of that app's outbox, in this process."""
    with draining.draining(background.trial) as made:
        yield made
