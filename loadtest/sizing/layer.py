"""Which layer a request failed in, from what its client saw and what the web log says."""

import re
from dataclasses import dataclass
from datetime import datetime

from loadtest.sizing.drive import Upload
from loadtest.sizing.record import Layer, Sample

LINE = re.compile(r"^(?P<at>\S+Z) \[(?P<pid>\d+)\] (?P<level>[A-Z]+) (?P<message>.*)$")
TIMEOUT = re.compile(r"WORKER TIMEOUT \(pid:(\d+)\)")
STARTED = "request started "
IMPORT = f"{STARTED}POST /api/imports"
PROBLEMS: dict[str, Layer] = {
    "urn:timeoutlab:problem:openphone-unavailable": "openphone",
    "urn:timeoutlab:problem:database-unavailable": "postgresql",
    "urn:timeoutlab:problem:busy": "postgresql",  # no connection was free
}
# What a client can see of a worker that was killed: 500 from the worker, 502 from nginx where the worker said nothing.
KILLED = {"500", "502", "eof", "reset"}
# nginx's own words, which come without any from the app.
BAD_GATEWAY = "urn:timeoutlab:problem:bad-gateway"
FROM_NGINX = {BAD_GATEWAY, "urn:timeoutlab:problem:gateway-timeout"}
# Two processes write down the same moment; and a worker stuck in C ends up to two seconds after the arbiter's line.
CLOCK_SECONDS = 0.1
DEATH_SECONDS = 5.0
SAW: dict[str, Layer] = {
    "502": "nginx",
    "504": "nginx",
    "524": "gateway",
    "timeout": "client",
    "cut": "client",
    "refused": "stack",
}


@dataclass(frozen=True)
class WorkerTimeout:
    """The arbiter's line about a worker it killed, and when (epoch seconds) that worker had begun its import."""

    line: str
    pid: int
    at: float
    request_began_at: float | None

    @property
    def after_seconds(self) -> float | None:
        """From the start of the request in the worker to the arbiter's line."""
        return None if self.request_began_at is None else self.at - self.request_began_at


def worker_timeouts(log: str) -> list[WorkerTimeout]:
    """Every WORKER TIMEOUT in a web log; *request_began_at* is None where its worker was not at an import."""
    began: dict[int, float] = {}
    found = []
    for text in log.splitlines():
        line = LINE.match(text)
        if line is None:
            continue
        at = datetime.fromisoformat(line["at"]).timestamp()
        killed = TIMEOUT.search(line["message"])
        if killed:
            pid = int(killed[1])
            found.append(WorkerTimeout(text, pid, at, began.pop(pid, None)))
        elif line["message"].startswith(IMPORT):
            began[int(line["pid"])] = at
        elif line["message"].startswith(STARTED):
            began.pop(int(line["pid"]), None)  # its import was over
    return found


def killed_by(sample: Sample, log: str) -> WorkerTimeout | None:
    """The WORKER TIMEOUT that ended the request of *sample*; None where those in *log* are other requests'.

    The worker had begun an import while the client waited, and the client did not wait on for long after the kill.
    """
    ended = sample.started_at + sample.seconds
    during = [
        found
        for found in worker_timeouts(log)
        if found.request_began_at is not None
        and found.request_began_at >= sample.started_at - CLOCK_SECONDS
        and ended - DEATH_SECONDS <= found.at <= ended + CLOCK_SECONDS
    ]
    return max(during, key=lambda found: found.at, default=None)


def attribute(upload: Upload, log: str) -> tuple[Layer, str]:
    """The layer, and what says so. *upload* was not answered with 200."""
    saw, problem = upload.sample.saw, upload.problem or ""
    who = "nginx" if problem in FROM_NGINX else "the app"
    said = f"{who} answered {saw} ({problem.rsplit(':', 1)[-1]})" if problem else f"the client saw {saw}"
    if problem in PROBLEMS:
        return PROBLEMS[problem], said
    # A worker that was killed had no time to say what the problem is.
    killed = killed_by(upload.sample, log) if saw in KILLED and problem in ("", BAD_GATEWAY) else None
    if killed:
        return "gunicorn", killed.line
    if saw in SAW:
        return SAW[saw], said
    if saw.startswith("4"):
        return "validation", said
    if saw.startswith("2"):
        return "validation", f"{said}: it was not finished within the request"
    return "gunicorn", f"{said}, and no WORKER TIMEOUT of it is in the log"
