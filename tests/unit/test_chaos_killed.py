import threading

import pytest
import requests

from loadtest.chaos import scene
from loadtest.chaos.killed import death
from loadtest.chaos.scene import Answer, Scene
from loadtest.sizing.layer import worker_timeouts

LOG = """\
2026-01-05T10:00:00.000Z [7] INFO request started POST /api/imports
2026-01-05T10:00:05.000Z [7] ERROR Worker (pid:9) exited with code 1.
2026-01-05T10:00:10.500Z [3] CRITICAL WORKER TIMEOUT (pid:7)
2026-01-05T10:00:11.000Z [3] ERROR Worker (pid:77) was sent SIGKILL!
"""


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("2026-01-05T10:00:11.600Z [3] ERROR Worker (pid:7) was sent SIGKILL! Perhaps out of memory?", 1.1),
        ("2026-01-05T10:00:10.750Z [3] ERROR Worker (pid:7) exited with code 1.", 0.25),
        ("2026-01-05T10:00:12.000Z [3] INFO Booting worker with pid: 12", 0),
    ],
)
def test_a_worker_has_ended_when_the_arbiter_says_so_of_it_and_no_other(line, after):
    [timeout] = worker_timeouts(f"{LOG}{line}\n")
    assert death(f"{LOG}{line}\n", timeout) - timeout.at == pytest.approx(after)


@pytest.fixture
def upload(monkeypatch, tmp_path):
    """`upload(call)`: what the client sees where the app behaves like *call*."""
    (tmp_path / "list.csv").write_text("phone\n")

    class Manifest:
        kind = "contacts"

    class Stack:
        def check(self):
            pass

    def send(call):
        monkeypatch.setattr(scene, "call", call)
        return Scene(Stack(), tmp_path / "list.csv", Manifest, "inline", over=threading.Event()).upload(None, "sync", 1)

    return send


@pytest.mark.parametrize("status", [202, 500, 502])
def test_an_answer_is_an_answer_whatever_its_status(upload, status):
    reply = requests.Response()
    reply.status_code = status
    assert upload(lambda *_, **__: reply) == Answer(status)


def test_a_connection_that_is_cut_is_no_answer(upload):
    def cut(*_, **__):
        raise requests.ConnectionError

    assert upload(cut) == Answer(None)
