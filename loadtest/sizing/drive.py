"""Locust, driving one upload at a trial."""

import json
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtest.errors import HarnessError
from loadtest.sizing.record import Sample
from loadtest.stack.base import Trial
from loadtest.stack.runs import MARK

ROOT = Path(__file__).resolve().parents[2]
LOCUSTFILE = ROOT / "loadtest" / "locustfile.py"
# Above the timeout under test, so that the server is measured and not the client.
CLIENT_MARGIN_SECONDS = 30
START_SECONDS = 30


@dataclass(frozen=True)
class Upload:
    """The recorded request, and the ``type`` of the problem it was answered with."""

    sample: Sample
    problem: str | None


class Drivers:
    """The Locust processes of a run, uploading CSVs of *kind*; all can be ended at once. Safe to use from threads."""

    def __init__(self, home: Path, kind: str = "contacts") -> None:
        self.over = threading.Event()
        self._home = home
        self._kind = kind
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def upload(self, trial: Trial, rows: int, timeout: float) -> Upload:
        """One upload of the standard fixture of *rows* rows; waits for its end. Raises HarnessError."""
        client_timeout = int(timeout) + CLIENT_MARGIN_SECONDS
        run = trial.log_path.parent
        with tempfile.TemporaryDirectory(prefix="locust-", dir=run) as directory:
            samples = Path(directory, "samples.jsonl")
            log = Path(directory, "locust.log")
            environment = {
                "PATH": str(Path(sys.executable).parent),
                "HOME": directory,
                # It belongs to the trial's run: if the harness is killed, the next one finds and ends it.
                MARK: str(run),
                "TIMEOUTLAB_HOME": str(self._home),
                "TIMEOUTLAB_HOST": trial.url,
                "TIMEOUTLAB_API_KEY": trial.api_key,
                "TIMEOUTLAB_KIND": self._kind,
                "TIMEOUTLAB_ROWS": str(rows),
                "TIMEOUTLAB_UPLOADS": "1",
                "TIMEOUTLAB_CLIENT_TIMEOUT": str(client_timeout),
                "TIMEOUTLAB_SAMPLES": str(samples),
            }
            self._run(environment, log, client_timeout + START_SECONDS)
            return _recorded(trial.name, samples, log)

    def _run(self, environment: dict[str, str], log: Path, seconds: float) -> None:
        process = self._start(environment, log, seconds)
        try:
            process.wait(seconds + START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            with self._lock:
                self._running.discard(process)

    def _start(self, environment: dict[str, str], log: Path, seconds: float) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "-u", "1", "-r", "1"]
        with log.open("wb") as output, self._lock:
            if self.over.is_set():
                raise HarnessError("no upload was started: the run is being ended")
            process = subprocess.Popen(
                [*command, "--only-summary", "--run-time", f"{int(seconds)}s"],
                env=environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._running.add(process)
        return process

    def end(self) -> None:
        """Ends every driver that still runs, and lets none be started."""
        with self._lock:
            self.over.set()
            for process in self._running:
                process.kill()


def _recorded(trial: str, samples: Path, log: Path) -> Upload:
    with suppress(OSError, ValueError, IndexError):  # a driver that was killed may have written half a line
        facts: dict[str, Any] = json.loads(samples.read_text().splitlines()[0])
        problem = facts.pop("problem")
        return Upload(Sample(trial=trial, **facts), problem)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    raise HarnessError(f"locust recorded no request for {trial}; the end of its log:\n{tail}")
