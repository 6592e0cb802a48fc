"""The processes of one service, as ``ps`` shows them to an operator."""

import subprocess
from collections.abc import Iterator

from loadtest.errors import HarnessError
from loadtest.stack.base import ProcessInfo

COMMAND = ("ps", "-eo", "pid,ppid,args", "-ww")  # -ww: whole lines, however narrow the terminal


def processes_below(master_pid: int, containing: str = "") -> list[ProcessInfo]:
    """The master and its descendants whose command line contains the text, master first. Raises HarnessError."""
    try:
        output = subprocess.run(COMMAND, capture_output=True, text=True, errors="replace", check=True).stdout
    except FileNotFoundError as error:
        raise HarnessError("ps is not installed: install the package procps") from error
    except subprocess.CalledProcessError as error:
        raise HarnessError(f"{' '.join(COMMAND)} failed: {error.stderr.strip()}") from error
    return [each for each in parse(output, master_pid) if containing in each.args]


def parse(output: str, master_pid: int) -> list[ProcessInfo]:
    """The master and its descendants in the output of COMMAND, parents before their children."""
    lines = list(_lines(output))
    found = [ProcessInfo(pid, ppid, args, "master") for pid, ppid, args in lines if pid == master_pid]
    for parent in found:  # grows while it is walked
        found += [
            ProcessInfo(pid, ppid, args, "worker")
            for pid, ppid, args in lines
            if ppid == parent.pid and pid != parent.pid
        ]
    return found


def _lines(output: str) -> Iterator[tuple[int, int, str]]:
    for line in output.splitlines():
        fields = line.split(None, 2)
        if len(fields) >= 2 and fields[0].isdigit() and fields[1].isdigit():
            yield int(fields[0]), int(fields[1]), fields[2] if len(fields) == 3 else ""
