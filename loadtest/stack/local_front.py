"""A web instance and its nginx as processes of this machine."""

from collections.abc import Mapping
from pathlib import Path

from loadtest.stack.base import ProcessInfo, of_trial
from loadtest.stack.nginx import Nginx
from loadtest.stack.ports import HOST, free_port
from loadtest.stack.process import Service
from loadtest.stack.runs import Run
from loadtest.stack.web import Web


class LocalFront:
    """See base.Front. *port* is nginx's; web is on a free one behind it. *deaths*: where it notes what beat reads."""

    def __init__(self, name: str, run: Run, port: int, deaths: Path) -> None:
        suffix = of_trial(name)
        self._deaths = deaths / f"{name}.jsonl"
        self._web = Web(f"web{suffix}", run, free_port())
        self._nginx = Nginx(f"nginx{suffix}", run, port, self._web.port)

    @property
    def url(self) -> str:
        """Nginx's."""
        return self._nginx.url

    @property
    def own_settings(self) -> dict[str, str]:
        """Web is on loopback, one proxy in front."""
        return {
            "WEB_BIND": f"{HOST}:{self._web.port}",
            "PROXY_HOPS": "1",
            "WORKER_DEATHS_FILE": str(self._deaths),
        }

    @property
    def log_path(self) -> Path:
        """Web's log."""
        return self._web.service.log_path

    @property
    def services(self) -> dict[str, Service]:
        """Web's process and nginx's."""
        return {service.name: service for service in (self._web.service, self._nginx.service)}

    def start(self, settings: Mapping[str, str]) -> None:
        """Web first: whoever reaches nginx is to find it. Raises StartError."""
        self._web.start(settings)
        self._nginx.start(settings)

    def stop(self) -> None:
        """Stops nginx, then web."""
        self._nginx.stop()
        self._web.stop()

    def kill(self) -> None:
        """Ends both at once."""
        self._nginx.kill()
        self._web.kill()

    def ps(self) -> list[ProcessInfo]:
        """Its gunicorn processes, master first."""
        return self._web.ps()

    def log(self) -> str:
        """Web's whole log."""
        return self._web.service.log()
