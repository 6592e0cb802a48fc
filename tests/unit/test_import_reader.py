"""The process that reads ahead: it makes what this one would, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from uuid import UUID

import psutil
import pytest

import config
from app.imports.budget import Budget, HandOffError
from app.imports.chunk import Chunk
from app.imports.dialect import Dialect
from app.imports.intake import inspect
from app.imports.kinds import KINDS
from app.imports.layout import match
from app.imports.normalise import Normaliser
from app.imports.pieces import pieces
from app.imports.preview import preview
from app.imports.reader import ReaderLostError
from app.imports.reader_work import MOST_WAITING, File, Told, Work
from app.imports.repeats import Repeats
from app.imports.source import Row, records
from app.imports.written import write
from app.problem import Problem
from app.stages import StageClock

SAMPLES = Path("fixtures/samples")
IMPORT_ID = UUID(int=1)
# Begins a reader, says who it is and waits.
PARENT = """
import sys
from app.imports.preview import preview
from tests.unit.test_import_reader import settings, taken
with preview(settings(), "update", range(1, 10**6)) as one, open(sys.argv[1], "rb") as stream:
    taken(stream, "contacts", one)
    print(one.reader.pid, flush=True)
    sys.stdin.read()
"""


def settings(**env):
    minimal = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "OPENPHONE_SYNC": "off"}
    return config.load_settings({**minimal, "IMPORT_CHUNK_ROWS": "90", **env})


def taken(stream, kind, one):
    return inspect(stream, "list.csv", KINDS[kind], 2**30, preview=one)


@contextmanager
def reading(data, kind="contacts", **env):
    """Its preview, and what its reader is to be told."""
    with preview(settings(**env), "update", range(2, 10**6)) as one, BytesIO(data) as stream:
        upload = taken(stream, kind, one)
        yield one, Told(IMPORT_ID, upload.rows, one.survey.repeats.end())


def sample(kind="contacts"):
    """1,000 rows, with errors and repeats; a licence line behind those of PropertyRadar."""
    return (SAMPLES / f"{kind}-1000.csv").read_bytes()


def as_one_chunk(kind):
    """The sample's rows, one by one."""
    header, *rows = records(pieces(BytesIO(sample(kind))), Dialect())
    layout = match(header, KINDS[kind])
    normaliser = Normaliser(KINDS[kind], layout, "US", 10_000)
    chunk = Chunk(KINDS[kind])
    for number, cells in enumerate(rows[:1000], 1):
        chunk.add(normaliser.one(Row(number, cells)))
    return chunk


def staged(written):
    """The lines for each target, in no order."""
    return Counter((name, line) for name, said in written.said.items() for line in said.records.split(b"\n")[:-1])


@pytest.mark.parametrize("rows", ["7", "90", "400"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_reader_makes_of_a_file_what_comes_of_its_rows_one_by_one(kind, rows):
    with reading(sample(kind), kind, IMPORT_CHUNK_ROWS=rows) as (one, told):
        made = list(one.reader.chunks(told, StageClock(), Budget()))
    whole = as_one_chunk(kind)
    expected = write(whole, IMPORT_ID, Budget())
    found = Counter()
    for ready in made:
        found += staged(ready.written)
    assert found == staged(expected)
    chunks = [ready.chunk for ready in made]
    assert all(chunk.rows <= int(rows) for chunk in chunks)
    counted = [sum(getattr(chunk, name) for chunk in chunks) for name in ("rows", "rejected", "duplicates")]
    assert counted == [1000, whole.rejected, whole.duplicates]
    assert b"".join(ready.written.problems for ready in made) == expected.problems != b""
    assert [chunk.settles for chunk in chunks if chunk.settles] == [*dict.fromkeys(KINDS[kind].targets)]
    assert all(ready.seconds["normalise"] > 0 for ready in made if ready.chunk.rows)


def test_a_reader_works_ahead_until_memory_bounds_it():
    class Parent:
        """Says nothing until it is waited for."""

        sent = 0

        def poll(self):
            return False

        def recv(self):
            self.waited_with = len(work._waiting)
            return Told(IMPORT_ID, 1000, Repeats())

        def send(self, made):
            self.sent += made.chunk.rows if made else 0

    parent = Parent()
    file = File(KINDS["contacts"], Dialect(), 1000)
    work = Work(parent, pieces(BytesIO(sample())), file, settings())  # of twelve chunks
    work.do()
    assert (parent.waited_with, parent.sent) == (MOST_WAITING, 1000)


def test_a_reader_has_nothing_open_that_is_its_parents(tmp_path):
    path = tmp_path / "contacts.csv"
    path.write_bytes(sample())
    with path.open("rb") as stream, preview(settings(), "update", range(2, 10**6)) as one:
        taken(stream, "contacts", one)
        opened = {int(each.name): str(each.readlink()) for each in Path(f"/proc/{one.reader.pid}/fd").iterdir()}
        others = [to.partition(":")[0] for number, to in opened.items() if number > 2]
        assert sorted(others) == sorted([str(path), "socket"])
        stream.seek(7)
        told = Told(IMPORT_ID, 1000, one.survey.repeats)
        assert sum(ready.chunk.rows for ready in one.reader.chunks(told, StageClock(), Budget())) == 1000
        assert stream.tell() == 7
        reader = psutil.Process(one.reader.pid)
    assert not reader.is_running()


def test_a_reader_ends_with_its_parent_whatever_ends_that(tmp_path):
    path = tmp_path / "contacts.csv"
    path.write_bytes(sample())
    command = [sys.executable, "-c", PARENT, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        reader = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        _, alive = psutil.wait_procs([reader], 5)
        assert alive == []


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_reader_that_is_gone_is_noticed(rows):
    with reading(sample(), IMPORT_CHUNK_ROWS="90") as (one, told):
        made = one.reader.chunks(told, StageClock(), Budget())
        for _ in range(rows):
            next(made)
        os.kill(one.reader.pid, signal.SIGKILL)
        with pytest.raises(ReaderLostError):
            list(made)


def test_whoever_has_no_time_left_waits_for_no_reader():
    class Over(Budget):
        def check(self):
            raise HandOffError("up")

    with reading(sample()) as (one, told):
        os.kill(one.reader.pid, signal.SIGSTOP)
        with pytest.raises(HandOffError):
            next(one.reader.chunks(told, StageClock(), Over()))


@pytest.mark.parametrize("bad", [b'phone,notes\n4045550123,"open\n' + b"1,x\n" * 300, b"nothing\n" + b"1\n" * 300])
def test_a_file_that_can_not_be_read_ends_its_reader_without_a_word(bad, capfd):
    with preview(settings(), "update", range(2, 10**6)) as one:
        with pytest.raises(Problem):
            taken(BytesIO(bad), "contacts", one)
        one.reader._process.join(5)
        assert one.reader._process.exitcode == 0
    assert capfd.readouterr() == ("", "")


def test_without_a_process_to_be_had_it_is_done_without(monkeypatch):
    def no_process(*_):
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr("app.imports.reader.fork", no_process)
    with preview(settings(), "update", range(2, 10**6)) as one:
        assert taken(BytesIO(sample()), "contacts", one).rows == 1000
        assert (one.reader, one.survey is None) == (None, False)


@pytest.mark.parametrize(("policy", "rows"), [("skip", range(2, 2000)), ("fail", range(2, 2000)), ("update", range(2))])
def test_nothing_is_read_ahead_of_what_depends_on_the_database_or_is_for_others(policy, rows):
    with preview(settings(), policy, rows) as one:
        taken(BytesIO(sample()), "contacts", one)
        assert one.reader is None
        assert (one.survey is not None) == (1000 in rows)
