import json
import os
import subprocess
import sys

import pytest

from benchmarks.gate.side import HERE

# Says how long the answers to a GET and to a POST of 50 ms and more were put off.
PROGRAM = """
import json, time
from flask import Flask

app, late, sleep = Flask(__name__), [], time.sleep

@app.route("/", methods=["GET", "POST"])
def answer():
    sleep(0.05)
    return "done"

time.sleep = late.append
for method in ("get", "post"):
    assert getattr(app.test_client(), method)("/").text == "done"
print(json.dumps(late))
"""


def put_off(program, **env):
    inherited = {name: value for name, value in os.environ.items() if name != "GATE_DELAY"}
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=True,
        env={**inherited, "PYTHONPATH": str(HERE / "delay"), **env},
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.fixture
def gunicorn(tmp_path):
    path = tmp_path / "gunicorn"
    path.write_text(PROGRAM)
    return path


def test_a_post_to_gunicorn_is_late_by_the_share_of_its_time_that_was_asked_for(gunicorn):
    [third] = put_off(gunicorn, GATE_DELAY="0.3")
    assert third >= 0.3 * 0.05


def test_without_a_delay_nothing_is_and_other_programs_are_left_alone(gunicorn):
    assert put_off(gunicorn) == []
    assert put_off(gunicorn.rename(gunicorn.with_name("celery")), GATE_DELAY="0.3") == []
