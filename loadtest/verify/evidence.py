"""What can be looked at of a web that runs, as a process or in a container."""

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from loadtest.errors import HarnessError, StackDied
from loadtest.stack import choice, compose_config
from loadtest.stack.base import ProcessInfo
from loadtest.stack.container import Container
from loadtest.stack.environment import OF_NGINX
from loadtest.stack.ps import processes_below
from loadtest.stack.state import Up

CONF_IN_CONTAINER = "/tmp/nginx/nginx.conf"  # noqa: S108 - the default of NGINX_RUN_DIR
FIND = "import importlib.util as u; print(u.find_spec('setproctitle') is not None)"


@dataclass(frozen=True)
class Evidence:
    """Gunicorn's processes, the master's environment, what hides ``--timeout`` from ps, and nginx's configuration."""

    processes: Sequence[ProcessInfo]
    environ: Mapping[str, str]
    setproctitle: bool
    nginx_conf: str


def of_up(running: Up) -> Evidence:
    """Of the stack that `up` started. Raises StackDied, HarnessError."""
    if running.stack == choice.LOCAL:
        return _of_processes(running)
    return _of_containers(_there(running.container("web"), "web"), _there(running.container("nginx"), "nginx"))


def of_checkout() -> tuple[dict[str, str], Evidence]:
    """What is set now for the stack that `docker-compose up` started from this checkout, and that stack.

    Raises HarnessError when it is not up, StartError when docker-compose refuses to tell.
    """
    services = compose_config.services()
    containers = {name: compose_config.container(name) for name in ("web", "nginx")}
    settings = {**services["web"], **{key: services["nginx"][key] for key in OF_NGINX if key in services["nginx"]}}
    return settings, _of_containers(_there(containers["web"], "web"), _there(containers["nginx"], "nginx"))


def _there(container: Container | None, service: str) -> Container:
    if container is None:
        raise HarnessError(f"no container of {service} runs: `docker-compose up -d`, or timeoutlab up --stack compose")
    return container


def _of_processes(running: Up) -> Evidence:
    web = running.process("web")
    processes = processes_below(web.pid, "gunicorn") if web else []
    if not processes:
        raise StackDied(f"web has ended; see {running.log_path('web')}")
    try:
        environ = psutil.Process(processes[0].pid).environ()
    except psutil.Error as error:
        raise HarnessError(f"the environment of gunicorn's master can't be read: {error}") from error
    # On this machine the harness and the app share one Python.
    hidden = importlib.util.find_spec("setproctitle") is not None
    return Evidence(processes, environ, hidden, _conf(running.run.scratch))


def _of_containers(web: Container, nginx: Container) -> Evidence:
    return Evidence(
        web.gunicorn(),
        web.environment(),
        web.run("python", "-c", FIND).strip() == "True",
        nginx.run("cat", CONF_IN_CONTAINER),
    )


def _conf(directories: Sequence[Path]) -> str:
    found = [path for path in (directory / "nginx.conf" for directory in directories) if path.is_file()]
    if not found:
        raise StackDied("nginx has ended: its configuration is gone")
    return found[0].read_text(encoding="utf-8")
