"""A web instance and its nginx as containers, each a run of its service in docker-compose.yml."""

import re
import time
from collections.abc import Mapping
from pathlib import Path

import config
from loadtest.errors import HarnessError, StartError
from loadtest.stack.base import ProcessInfo, of_trial
from loadtest.stack.compose_project import ComposeProject
from loadtest.stack.container import Container
from loadtest.stack.environment import OF_NGINX
from loadtest.stack.ports import HOST
from loadtest.stack.readiness import answers_ok
from loadtest.stack.threads import side_by_side

READY_SECONDS = 60
POLL_SECONDS = 0.1
STOP_GRACE_SECONDS = 2
DEATHS = "/var/lib/timeoutlab"  # where docker-compose.yml mounts the volume


def end_of_name(name: str) -> str:
    """What the containers of a trial have behind their names; nothing for the instance to play with."""
    return "" if name == "web" else "-" + re.sub(r"[^A-Za-z0-9-]+", "-", name)[:40]


class ComposeFront:
    """See base.Front. *port* is where nginx is published on loopback."""

    def __init__(self, name: str, project: ComposeProject, logs: Path, port: int) -> None:
        suffix = of_trial(name)
        ending = end_of_name(name)
        self._project = project
        self._port = port
        self._deaths = f"{DEATHS}/web{ending}.jsonl"
        self._web_name, self._nginx_name = f"web{suffix}", f"nginx{suffix}"
        # A name in DNS: at most 63 characters.
        self._web = Container(f"{project.name}-web{ending}"[:63], logs / f"web{suffix.replace(':', '-')}.log")
        self._nginx = Container(f"{project.name}-nginx{ending}"[:63], logs / f"nginx{suffix.replace(':', '-')}.log")

    @property
    def url(self) -> str:
        """nginx's, on loopback."""
        return f"http://{HOST}:{self._port}"

    @property
    def own_settings(self) -> dict[str, str]:
        """As docker-compose.yml has them; the volume that web and beat share is one for all trials."""
        return {"WEB_BIND": "0.0.0.0:8000", "PROXY_HOPS": "1", "WORKER_DEATHS_FILE": self._deaths}

    @property
    def log_path(self) -> Path:
        """Web's log, once its container is gone."""
        return self._web.log_path

    @property
    def services(self) -> dict[str, Container]:
        """Both containers."""
        return {self._web_name: self._web, self._nginx_name: self._nginx}

    def start(self, settings: Mapping[str, str]) -> None:
        """Starts both side by side. Raises StartError with the end of web's log when it ends or is never ready."""
        app = config.load_settings(settings)
        of_nginx = {
            "NGINX_WEB": f"{self._web.name}:8000",
            "GUNICORN_TIMEOUT": str(app.gunicorn_timeout),
            "IMPORT_MAX_BYTES": str(app.import_max_bytes),
            **{name: settings[name] for name in OF_NGINX if name in settings},
        }
        of_web = {name: value for name, value in settings.items() if name not in OF_NGINX}
        publish = ("--publish", f"{HOST}:{self._port}:8080")
        try:
            side_by_side(
                [
                    lambda: self._run(self._web, "web", of_web),
                    lambda: self._run(self._nginx, "nginx", of_nginx, *publish),
                ]
            )
            self._wait(app.gunicorn_workers, app.database_wait_seconds + READY_SECONDS)
        except BaseException:
            self.kill()
            raise
        for container in self.services.values():
            container.ready()

    def stop(self) -> None:
        """Stops nginx, then web."""
        self._nginx.stop(STOP_GRACE_SECONDS)
        self._web.stop(STOP_GRACE_SECONDS)

    def kill(self) -> None:
        """Ends both at once."""
        side_by_side([self._nginx.remove, self._web.remove])

    def ps(self) -> list[ProcessInfo]:
        """Its gunicorn processes, master first, as `docker exec` shows them."""
        return self._web.gunicorn()

    def log(self) -> str:
        """Web's whole log."""
        return self._web.log()

    def _run(self, container: Container, service: str, env: Mapping[str, str], *options: str) -> None:
        told = [word for name, value in env.items() for word in ("-e", f"{name}={value}")]
        self._project.call("run", "--detach", "--no-deps", "--name", container.name, *options, *told, service)

    def _wait(self, workers: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not (answers_ok(self._port, "/readyz") and self._workers() >= workers):
            for name, container in self.services.items():
                if container.status() != "running":
                    raise StartError(f"{name} ended before it was ready; {container.last_lines()}")
            if time.monotonic() > deadline:
                raise StartError(f"{self._web_name} was not ready after {seconds:g} s; {self._web.last_lines()}")
            time.sleep(POLL_SECONDS)

    def _workers(self) -> int:
        try:
            return len(self._web.gunicorn()) - 1
        except HarnessError:
            return 0  # it is starting, or has ended: the status says which
