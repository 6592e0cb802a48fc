"""One part's way to its end, against a server that answers as it is told to."""

import io
from types import SimpleNamespace

import pytest

from loadtest.client.cut import Slice
from loadtest.client.errors import GaveUpError, NoAnswerError, RefusedError
from loadtest.client.journal import Journal
from loadtest.client.options import Options
from loadtest.client.part import Part
from loadtest.client.send import Sender
from loadtest.client.server import Answer

PART = Part(Slice(2, 11, 10), "list-0002.csv", io.BytesIO(b"a\n1\n"), 4, "5ha")
OPTIONS = Options("contacts", "people")
LIKE_IT = {"sha256": "5ha", "kind": "contacts", "on_duplicate": "update", "dry_run": False, "list": "people"}
CUT = NoAnswerError("eof")


def report(status="completed", rows=10, contacts=10, import_id="i1"):
    return {"id": import_id, "status": status, "rows_total": 10, "rows_done": rows, "contacts_synced": contacts}


def told(status, *args, code=None, retry_after=None, **kwargs):
    found = report(status, *args, **kwargs)
    unfinished = status in ("running", "received", "handed_off", "interrupted")
    return Answer(code or (202 if unfinished else 200), found, found["id"], retry_after, f"HTTP {code}")


def bare(code, retry_after=None):
    return Answer(code, retry_after=retry_after, said=f"HTTP {code}")


class Script:
    """A server that answers in order, and remembers what it was asked."""

    url = "http://x"

    def __init__(self, *answers, newest=()):
        self.answers = list(answers)
        self.found = list(newest)
        self.asked = []

    def _next(self, what):
        self.asked.append(what)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def upload(self, part, options, key):
        self.key = key
        return self._next("upload")

    def show(self, import_id):
        return self._next(f"show {import_id}")

    def resume(self, import_id):
        return self._next(f"resume {import_id}")

    def newest(self, limit=50):
        return bare(200), self.found


@pytest.fixture
def sender(tmp_path):
    def make(*answers, attempts=3, newest=(), patience=60, journal=None):
        slept, said = [], []
        server = Script(*answers, newest=newest)
        journal = journal or Journal.open(tmp_path / "j.json")
        made = Sender(server, OPTIONS, journal, "key", attempts, patience, said.append, sleep=slept.append)
        made.slept, made.said = slept, said
        return made

    return make


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ([told("completed")], ["upload"]),
        ([told("completed_with_errors")], ["upload"]),
        ([told("failed", code=422)], ["upload"]),
        ([told("received"), told("running", 3), told("completed")], ["upload", "show i1", "show i1"]),
        ([told("handed_off"), told("completed")], ["upload", "show i1"]),
        ([Answer(202, None, "i1"), told("completed")], ["upload", "show i1"]),
        ([bare(429), told("completed")], ["upload", "upload"]),
        ([bare(500), told("completed")], ["upload", "upload"]),
        ([bare(502), bare(504), told("completed")], ["upload", "upload", "upload"]),
        ([CUT, told("completed")], ["upload", "upload"]),
        # A 503 that says which import it was about
        ([told("interrupted", code=503), told("interrupted"), told("completed")], ["upload", "show i1", "resume i1"]),
        ([told("running"), told("interrupted", 5), CUT, told("running", 7), told("completed")],
         ["upload", "show i1", "resume i1", "show i1", "show i1"]),
        # Another database than a moment ago
        ([told("running"), bare(404), told("completed", import_id="i2")], ["upload", "show i1", "upload"]),
    ],
)  # fmt: skip
def test_a_part_gets_to_its_end(sender, answers, asked):
    one = sender(*answers)
    found = one.send(PART)
    assert found == answers[-1].report
    assert one.server.asked == asked
    assert Journal.open(one.journal.path).imports == {2: found["id"]}


def test_an_import_whose_answer_was_lost_is_found_and_not_sent_again(sender):
    newest = [report("running", import_id="other") | LIKE_IT | {"sha256": "other"}, report("running") | LIKE_IT]
    one = sender(CUT, told("interrupted", 4), told("completed"), newest=newest)
    assert one.send(PART)["status"] == "completed"
    assert (one.server.asked, one.uploads) == (["upload", "show i1", "resume i1"], 1)


@pytest.mark.parametrize("differs", [{"status": "completed"}, {"list": "others"}, {"on_duplicate": "skip"}])
def test_an_import_that_only_looks_like_it_is_none(sender, differs):
    one = sender(CUT, told("completed"), newest=[report("running") | LIKE_IT | differs])
    one.send(PART)
    assert one.server.asked == ["upload", "upload"]


@pytest.mark.parametrize("failure", [bare(500), bare(429, 0), bare(503), CUT])
def test_attempts_that_bring_nothing_run_out(sender, failure):
    one = sender(*[failure] * 3)
    with pytest.raises(GaveUpError, match="gave up after 3 attempts in a row that brought nothing"):
        one.send(PART)
    assert one.server.asked == ["upload"] * 3


def test_each_failure_waits_twice_as_long_as_the_last(sender):
    one = sender(*[bare(502)] * 4, told("completed"), attempts=9)
    one.send(PART)
    assert one.slept == [0.5, 1, 2, 4]
    assert one.said[0] == "HTTP 502; again in 0.5 s"


@pytest.mark.parametrize("code", [429, 503])
def test_the_server_says_how_long_to_wait(sender, code):
    one = sender(bare(code, 7.0), told("completed"))
    one.send(PART)
    assert one.slept == [7.0]


def test_a_resume_that_gets_further_is_no_failure(sender):
    killed = [answer for rows in range(1, 9) for answer in (told("interrupted", rows, rows), CUT)]
    one = sender(told("running", 0, 0), *killed, told("completed"))
    assert one.send(PART)["status"] == "completed"


def test_an_import_that_stands_still_is_given_up(sender):
    one = sender(*[told("running", 3)] * 9, patience=-1)
    one.journal.remember(2, "i1")
    with pytest.raises(GaveUpError, match="import i1 got no further"):
        one.send(PART)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 413, 415, 422, 302])
def test_what_would_be_refused_again_is_not_sent_again(sender, code):
    one = sender(bare(code))
    with pytest.raises(RefusedError) as refused:
        one.send(PART)
    assert refused.value.exit_code == 2
    assert one.server.asked == ["upload"]


def test_a_200_that_is_not_of_the_app_is_refused(sender):
    with pytest.raises(RefusedError, match="does not answer as the import app does"):
        sender(bare(200)).send(PART)


def test_a_part_that_is_in_is_not_made_again(sender):
    one = sender(told("completed"))
    one.journal.remember(2, "i1")
    assert one.known(SimpleNamespace(piece=PART.piece)) == report()
    assert (one.server.asked, one.uploads) == (["show i1"], 0)


def test_a_part_that_the_server_has_forgotten_is_not_known(sender):
    one = sender(bare(404))
    one.journal.remember(2, "i1")
    assert one.known(SimpleNamespace(piece=PART.piece)) is None
    assert Journal.open(one.journal.path).imports == {}


def test_the_same_part_has_the_same_key_and_another_one_another(sender):
    def key_of(part=PART, options=OPTIONS, restart=False, content="key"):
        one = sender(told("completed"), journal=None)
        one.journal.imports.clear()
        one.options, one.key = options, content
        if restart:
            one.journal.restart()
        one.send(part)
        return one.server.key

    other_part = Part(Slice(3, 21, 10), "list-0003.csv", PART.content, 4, "5ha")
    keys = [
        key_of(),
        key_of(other_part),
        key_of(content="other"),
        key_of(options=Options("contacts", "others")),
        key_of(options=Options("contacts", "people", "skip")),
        key_of(options=Options("contacts", "people", chunk_rows=5)),
        key_of(restart=True),
    ]
    assert len(set(keys)) == len(keys)
    assert key_of() == keys[-1]  # what was begun anew stays begun anew
    assert key_of(options=Options("contacts", "people", mode="sync")) == keys[-1]
    assert all(len(key) <= 200 and key.isprintable() for key in keys)
