"""A web instance: ``entrypoint.sh web`` with its settings, and the app's own commands."""

import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

import psutil

import config
from loadtest.errors import StartError
from loadtest.stack.base import ProcessInfo
from loadtest.stack.environment import app_environment
from loadtest.stack.ports import HOST
from loadtest.stack.process import ROOT, Service
from loadtest.stack.ps import processes_below
from loadtest.stack.readiness import answers_ok
from loadtest.stack.runs import Run

# A request that is still running when the instance is stopped is not waited for.
STOP_GRACE_SECONDS = 2.0
READY_SECONDS = 30


class Web:
    """One gunicorn with its workers on a loopback port."""

    def __init__(self, name: str, run: Run, port: int) -> None:
        self.port = port
        self.service = Service(name, [str(ROOT / "entrypoint.sh"), "web"], run, {})

    @property
    def url(self) -> str:
        """``http://host:port``."""
        return f"http://{HOST}:{self.port}"

    def start(self, settings: Mapping[str, str]) -> None:
        """Returns when all its workers are there and /readyz answers 200. Raises StartError."""
        app = config.load_settings(settings)
        self.service.env = app_environment(settings)
        # Longer than the app waits for its database: what it says then is the better message.
        self.service.start(
            lambda: self._workers() >= app.gunicorn_workers and answers_ok(self.port, "/readyz"),
            app.database_wait_seconds + READY_SECONDS,
        )

    def stop(self) -> None:
        """Stops it, with a request that is running if need be."""
        self.service.stop(STOP_GRACE_SECONDS)

    def kill(self) -> None:
        """Ends it at once. Nothing of a trial is kept, and five Pythons tidying up cost two seconds of CPU time."""
        self.service.kill()

    def ps(self) -> list[ProcessInfo]:
        """Its gunicorn processes, master first."""
        return processes_below(self.service.pid, "gunicorn")

    def _workers(self) -> int:
        with suppress(psutil.NoSuchProcess):
            master = psutil.Process(self.service.pid)
            # Before the exec of gunicorn it is the entrypoint's shell, with children of its own.
            return len(master.children()) if any("gunicorn" in word for word in master.cmdline()) else 0
        return 0


def app_admin(settings: Mapping[str, str], *arguments: str) -> str:
    """What ``python -m app.admin ARGUMENTS`` prints, without the newline. Raises StartError when it fails."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "app.admin", *arguments], env=app_environment(settings), cwd=ROOT,
            capture_output=True, text=True, errors="replace", timeout=60, check=False, start_new_session=True,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StartError(f"`python -m app.admin {' '.join(arguments)}` did not run: {error}") from error
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise StartError(f"`python -m app.admin {' '.join(arguments)}` failed: {reason}")
    return done.stdout.strip()
