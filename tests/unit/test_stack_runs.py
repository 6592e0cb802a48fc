import os
import shutil
import signal
import subprocess
import sys

import psutil
import pytest

from loadtest.errors import StartError
from loadtest.stack.leftovers import KEPT, all_runs, prune, sweep
from loadtest.stack.runs import Run
from loadtest.stack.tree import Identity, end

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
ENV = {"PATH": os.defpath}


@pytest.fixture
def run(tmp_path):
    run = Run.create(tmp_path)
    yield run
    run.end_all()


def spawn(run, argv=SLEEP, **keywords):
    return run.spawn("sleeper", argv, stop_signal=signal.SIGTERM, env=ENV, **keywords)


def orphan(run):
    # as if the process that owns the run had been killed
    run.owner = Identity(run.owner.pid, run.owner.create_time - 1000)
    run._save()


def test_what_was_started_is_on_record_with_pid_and_create_time(run):
    process = spawn(run)
    (record,) = Run.load(run.directory).started
    assert (record.name, record.pid, record.stop_signal) == ("sleeper", process.pid, signal.SIGTERM)
    assert record.create_time == pytest.approx(psutil.Process(process.pid).create_time())


def test_a_program_is_started_in_a_session_of_its_own(run):
    process = spawn(run)
    assert os.getsid(process.pid) == process.pid != os.getsid(0)


def test_the_run_of_a_living_owner_is_not_swept(run, tmp_path):
    process = spawn(run)
    assert sweep(tmp_path) == []
    assert process.poll() is None


def test_what_a_killed_owner_left_is_ended(run, tmp_path):
    process = spawn(run)
    scratch = run.make_scratch(tmp_path)
    orphan(run)
    assert [each.pid for each in sweep(tmp_path)] == [process.pid]
    assert process.wait() == -signal.SIGTERM
    assert not scratch.exists()
    assert sweep(tmp_path) == []


def test_a_detached_run_is_no_leftover(run, tmp_path):
    process = spawn(run)
    run.detach()
    assert sweep(tmp_path) == []
    assert process.poll() is None


def test_what_runs_without_its_directory_is_ended_even_when_it_was_detached(run, tmp_path):
    process = spawn(run)
    run.detach()
    shutil.rmtree(tmp_path / "runs")
    assert [each.pid for each in sweep(tmp_path)] == [process.pid]
    assert process.wait() == -signal.SIGTERM


def test_a_pid_that_is_another_process_by_now_is_left_alone(run, tmp_path):
    bystander = subprocess.Popen(SLEEP)
    spawn(run)
    record = run.started[0]
    run.started = [type(record)(record.name, bystander.pid, record.create_time - 500, record.stop_signal)]
    orphan(run)
    try:
        assert sweep(tmp_path) == []
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_child_whose_parent_ended_is_ended_too(run, tmp_path):
    leave_a_child = f"import subprocess; print(subprocess.Popen({SLEEP!r}).pid, flush=True)"
    parent = spawn(run, [sys.executable, "-c", leave_a_child], stdout=subprocess.PIPE)
    with parent.stdout:
        child = psutil.Process(int(parent.stdout.readline()))
    parent.wait()
    orphan(run)
    sweep(tmp_path)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_program_that_ignores_the_stop_signal_is_killed_with_its_children(run):
    stubborn = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"print(subprocess.Popen({SLEEP!r}).pid, flush=True); time.sleep(60)"
    )
    process = spawn(run, [sys.executable, "-c", stubborn], stdout=subprocess.PIPE)
    with process.stdout:
        child = psutil.Process(int(process.stdout.readline()))
    assert end(run.started[0].identity, signal.SIGTERM, grace_seconds=0.1)
    assert process.wait() == -signal.SIGKILL
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_nothing_can_be_started_in_a_run_that_is_being_stopped(run):
    run.close()
    with pytest.raises(StartError, match="being stopped"):
        spawn(run)


def test_finished_runs_are_pruned_to_the_last_five(tmp_path):
    runs = []
    for _ in range(KEPT + 3):
        runs.append(Run.create(tmp_path))
        runs[-1].finish()
    unfinished = Run.create(tmp_path)
    prune(tmp_path)
    kept = {each.directory.name for each in all_runs(tmp_path)}
    assert len(kept) == KEPT + 1
    assert unfinished.directory.name in kept


def test_a_run_directory_that_cannot_be_read_stops_nothing(tmp_path, run):
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "older").mkdir()
    (tmp_path / "runs" / "older" / "pids.json").write_text('{"owner": null}')
    assert [each.directory for each in all_runs(tmp_path)] == [run.directory]
