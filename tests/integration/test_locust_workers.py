import json
import re
import signal
import socket
from contextlib import suppress
from types import SimpleNamespace

import psutil
import pytest
from importing import UNLIMITED, App
from locusts import lines, locust

from fixtures.cache import fixture
from loadtest.stack.ports import HOST, free_port

ROWS = 20
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
TITLE = f"import {ROWS} rows"


@pytest.fixture(scope="module")
def app(stack):
    env = {"OPENPHONE_RATE_PER_SECOND": "0", "GUNICORN_WORKERS": "5", "API_RATE_PER_MINUTE": "0"}
    with stack.trial("workers", env, UNLIMITED) as running:
        yield App(stack, running)


@pytest.fixture
def silent():
    """A server whose connections the test accepts and answers itself, as the target of an upload."""
    with socket.create_server((HOST, 0)) as listening:
        url = f"http://{HOST}:{listening.getsockname()[1]}"
        yield SimpleNamespace(url=url, api_key="key", accept=lambda: listening.accept()[0])


def distributed(target, home, *arguments, **env):
    """A master and two workers on loopback, forked by Locust itself, which begin when all are there."""
    port = str(free_port())
    ours = ("--processes", "2", "--master-bind-host", HOST, "--master-bind-port", port, "--master-port", port)
    statistics = ("--only-summary", "--json-file", str(home / "statistics"))
    return locust(target, home, *ours, "--headless", "-u", "4", "-r", "4", *statistics, *arguments, **env)


def recorded(home):
    """The samples of each worker."""
    return [lines(path) for path in sorted(home.glob("locust-samples-*.jsonl"))]


def expected(tmp_path, areas):
    """Contacts in the files of so many areas, from the first on."""
    made = (fixture("contacts", ROWS, 1, area, cache_dir=tmp_path / "again")[1] for area in range(areas))
    return sum(manifest.contacts_expected for manifest in made)


def test_two_workers_lose_and_share_nothing_and_a_second_start_goes_on_behind_the_first(app, tmp_path):
    home = tmp_path / "home"
    with distributed(app.trial, home, TIMEOUTLAB_UPLOADS="7") as first:
        said = first.communicate()[0]
    assert first.returncode == 0, said
    assert sorted(len(each) for each in recorded(home)) != [0, 7], "both had some"
    assert sum(len(each) for each in recorded(home)) == 7
    assert (home / "next-area").read_text().strip() == "7"

    # Ended by the time, with uploads under way; a busy machine may not get to any in so short a time.
    for seconds in ("2s", "20s"):
        with distributed(app.trial, home, "--run-time", seconds) as second:
            said = second.communicate()[0]
        assert second.returncode == 0, said
        assert "uploads are cut" not in said
        areas = int((home / "next-area").read_text())
        if areas > 7:
            break

    samples = [sample for each in recorded(home) for sample in each]
    assert len(recorded(home)) >= 4, "every worker has a file of its own"
    assert {(sample["name"], sample["status"]) for sample in samples} == {(TITLE, 200)}
    assert areas == len(samples) > 7
    assert json.loads((home / "statistics.json").read_text())[0]["num_requests"] == areas - 7, (
        "the master's statistics are whole"
    )
    imports = [str(ident) for (ident,) in app.sql("SELECT id FROM imports WHERE filename LIKE 'contacts-20-%%'")]
    assert sorted(sample["import_id"] for sample in samples) == sorted(imports)
    contacts = expected(tmp_path, areas)
    assert (len(app.stored()), len(set(app.stored()))) == (contacts, contacts)
    assert app.synced() == app.stored()
    assert list((home / "fixtures").iterdir()) == [], "nobody needs these files again"


def test_a_worker_that_is_killed_does_not_keep_the_test_from_its_end_and_is_told(silent, tmp_path):
    with distributed(silent, tmp_path, "-u", "2", TIMEOUTLAB_UPLOADS="2") as running:
        connections = [silent.accept() for _ in range(2)]
        psutil.Process(running.pid).children()[0].kill()
        for each in connections:
            each.recv(65536)
            each.sendall(ANSWER)
            each.close()
        said = running.communicate()[0]
    assert running.returncode == 1
    assert re.search(r"worker \S+ is gone, and what became of 1 uploads is not known", said)
    assert [len(each) for each in recorded(tmp_path)] in ([0, 1], [1, 0])


def test_an_upload_under_way_when_the_time_is_up_is_waited_for_and_one_that_is_cut_is_recorded_as_that(
    silent, tmp_path
):
    one = ("--headless", "-u", "1", "-r", "1", "--only-summary")
    with (
        locust(silent, tmp_path / "waited", *one, "--run-time", "1s") as waiting,
        locust(silent, tmp_path / "cut", *one, "--run-time", "1m") as stopped,
    ):
        connections = [silent.accept() for _ in range(2)]
        stopped.send_signal(signal.SIGTERM)
        output = stopped.communicate()[0]
        while "--run-time limit reached" not in waiting.stdout.readline():
            pass
        for each in connections:
            with suppress(OSError):  # the one that was cut
                each.sendall(ANSWER)
            each.close()
        waiting.communicate()
    assert "1 uploads are cut" in output
    [sample] = lines(tmp_path / "cut" / "locust-samples.jsonl")
    assert (sample["status"], sample["saw"]) == (None, "cut")

    assert waiting.returncode == 0
    [sample] = lines(tmp_path / "waited" / "locust-samples.jsonl")
    assert (sample["status"], sample["saw"]) == (200, "200")
