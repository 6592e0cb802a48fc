"""What the tests of the background outbox share: an app without a worker, and drainers in this process."""

from contextlib import contextmanager

import config
from app.openphone.connect import drainer, drainers_wanted, pause
from app.storage.engine import make_engine

ENV = {
    "IMPORT_WORKER": "on",
    "OPENPHONE_SYNC": "background",
    "OPENPHONE_RATE_PER_SECOND": "0",
    "OPENPHONE_TIMEOUT_SECONDS": "1",
    "OPENPHONE_MAX_ATTEMPTS": "2",
    "OPENPHONE_BATCH": "5",
    "WORKER_PROCESSES": "4",
    "GUNICORN_WORKERS": "3",
    "IMPORT_CHUNK_ROWS": "50",
    "API_RATE_PER_MINUTE": "0",
}


def reset(app, drain, **profile):
    """Nothing in the outbox, nothing at the mock, no pause."""
    app.profile(**profile)
    app.sql("UPDATE openphone_outbox SET state = 'done' WHERE state <> 'done' RETURNING 1")
    drain.pause.end()
    return app


class Drain:
    """Drainers with the settings of *trial*."""

    def __init__(self, trial, **env):
        self.settings = config.load_settings({**trial.env, **env})
        self.engine = make_engine(self.settings)
        self.pause = pause(self.settings)

    def once(self):
        """One run of a process's."""
        return drainer(self.settings, self.engine).run()

    def all(self):
        """Runs until nothing is due, or everything waits."""
        while self.once():
            pass

    @property
    def wanted(self):
        return drainers_wanted(self.engine, self.settings)


@contextmanager
def draining(trial, **env):
    made = Drain(trial, **env)
    yield made
    made.engine.dispose()


def counted(report):
    """(to sync, synced, failed, unsent), which add up."""
    counts = tuple(report[f"contacts_{name}"] for name in ("to_sync", "synced", "failed", "unsent"))
    assert counts[0] == sum(counts[1:])
    return counts
