import os
import signal
from contextlib import ExitStack

import pytest

import config
from app.web.capacity import Slots, forget


@pytest.fixture
def settings(tmp_path):
    def of(workers):
        return config.load_settings(
            {
                "DATABASE_URL": "postgresql://db",
                "OPENPHONE_SYNC": "off",
                "GUNICORN_WORKERS": str(workers),
                "GUNICORN_WORKER_TMP_DIR": str(tmp_path),
            }
        )

    return of


@pytest.mark.parametrize(("workers", "slots"), [(1, 1), (2, 1), (4, 3)])
def test_one_worker_is_kept_free_where_there_are_several(settings, workers, slots):
    with ExitStack() as held:
        taken = [held.enter_context(Slots(settings(workers)).one()) for _ in range(slots + 1)]
    assert taken == [True] * slots + [False]


def test_a_slot_is_free_again_after_its_block(settings):
    slots = Slots(settings(2))
    with slots.one() as first, slots.one() as second:
        assert (first, second) == (True, False)
    with slots.one() as again:
        assert again


def test_a_killed_process_leaves_its_slot_free(settings, monkeypatch):
    monkeypatch.setattr(os, "getppid", lambda: 4242)
    slots = Slots(settings(2))
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        with slots.one():
            os.write(writer, b".")
            signal.pause()
    os.read(reader, 1)
    with slots.one() as free:
        assert not free
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with slots.one() as free:
        assert free
    os.close(reader)
    os.close(writer)


def test_the_arbiter_takes_its_files_along(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getppid", os.getpid)
    with Slots(settings(3)).one():
        pass
    assert list(tmp_path.iterdir())
    forget(settings(3))
    assert not list(tmp_path.iterdir())
