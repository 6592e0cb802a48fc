"""What is in force beside what is set: pure functions over ``ps`` lines and settings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config import Settings
from loadtest.stack.base import ProcessInfo


@dataclass(frozen=True)
class Check:
    """One thing that must be so: where it was looked for, what is expected, what was found."""

    layer: str
    name: str
    expected: str
    found: str

    @property
    def ok(self) -> bool:
        """Whether the two are the same."""
        return self.expected == self.found


# Gunicorn's own short spellings: of --timeout=30 ... -t 60 it follows the last.
SHORT = {"timeout": "t", "workers": "w", "worker-class": "k", "bind": "b"}


def flags(args: str, name: str) -> list[str]:
    """Every value of ``--name=value``, ``--name value`` or its short spelling on a command line."""
    spelled = rf"--{re.escape(name)}[= ]"
    if name in SHORT:
        spelled += rf"|-{SHORT[name]}[= ]?"
    return re.findall(rf"(?:^|\s)(?:{spelled})(\S+)", args)


def command_lines(processes: Sequence[ProcessInfo], settings: Settings) -> list[Check]:
    """What ``ps`` shows for the master and each of its workers."""
    masters = [process for process in processes if process.kind == "master"]
    workers = [process for process in processes if process.kind == "worker"]
    expected = {
        "timeout": str(settings.gunicorn_timeout),
        "workers": str(settings.gunicorn_workers),
        "worker-class": "sync",  # the only class that --timeout bounds a request of
        "threads": "1",  # two make it gthread, silently
        "bind": settings.web_bind,  # exactly one: a second one breaks the bound
        "graceful-timeout": str(settings.gunicorn_graceful_timeout),
        "worker-tmp-dir": settings.gunicorn_worker_tmp_dir,
    }
    checks = [Check("ps", "gunicorn masters", "1", str(len(masters)))]
    checks += [
        Check("ps, master", f"--{name}", value, _same(masters, name)) for name, value in expected.items() if masters
    ]
    checks.append(Check("ps", "workers running", expected["workers"], str(len(workers))))
    checks += [
        Check("ps, workers", f"--{name}", expected[name], _same(workers, name))
        for name in ("timeout", "workers")
        if workers
    ]
    return checks


def environment(environ: Mapping[str, str], *, setproctitle: bool) -> list[Check]:
    """What must not be in the master's environment; *setproctitle*: whether its Python can import that."""
    return [
        Check("environment", "GUNICORN_CMD_ARGS", "not set", _shown(environ.get("GUNICORN_CMD_ARGS"))),
        Check("environment", "setproctitle", "not installed", "installed" if setproctitle else "not installed"),
    ]


# As nginx/start.sh has them.
NGINX_MARGIN_SECONDS = 15
NGINX_FORM_BYTES = 65_536
NGINX_NEVER_SECONDS = 86_400


def nginx(conf: str, settings: Settings, read_timeout: str | None = None) -> list[Check]:
    """What the rendered nginx.conf says; *read_timeout*: NGINX_PROXY_READ_TIMEOUT, where it is set."""
    timeout = settings.gunicorn_timeout
    seconds = int(read_timeout) if read_timeout else timeout + NGINX_MARGIN_SECONDS if timeout else NGINX_NEVER_SECONDS
    expected = {
        "proxy_read_timeout": f"{seconds}s",
        "proxy_connect_timeout": "75s",
        "proxy_request_buffering": "on",
        "client_max_body_size": str(settings.import_max_bytes + NGINX_FORM_BYTES),
    }
    found = [Check("nginx", name, value, _directive(conf, name)) for name, value in expected.items()]
    if timeout and seconds <= timeout:
        # Then a client gets nginx's 504 while the import goes on.
        found.append(Check("nginx", "waits longer than gunicorn", f"above {timeout}s", f"{seconds}s"))
    return found


def _directive(conf: str, name: str) -> str:
    values = re.findall(rf"^\s*{name}\s+([^;]+);", conf, re.MULTILINE)
    return " and ".join(values) or "not there"


def _same(processes: Sequence[ProcessInfo], name: str) -> str:
    """The flag's value where all processes agree; every value that was found where they do not."""
    values = {" and ".join(flags(process.args, name)) or "not shown" for process in processes}
    return ", ".join(sorted(values))


def _shown(value: str | None) -> str:
    return "not set" if value is None else repr(value)
