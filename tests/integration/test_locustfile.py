import signal
import socket
import threading
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import requests
from locusts import lines, locust

from loadtest.errors import HarnessError
from loadtest.sizing.drive import Drivers
from loadtest.stack.ports import HOST, free_port

UNLIMITED = {"latency": {"kind": "none"}, "limit": {"per_second": 0}}
FIELDS = ["name", "started_at", "seconds", "status", "saw", "import_id", "request_bytes", "problem"]


HEADLESS = ("--headless", "-u", "2", "-r", "2", "--run-time", "30s", "--only-summary")


@pytest.fixture(scope="module")
def trial(stack):
    env = {"OPENPHONE_RATE_PER_SECOND": "0", "GUNICORN_WORKERS": "3", "API_RATE_PER_MINUTE": "0"}
    with stack.trial("locust", env, UNLIMITED) as running:
        yield running


def test_it_works_by_itself_and_writes_every_upload_with_its_exact_time(trial, tmp_path):
    samples = tmp_path / "out" / "samples.jsonl"
    before = time.time()
    with locust(trial, tmp_path, *HEADLESS, TIMEOUTLAB_UPLOADS="3", TIMEOUTLAB_SAMPLES=str(samples)) as running:
        output = running.communicate()[0]
    after = time.time()
    assert running.returncode == 0, output
    assert "import 20 rows" in output

    found = lines(samples)
    assert [list(line) for line in found] == [FIELDS] * 3
    imports = {str(key): name for key, name in trial.sql("SELECT id, filename FROM imports")}
    assert {line["import_id"] for line in found} == set(imports)
    assert len(set(imports.values())) == 3, "a fresh file each time"
    for line in found:
        assert (line["name"], line["status"], line["saw"], line["problem"]) == ("import 20 rows", 200, "200", None)
        assert before < line["started_at"] < line["started_at"] + line["seconds"] < after
        assert line["seconds"] != round(line["seconds"], 3), "not rounded to milliseconds"
        assert line["request_bytes"] > 20 * 50
    # no two files had a phone in common
    assert trial.sql("SELECT count(*) FROM contacts") == [(3 * (20 - 1 - 0),)]


def test_a_key_that_is_none_fails_in_words_and_stops_the_load(trial, tmp_path):
    with locust(trial, tmp_path, *HEADLESS, TIMEOUTLAB_API_KEY="wrong") as running:
        output = running.communicate()[0]
    assert running.returncode == 1, output
    assert f"401: TIMEOUTLAB_API_KEY is no key of {trial.url}; `make up` prints one" in output
    found = lines(tmp_path / "locust-samples.jsonl")
    assert {(line["status"], line["problem"]) for line in found} == {(401, "urn:timeoutlab:problem:unauthorized")}
    assert len(found) <= 2


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"TIMEOUTLAB_API_KEY": None}, "TIMEOUTLAB_API_KEY: not set; `make up` prints a key"),
        ({"TIMEOUTLAB_HOST": "127.0.0.1:8080"}, "TIMEOUTLAB_HOST='127.0.0.1:8080': must be a URL http(s)://host"),
        ({"TIMEOUTLAB_SAMPLES": "/proc/none/x"}, "TIMEOUTLAB_SAMPLES=/proc/none/x: cannot be written: No such file"),
    ],
)  # fmt: skip
def test_a_variable_that_is_missing_or_wrong_is_one_line(trial, tmp_path, env, said):
    with locust(trial, tmp_path, *HEADLESS, **env) as running:
        output = running.communicate()[0]
    assert (running.returncode, output.count("\n")) == (2, 1)
    assert output.startswith(said)


def test_a_refused_connection_is_not_tried_again_at_once(trial, tmp_path):
    arguments = ("--headless", "-u", "1", "-r", "1", "--only-summary")
    nobody = f"http://{HOST}:{free_port()}"
    with locust(trial, tmp_path, *arguments, TIMEOUTLAB_HOST=nobody, TIMEOUTLAB_UPLOADS="3") as running:
        running.communicate()
    found = lines(tmp_path / "locust-samples.jsonl")
    assert [(line["status"], line["saw"]) for line in found] == [(None, "refused")] * 3
    assert all(later["started_at"] - line["started_at"] > 0.99 for line, later in pairwise(found))


def test_another_kind_is_uploaded_where_the_environment_says_so(trial, tmp_path):
    env = {"TIMEOUTLAB_UPLOADS": "1", "TIMEOUTLAB_KIND": "propertyradar"}
    with locust(trial, tmp_path, *HEADLESS, **env) as running:
        running.communicate()
    (line,) = lines(tmp_path / "locust-samples.jsonl")
    assert (line["name"], line["status"]) == ("import 20 propertyradar rows", 200)
    assert trial.sql("SELECT kind FROM imports ORDER BY number DESC LIMIT 1") == [("propertyradar",)]


def test_where_no_file_can_be_made_the_load_ends_and_says_why(trial, tmp_path):
    with locust(trial, tmp_path, *HEADLESS, TIMEOUTLAB_AREA="999999") as running:
        output = running.communicate()[0]
    assert running.returncode == 1
    assert 1 <= output.count("no file to upload: area 999999 does not exist: ") <= 2
    assert "Traceback" not in output
    assert lines(tmp_path / "locust-samples.jsonl") == []


def test_its_web_page_starts_the_load_and_what_is_under_way_at_the_end_is_recorded_too(trial, tmp_path):
    port = free_port()
    page = f"http://{HOST}:{port}"
    samples = tmp_path / "locust-samples.jsonl"
    arguments = ("--web-host", HOST, "--web-port", str(port), "--stop-timeout", "10")
    with locust(trial, tmp_path, *arguments, TIMEOUTLAB_ROWS="500") as running, requests.Session() as session:
        session.trust_env = False
        while True:
            assert running.poll() is None, running.stdout.read()
            try:
                shown = session.get(page, timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        assert shown.status_code == 200
        assert "Locust" in shown.text
        started = session.post(f"{page}/swarm", data={"user_count": 1, "spawn_rate": 1}, timeout=10)
        assert started.json()["success"]
        while not (samples.exists() and lines(samples)):
            time.sleep(0.02)
        running.send_signal(signal.SIGTERM)
        output = running.communicate()[0]
    assert running.returncode == 0, output
    assert "I/O operation on closed file" not in output
    assert {line["status"] for line in lines(samples)} == {200}
    done = trial.sql("SELECT count(*) FROM imports WHERE rows_total = 500")[0][0]
    assert done == len(lines(samples))


def test_a_driver_that_waits_is_ended_with_the_run_and_leaves_nothing(tmp_path):
    drivers = Drivers(tmp_path)
    (tmp_path / "run").mkdir()
    failed = []

    with socket.create_server((HOST, 0)) as silent:
        url = f"http://{HOST}:{silent.getsockname()[1]}"
        target = SimpleNamespace(name="silent", url=url, api_key="key", log_path=tmp_path / "run" / "web.log")

        def upload():
            try:
                drivers.upload(target, 1, 60)
            except HarnessError as error:
                failed.append(str(error))

        lane = threading.Thread(target=upload)
        lane.start()
        connection, _ = silent.accept()  # the upload is under way
        ours = [each for each in psutil.Process().children() if "locustfile.py" in str(each.cmdline())]
        assert [each.environ()["TIMEOUTLAB_RUN"] for each in ours] == [str(tmp_path / "run")]
        home = Path(ours[0].environ()["HOME"])
        drivers.end()
        lane.join()
        connection.close()
    assert failed[0].startswith("locust recorded no request for silent; the end of its log:")
    assert not any(each.is_running() for each in ours)
    assert home.parent == tmp_path / "run"
    assert not home.exists()
