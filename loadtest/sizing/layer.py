"""Which layer a request failed in, from what its client saw and what the web log says."""

import re
from dataclasses import dataclass
from datetime import datetime

from loadtest.sizing.drive import Upload
from loadtest.sizing.record import Layer

LINE = re.compile(r"^(?P<at>\S+Z) \[(?P<pid>\d+)\] (?P<level>[A-Z]+) (?P<message>.*)$")
TIMEOUT = re.compile(r"WORKER TIMEOUT \(pid:(\d+)\)")
START = "request started POST /api/imports"
PROBLEMS: dict[str, Layer] = {
    "urn:timeoutlab:problem:openphone-unavailable": "openphone",
    "urn:timeoutlab:problem:database-unavailable": "postgresql",
}
SAW: dict[str, Layer] = {"502": "nginx", "504": "nginx", "524": "gateway", "timeout": "client", "refused": "stack"}


@dataclass(frozen=True)
class WorkerTimeout:
    """The arbiter's line about a worker it killed, and when that worker had begun its request (epoch seconds)."""

    line: str
    pid: int
    at: float
    request_began_at: float | None

    @property
    def after_seconds(self) -> float | None:
        """From the start of the request in the worker to the arbiter's line."""
        return None if self.request_began_at is None else self.at - self.request_began_at


def worker_timeouts(log: str) -> list[WorkerTimeout]:
    """Every WORKER TIMEOUT in a web log, with the last import that its worker had started before."""
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
            found.append(WorkerTimeout(text, pid, at, began.get(pid)))
        elif line["message"].startswith(START):
            began[int(line["pid"])] = at
    return found


def attribute(upload: Upload, log: str) -> tuple[Layer, str]:
    """The layer, and what says so. *upload* was not answered with 200."""
    saw = upload.sample.saw
    if upload.problem in PROBLEMS:
        return PROBLEMS[upload.problem], f"the app answered {saw} ({upload.problem.rsplit(':', 1)[-1]})"
    killed = worker_timeouts(log)
    if killed and saw in {"500", "502", "eof", "reset"}:
        return "gunicorn", killed[-1].line
    if saw in SAW:
        return SAW[saw], f"the client saw {saw}"
    if saw.startswith("4"):
        return "validation", f"the app answered {saw} ({(upload.problem or '').rsplit(':', 1)[-1]})"
    return "gunicorn", f"the client saw {saw}, and no WORKER TIMEOUT is in the log"
