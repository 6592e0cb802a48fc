from types import SimpleNamespace

import pytest
from kombu.exceptions import OperationalError
from sqlalchemy.exc import SQLAlchemyError

import config
from app import upkeep
from app.upkeep import Chores, Upkeep

SETTINGS = config.load_settings({"DATABASE_URL": "postgresql://127.0.0.1:1/none", "OPENPHONE_SYNC": "off"})


@pytest.fixture
def chores(monkeypatch):
    found = Chores(SETTINGS)
    found._sweep = lambda _: ["first", "second", "third"]
    monkeypatch.setattr(upkeep, "drainers_wanted", lambda *_: 2)
    return found


@pytest.fixture
def sent(monkeypatch):
    """What was sent; whoever sets ``sent.away`` has a Redis that takes nothing."""

    class Sent(list):
        away = False

    found = Sent()

    def apply_async(*arguments, **_):
        found.append(arguments)
        if found.away:
            raise OperationalError("away")

    for task in ("import_csv_task", "drain_outbox_task"):
        monkeypatch.setattr(upkeep, task, SimpleNamespace(apply_async=apply_async))
    return found


def test_a_worker_is_woken_for_each_import_and_for_each_drainer(chores, sent):
    chores()
    assert sent == [(("first",),), (("second",),), (("third",),), (), ()]


def test_a_redis_that_is_away_is_asked_once_a_round(chores, sent):
    sent.away = True
    chores()
    assert len(sent) == 1


@pytest.mark.parametrize("error", [SQLAlchemyError("the database is away"), RuntimeError("a fault of ours")])
def test_beat_goes_on_whatever_a_round_comes_to(monkeypatch, error):
    def fails():
        raise error

    monkeypatch.setattr(upkeep, "_ready", [fails])
    Upkeep.apply_entry(None, None)
