"""The process that reads ahead: it makes what this one would, and leaves nothing behind."""

import os
import signal
import struct
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager, nullcontext
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import psutil
import pytest

import config
from app.imports.budget import Budget, HandOffError
from app.imports.chunk import Chunk
from app.imports.dialect import Dialect
from app.imports.excerpt import Excerpt, File
from app.imports.fork import fork
from app.imports.intake import inspect
from app.imports.kinds import KINDS
from app.imports.layout import match
from app.imports.normalise import Normaliser
from app.imports.pieces import pieces
from app.imports.preview import preview
from app.imports.reader import Reader, ReaderLostError
from app.imports.reader_work import MOST_WAITING, Neighbours, Told, Work
from app.imports.reading import Reading
from app.imports.repeats import Repeats
from app.imports.slices import Slice
from app.imports.source import Row, records
from app.imports.written import write
from app.problem import Problem
from app.stages import StageClock

SAMPLES = Path("fixtures/samples")
IMPORT_ID = UUID(int=1)
# Begins readers, says who they are and waits.
PARENT = """
import sys
from app.imports.preview import preview
from tests.unit.test_import_reader import settings, taken
with preview(settings(), "update", range(1, 10**6)) as one, open(sys.argv[1], "rb") as stream:
    taken(stream, "contacts", one)
    print(*one.readers.pids, flush=True)
    sys.stdin.read()
"""


def settings(**env):
    minimal = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "OPENPHONE_SYNC": "off"}
    return config.load_settings({**minimal, "IMPORT_CHUNK_ROWS": "90", **env})


def taken(stream, kind, one):
    return inspect(stream, "list.csv", KINDS[kind], 2**30, preview=one)


@contextmanager
def reading(data, kind="contacts", **env):
    """The readers of its preview."""
    with preview(settings(**env), "update", range(2, 10**6)) as one, BytesIO(data) as stream:
        one.import_id = IMPORT_ID
        assert taken(stream, kind, one).rows == 1000
        yield one.readers


def struck(monkeypatch, step, sent, which, after=0):
    """Reader number *which* gets the signal *sent* where it would take a *step* for the first time *after* so many."""
    whole, taken_before = getattr(Work, step), []

    def strike(self, *about):
        if (self._neighbours.before is not None) == which and len(taken_before) == after:
            os.kill(os.getpid(), sent)
        taken_before.append(step)
        return whole(self, *about)

    monkeypatch.setattr(Work, step, strike)


def chunks(readers, budget=None):
    return readers.chunks(StageClock(), budget or Budget())


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


@pytest.mark.parametrize("at_once", ["1", "2", "3", "16"])
@pytest.mark.parametrize("rows", ["7", "90", "400"])
@pytest.mark.parametrize("kind", KINDS)
def test_readers_make_of_a_file_what_comes_of_its_rows_one_by_one(kind, rows, at_once):
    with reading(sample(kind), kind, IMPORT_CHUNK_ROWS=rows, IMPORT_CONCURRENCY=at_once) as readers:
        assert len(readers.pids) == min(max(2, int(at_once)), 4, -(-1000 // int(rows)))
        made = list(chunks(readers))
    whole = as_one_chunk(kind)
    expected = write(whole, IMPORT_ID, Budget())
    found = Counter()
    for ready in made:
        found += staged(ready.written)
    assert found == staged(expected)
    parts = [ready.chunk for ready in made]
    assert all(chunk.rows <= int(rows) for chunk in parts)
    counted = [sum(getattr(chunk, name) for chunk in parts) for name in ("rows", "rejected", "duplicates")]
    assert counted == [1000, whole.rejected, whole.duplicates]
    assert b"".join(ready.written.problems for ready in made) == expected.problems != b""
    assert [chunk.settles for chunk in parts if chunk.settles] == [*dict.fromkeys(KINDS[kind].targets)]
    assert all(ready.seconds["normalise"] > 0 for ready in made if ready.chunk.rows)


def test_a_reader_works_ahead_until_memory_bounds_it():
    class Parent:
        """Says nothing until it is waited for."""

        sent = 0
        seen = None

        def recv(self):
            self.waited_with = len(work._waiting)
            return Told(IMPORT_ID, 0, Repeats())

        def send(self, said):
            if self.seen:
                self.sent += said.chunk.rows if said else 0
            else:
                self.seen = said

    parent = Parent()
    [header] = [*records([sample().partition(b"\n")[0]], Dialect())]
    layout = match(header, KINDS["contacts"])
    whole = Slice(0, 10**9, [90])
    excerpt = Excerpt(
        File(KINDS["contacts"], Dialect(), layout, 1000), whole, lambda: pieces(BytesIO(sample())), 2**24, is_last=True
    )
    work = Work(parent, Neighbours(), excerpt, Normaliser(KINDS["contacts"], layout, "US", 10_000), MOST_WAITING)
    work.do()  # of twelve chunks
    assert (parent.waited_with, parent.seen.rows, parent.sent) == (MOST_WAITING, 1000, 1000)


def test_a_reader_has_nothing_open_that_is_its_parents(tmp_path):
    path = tmp_path / "contacts.csv"
    path.write_bytes(sample())
    with path.open("rb") as stream, preview(settings(), "update", range(2, 10**6)) as one:
        taken(stream, "contacts", one)
        stream.seek(7)
        for pid, neighbours in zip(one.readers.pids, (["pipe"], ["pipe"]), strict=True):
            opened = {int(each.name): str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}
            others = [to.partition(":")[0] for number, to in opened.items() if number > 2]
            assert sorted(others) == sorted([str(path), "socket", *neighbours])
        assert sum(ready.chunk.rows for ready in chunks(one.readers)) == 1000
        assert stream.tell() == 7
        readers = [psutil.Process(pid) for pid in one.readers.pids]
    assert not any(reader.is_running() for reader in readers)


def test_a_reader_ends_with_its_parent_whatever_ends_that(tmp_path):
    path = tmp_path / "contacts.csv"
    path.write_bytes(sample())
    command = [sys.executable, "-c", PARENT, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        readers = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        _, alive = psutil.wait_procs(readers, 5)
        assert len(readers) == 2
        assert alive == []


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_reader_that_is_gone_is_noticed(after, which, monkeypatch):
    struck(monkeypatch, "_send", signal.SIGKILL, which, after)
    with reading(sample()) as readers, pytest.raises(ReaderLostError):
        list(chunks(readers))


@pytest.mark.parametrize("which", [0, 1])
def test_a_file_whose_reader_is_gone_before_it_is_accepted_is_read_without(which, monkeypatch):
    struck(monkeypatch, "_seen", signal.SIGKILL, which)
    with preview(settings(), "update", range(2, 10**6)) as one:
        assert taken(BytesIO(sample()), "contacts", one).rows == 1000
        assert one.readers is None
        assert len(one.survey.repeats._seen) > 900


class Over(Budget):
    def check(self):
        raise HandOffError("up")


@pytest.mark.parametrize("which", [0, 1])
def test_whoever_has_no_time_left_waits_for_no_reader(which, monkeypatch):
    struck(monkeypatch, "_send", signal.SIGSTOP, which)
    with reading(sample()) as readers, pytest.raises(HandOffError):
        list(chunks(readers, Over()))


@pytest.mark.parametrize("which", [0, 1])
def test_whoever_has_no_time_left_waits_for_no_look_either_and_leaves_no_reader(which, monkeypatch):
    struck(monkeypatch, "_seen", signal.SIGSTOP, which)
    with preview(settings(), "update", range(2, 10**6)) as one:
        monkeypatch.setattr("app.imports.intake.interpreter.tuned", None)  # nothing is read without readers
        with pytest.raises(HandOffError):
            inspect(BytesIO(sample()), "list.csv", KINDS["contacts"], 2**30, budget=Over(), preview=one)
        readers = [psutil.Process(pid) for pid in one.readers.pids]
    assert not any(reader.is_running() for reader in readers)


def test_a_second_process_that_can_not_be_had_leaves_no_first(monkeypatch):
    made = []

    def one_process(*about):
        if made:
            raise BlockingIOError("Resource temporarily unavailable")
        made.append(fork(*about))
        return made[0]

    monkeypatch.setattr("app.imports.reader.fork", one_process)
    others, opened = set(psutil.Process().children()), len([*Path("/dev/fd").iterdir()])
    with preview(settings(), "update", range(2, 10**6)) as one:
        assert taken(BytesIO(sample()), "contacts", one).rows == 1000
        assert one.readers is None
    assert len(made) == 1
    assert set(psutil.Process().children()) <= others
    assert len([*Path("/dev/fd").iterdir()]) == opened


def test_a_part_that_begins_within_a_cell_is_found_out_and_the_file_read_without():
    """The first quote is text; so that of the others seems to close what it opens."""
    rows = b'4045550100,5" pipe\n' + b"".join(b'%d,"one\ntwo"\n' % (4045550101 + row) for row in range(500))
    with preview(settings(), "update", range(2, 10**6)) as one:
        assert taken(BytesIO(b"phone,notes\n" + rows), "contacts", one).rows == 501
        assert one.readers is None
        assert len(one.survey.repeats._seen) == 501


@pytest.mark.parametrize(
    ("bad", "readers"),
    [(b'phone,notes\n4045550123,"open\n' + b"1,x\n" * 300, 1), (b"nothing\n" + b"1\n" * 300, 0)],
)
def test_of_a_file_that_can_not_be_read_its_readers_say_nothing(bad, readers, capfd, monkeypatch):
    codes = []
    end = Reader.end

    def end_of_itself(self):
        codes.append(self._process.join())
        end(self)

    monkeypatch.setattr(Reader, "end", end_of_itself)
    with preview(settings(), "update", range(2, 10**6)) as one:
        with pytest.raises(Problem):
            taken(BytesIO(bad), "contacts", one)
        assert one.readers is None
    assert (codes, capfd.readouterr()) == ([0] * readers, ("", ""))


def test_without_a_process_to_be_had_it_is_done_without_and_nothing_stays_open(monkeypatch):
    def no_process():
        raise BlockingIOError("Resource temporarily unavailable")

    opened = len([*Path("/dev/fd").iterdir()])
    monkeypatch.setattr("os.fork", no_process)
    with preview(settings(), "update", range(2, 10**6)) as one:
        assert taken(BytesIO(sample()), "contacts", one).rows == 1000
        assert (one.readers, one.survey is None) == (None, False)
    assert len([*Path("/dev/fd").iterdir()]) == opened


def test_what_goes_wrong_in_a_process_is_told_and_its_code_says_so(capfd):
    process = fork(lambda: 1 / 0, [])
    assert process.join() == 1
    assert "ZeroDivisionError" in capfd.readouterr().err


@pytest.mark.parametrize(("encoding", "readers"), [("utf-8-sig", 2), ("utf-16", 1), ("utf-16-be", 1)])
def test_a_file_has_readers_whatever_a_line_end_is_in_its_encoding(encoding, readers):
    text = ("\ufeff" if encoding == "utf-16-be" else "") + sample().decode()
    with preview(settings(), "update", range(2, 10**6)) as one:
        assert taken(BytesIO(text.encode(encoding)), "contacts", one).rows == 1000
        assert len(one.readers.pids) == readers


def test_readers_of_a_file_that_is_not_what_it_begins_as_begin_once_more(monkeypatch):
    monkeypatch.setattr("app.imports.intake.PIECE_BYTES", 2000)
    data = b"phone,name\n" + b"4045551234,Ada\n" * 1000 + "4045551235,Zoë\n".encode("windows-1252")
    with preview(settings(), "update", range(2, 10**6)) as one:
        first = []
        begin = one.begin
        monkeypatch.setattr(one, "begin", lambda *about: (begin(*about), first.append(one.readers.pids)))
        found = taken(BytesIO(data), "contacts", one)
        assert (found.rows, found.dialect.encoding, len(first)) == (1001, "windows-1252", 2)
        assert one.readers.pids == first[1]
        assert not any(psutil.pid_exists(pid) for pid in first[0])


def test_whoever_waits_for_the_rest_of_a_message_reads_on_without_its_reader(monkeypatch):
    def begin_to_say(self):
        os.write(self._connection.fileno(), struct.pack("!i", 10**6) + b"and")
        os.kill(os.getpid(), signal.SIGSTOP)

    monkeypatch.setattr(Work, "_seen", begin_to_say)
    with preview(settings(), "update", range(2, 10**6)) as one:
        assert taken(BytesIO(sample()), "contacts", one).rows == 1000
        assert one.readers is None


def test_who_is_told_and_does_not_listen_is_lost(monkeypatch):
    struck(monkeypatch, "_seen", signal.SIGSTOP, 0)
    with preview(settings(), "update", range(2, 10**6)) as one:
        monkeypatch.setattr("app.imports.preview.Readers.seen", lambda *_: None)
        monkeypatch.setattr(one, "end", lambda: None)
        taken(BytesIO(sample()), "contacts", one)
        monkeypatch.undo()
        with pytest.raises(ReaderLostError):
            one.readers._all[0].tell(Told(IMPORT_ID, 0, Repeats(0)._as_tables()))


@pytest.mark.parametrize("which", [0, 1])
def test_where_a_reader_is_lost_the_others_end_and_all_rows_come(which, monkeypatch):
    struck(monkeypatch, "_send", signal.SIGKILL, which, 1)
    data = sample()
    monkeypatch.setattr("app.imports.reading.upload.stored", lambda *_: iter([data]))
    about = SimpleNamespace(
        id=IMPORT_ID, rows_done=0, rows_total=1000, on_duplicate="update", encoding="utf-8", delimiter=","
    )
    with preview(settings(), "update", range(2, 10**6)) as one:
        one.import_id = IMPORT_ID
        taken(BytesIO(data), "contacts", one)
        readers = [psutil.Process(pid) for pid in one.readers.pids]
        engine = SimpleNamespace(connect=nullcontext)
        reading = Reading(engine, settings(), about, one._normaliser(one._file), StageClock(), Budget(), one)
        assert sum(ready.chunk.rows for ready in reading.chunks()) == 1000
        assert not any(reader.is_running() for reader in readers)


@pytest.mark.parametrize(("policy", "rows"), [("skip", range(2, 2000)), ("fail", range(2, 2000)), ("update", range(2))])
def test_nothing_is_read_ahead_of_what_depends_on_the_database_or_is_for_others(policy, rows):
    with preview(settings(), policy, rows) as one:
        taken(BytesIO(sample()), "contacts", one)
        assert one.readers is None
        assert (one.survey is not None) == (1000 in rows)
