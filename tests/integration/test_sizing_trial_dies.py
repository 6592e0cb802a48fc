import os
import signal
import threading
import time

import pytest

from loadtest.errors import StackDied
from loadtest.sizing import profile as profiles
from loadtest.sizing.plan import Job, Plan
from loadtest.sizing.progress import Display
from loadtest.sizing.record import Recording
from loadtest.sizing.run import Runner
from loadtest.sizing.trials import Trials

SLOW = profiles.Profile("slow", {}, {"latency": {"kind": "fixed", "ms": 50}, "limit": {"per_second": 0}})


@pytest.fixture
def runner(stack, tmp_path):
    """A runner on the session's stack; a job that takes 47 s if nobody ends it."""
    plan = Plan((((Job("measure", 1000, SLOW, 60),),),))
    recording = Recording("local", {}, {}, (1000,), (SLOW,), "slow")
    return Runner(stack, Trials(stack, tmp_path, "contacts", 2), recording, Display(plan)), plan


def during_the_upload(stack, action):
    """Calls action(trial's service) as soon as the import has begun."""

    def act():
        while not begun.is_set():
            services = {name: each for name, each in stack._services().items() if name.startswith("web:slow-1000")}
            for service in services.values():
                if service.log_path.exists() and "request started POST" in service.log_path.read_text():
                    action(service)
                    begun.set()
            time.sleep(0.02)

    begun = threading.Event()
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_a_trial_whose_master_dies_ends_the_run_and_is_named(stack, runner):
    running, plan = runner
    acting = during_the_upload(stack, lambda service: os.kill(service.pid, signal.SIGKILL))
    with pytest.raises(StackDied, match=r"^web:slow-1000\S* ended half way; the end of ") as died:
        running.run(plan)
    acting.join()
    assert "request started POST /api/imports" in str(died.value)
    assert running.recording.measurements == ()
    assert stack.alive() == [], "the trial is gone, the services it ran on are not"
