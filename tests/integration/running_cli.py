"""What the tests of whole commands share: starting one as a person does, looking into its run, what is left of it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

import config
from loadtest.stack.leftovers import all_runs
from loadtest.stack.runs import MARK

TWENTY_MS = """
summary = "20 ms a call"
assumptions = "made up for a test"
[mock]
latency = { kind = "fixed", ms = 20 }
limit = { per_second = 0 }
[env]
"""


def start(home, *arguments, **env):
    """`timeoutlab ARGUMENTS` with TIMEOUTLAB_HOME=home, in a process group of its own as a shell would have it."""
    inherited = {name: value for name, value in os.environ.items() if name not in config.variables()}
    return subprocess.Popen(
        [sys.executable, "-m", "loadtest.cli", *map(str, arguments)],
        env={**inherited, "TIMEOUTLAB_HOME": str(home), "TMPDIR": str(home), **env},
        cwd=config.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def run(home, *arguments, **env):
    """Its exit code, stdout and stderr."""
    with start(home, *arguments, **env) as process:
        out, err = process.communicate()
    return process.returncode, out, err


def until(command, condition):
    """What the condition gives as soon as it gives something; the command must go on until then."""
    while True:
        found = condition()
        if found:
            return found
        assert command.poll() is None, command.communicate()
        time.sleep(0.02)


def uploading(home):
    """The pids of what a run under way has started, by name, once an import has begun; None before."""
    for each in all_runs(home):
        logs = each.directory.glob("web-*.log")
        if any("request started POST /api/imports" in log.read_text() for log in logs):
            return {started.name: started.pid for started in each.started}
    return None


def left_of(home):
    """Every process that runs for this home: services by their mark, commands and drivers by their variable."""
    found = []
    for process in psutil.process_iter():
        try:
            environ = process.environ()
        except (psutil.Error, OSError):
            continue
        run = Path(environ.get(MARK, "/none/none/none"))
        if home in (Path(environ.get("TIMEOUTLAB_HOME", "/none")), run.parent.parent):
            found.append((process.pid, process.name()))
    return found


def files_left(home):
    """What a command has left below TMPDIR and in its runs beside logs."""
    runs = [path.name for path in home.glob("runs/*/*") if path.suffix != ".log" and path.name != "pids.json"]
    return runs + [path.name for path in home.glob("timeoutlab-*")]
