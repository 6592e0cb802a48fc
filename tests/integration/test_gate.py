import json
import os
import shutil
import signal
import subprocess
import sys
import time
from xml.etree import ElementTree

import pytest
from running_cli import left_of

import config
from benchmarks.gate.samples import TASKS

# Two stacks, one of them for each tree.
pytestmark = pytest.mark.timeout(400)

PARTS = [
    *("app", "benchmarks", "fixtures", "loadtest", "nginx"),
    *("config.py", "entrypoint.sh", "pyproject.toml", "requirements.lock"),
]
# Whatever the import is made of: a contact is lost behind its back.
LOSING = """
_sound = create_app

def create_app(settings=None):
    app = _sound(settings)

    @app.after_request
    def lose_one(response):
        from flask import request
        from sqlalchemy import text

        if request.method == "POST":
            with app.extensions["engine"].begin() as connection:
                connection.execute(text("DELETE FROM list_members"))
                connection.execute(text("DELETE FROM openphone_outbox"))
                connection.execute(text("DELETE FROM contacts WHERE phone = (SELECT min(phone) FROM contacts)"))
        return response

    return app
"""


def git(path, *arguments):
    names = ["-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *names, *arguments], cwd=path, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository whose HEAD is what is tested, and HEAD~1 is without the stack."""
    path = tmp_path_factory.mktemp("repository")
    for part in PARTS:
        source = config.ROOT / part
        if source.is_dir():
            shutil.copytree(source, path / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, path / part)
    git(path, "init", "--quiet")
    git(path, "add", "--all")
    (path / "loadtest/stack/local.py").rename(path / "local.py")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message", "before the stack")
    (path / "local.py").rename(path / "loadtest/stack/local.py")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message", "all of it")
    return path


def start(repository, home, *arguments):
    """The gate of that repository."""
    inherited = {name: value for name, value in os.environ.items() if name not in config.variables()}
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.gate", "gate", "--rows", "300", *map(str, arguments)],
        env={**inherited, "TIMEOUTLAB_HOME": str(home), "PYTHONPATH": str(repository)},
        cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def run(repository, home, *arguments):
    with start(repository, home, *arguments) as process:
        out, err = process.communicate()
    return process.returncode, out, err


def nothing_is_left(repository, home):
    assert left_of(home) == []
    assert len(git(repository, "worktree", "list").splitlines()) == 1
    assert list(home.glob("gate/trees/*")) == []


def test_a_tree_beside_itself_comes_to_samples_of_all_and_every_report(repository, tmp_path):
    out = {kind: tmp_path / f"out.{kind}" for kind in ("json", "markdown", "junit")}
    written = [option for kind, path in out.items() for option in (f"--{kind}", path)]
    code, text, err = run(repository, tmp_path, "--base", "HEAD", "--rounds", "2", "--max-rounds", "2", *written)
    # Too few rounds for a verdict, and nothing that would forbid one.
    assert code == 3, text + err
    assert "about 6 more rounds would settle it" in text
    found = json.loads(out["json"].read_text())
    assert (found["exit_code"], found["verdict"]) == (3, "inconclusive")
    assert found["base"]["commit"] == found["now"]["commit"] == git(repository, "rev-parse", "HEAD")
    turns = [(each["task"], each["round"], each["side"]) for each in found["samples"]]
    assert turns == [
        (task, number, side)
        for number in range(3)
        for task in TASKS
        for side in (("base", "now") if number % 2 else ("now", "base"))
    ]
    assert [each for each in found["samples"] if each["trouble"]] == []
    imports = [each for each in found["samples"] if each["task"] != "phone"]
    assert all(each["peak_bytes"] > each["before_bytes"] > 2**20 for each in imports)
    assert all(sum(each["stage_seconds"].values()) > 0 for each in imports)
    assert len(ElementTree.parse(out["junit"]).findall("testcase/error")) == 5
    assert out["markdown"].read_text().startswith("**INCONCLUSIVE** (exit code 3)")
    nothing_is_left(repository, tmp_path)


def test_a_tree_that_loses_a_contact_is_never_a_pass(repository, tmp_path):
    broken = repository / "app" / "__init__.py"
    sound = broken.read_text()
    broken.write_text(sound + LOSING)
    try:
        code, text, _ = run(
            repository, tmp_path, "--base", "HEAD", "--measure", "contacts", "--rounds", "1", "--junit", tmp_path / "x"
        )
    finally:
        broken.write_text(sound)
    assert code == 2, text
    assert "VERDICT: INVALID" in text
    # The warm-up begins with the tree that is new.
    assert "- contacts, now, warm-up: 278 contacts, the file has 279; 0 outbox entries, the file has 279" in text
    assert {each.get("type") for each in ElementTree.parse(tmp_path / "x").iter("error")} == {"invalid"}
    nothing_is_left(repository, tmp_path)


def test_a_base_without_what_is_measured_is_refused(repository, tmp_path):
    code, text, err = run(repository, tmp_path, "--base", "HEAD~1")
    assert (code, text) == (2, "")
    commit = git(repository, "rev-parse", "--short=12", "HEAD~1")
    assert err.startswith(f"error: HEAD~1 ({commit}): it lacks what the gate measures, so it is too old or too new")
    assert "loadtest.stack.local" in err
    nothing_is_left(repository, tmp_path)


@pytest.mark.parametrize("base", ["nothing-of-that-name", "--help", "HEAD:config.py"])
def test_a_base_that_is_no_commit_is_refused(repository, tmp_path, base):
    code, text, err = run(repository, tmp_path, f"--base={base}")
    assert (code, text) == (2, "")
    assert f"--base {base}: no such commit" in err


def test_ctrl_c_leaves_nothing_behind(repository, tmp_path):
    with start(repository, tmp_path, "--base", "HEAD") as process:
        while not any(each[1] == "postgres" for each in left_of(tmp_path)):
            assert process.poll() is None, process.communicate()
            time.sleep(0.1)
        assert len(git(repository, "worktree", "list").splitlines()) == 2
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == 130
    assert "everything that was started has been stopped" in err
    nothing_is_left(repository, tmp_path)
