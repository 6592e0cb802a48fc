from types import SimpleNamespace

import psycopg2
import pytest

from benchmarks import counts
from benchmarks.counts import WrongCountError
from benchmarks.files import make
from benchmarks.rounds import Rounds
from benchmarks.yardsticks import timeoutlab
from benchmarks.yardsticks.bench import AGAIN, FIRST, LeftOutError, Timing
from loadtest.errors import HarnessError, StackDied


class Stick:
    DESCRIPTION, LACKS = "made up", ()

    def __init__(self, name, log, *, fail=None):
        self.name, self.log, self.fail = name, log, fail

    def measure(self, bench):
        self.log.append((self.name, bench.files.kind))
        yield Timing(FIRST, 2.0, 100)
        if self.fail:
            raise self.fail
        yield Timing(AGAIN, 1.0, 100, "quickly")


def bench(kind="contacts", check=lambda: None):
    return SimpleNamespace(files=SimpleNamespace(kind=kind), stack=SimpleNamespace(check=check))


def run(rounds=1, benches=None, **fails):
    log, said, done = [], [], Rounds()
    sticks = {name: Stick(name, log, fail=fails[name]) for name in fails}
    done.run(benches or [bench()], sticks, rounds, said.append)
    return done, log, said


def test_a_round_measures_each_once_so_that_none_has_the_machine_at_its_best_alone():
    done, log, said = run(2, [bench("contacts"), bench("propertyradar")], heap=None, limit=None)
    once = [("heap", "contacts"), ("limit", "contacts"), ("heap", "propertyradar"), ("limit", "propertyradar")]
    assert log == once * 2
    assert [sample.round for sample in done.samples] == [1] * 8 + [2] * 8
    assert said[0] == "round 1  contacts  heap, first: 2.000 s, 50 rows/s"
    assert said[1] == "round 1  contacts  heap (quickly), again: 1.000 s, 100 rows/s"


def test_peers_take_contacts_only():
    assert run(1, [bench("contacts"), bench("propertyradar")], csvsql=None)[1] == [("csvsql", "contacts")]


@pytest.mark.parametrize(
    ("error", "failed", "wrong"),
    [
        (LeftOutError("not installed"), False, False),
        (HarnessError("no answer"), True, False),
        (psycopg2.OperationalError("connection lost"), True, False),
        (WrongCountError("contacts 1 instead of 2"), True, True),
    ],
)
def test_what_goes_wrong_is_no_sample_and_the_others_go_on(error, failed, wrong):
    done, log, _ = run(1, heap=error, limit=None)
    assert [name for name, _ in log] == ["heap", "limit"]
    [missing] = done.missing
    assert (missing.yardstick, missing.reason, missing.failed) == ("heap", str(error), failed)
    assert done.wrong is wrong


def test_a_stack_that_has_died_ends_the_run():
    def died():
        raise StackDied("db ended half way")

    with pytest.raises(StackDied):
        run(1, [bench(check=died)], heap=HarnessError("no answer"))


def test_a_count_that_differs_is_named_and_one_that_agrees_says_nothing():
    counts.check("floor", {"contacts": 2, "outbox": 2, "more": 0}, {"contacts": 2, "outbox": 2})
    with pytest.raises(
        WrongCountError, match=r"floor: wrong counts.*: outbox 1 instead of 2, listed None instead of 3"
    ) as told:
        counts.check("floor", {"contacts": 2, "outbox": 1}, {"contacts": 2, "outbox": 2, "listed": 3})
    assert told.value.exit_code == 1


@pytest.mark.parametrize(
    ("found", "report"), [({"contacts": -1}, {}), ({"outbox": 1}, {}), ({}, {"rows_rejected": -1})]
)
def test_an_import_that_has_lost_something_is_no_sample(monkeypatch, tmp_path, found, report):
    files = make("contacts", 100, tmp_path, tmp_path)
    there, told = counts.expected(files, again=False), timeoutlab.promised(files)
    monkeypatch.setattr(counts, "quiet", lambda url: None)
    monkeypatch.setattr(counts, "found", lambda url: there | {name: there[name] + each for name, each in found.items()})
    answer = told | {name: told[name] + each for name, each in report.items()}
    monkeypatch.setattr(timeoutlab, "upload", lambda *_, **__: (1.0, answer))
    with pytest.raises(WrongCountError, match="timeoutlab"):
        timeoutlab.one(SimpleNamespace(env={"DATABASE_URL": ""}), files, again=False)
