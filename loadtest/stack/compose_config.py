"""The stack that somebody started with `docker-compose up` from this checkout: what is set for it, what runs of it."""

import subprocess
from pathlib import Path

import yaml

from loadtest.errors import StartError
from loadtest.stack import engine
from loadtest.stack.compose_project import command
from loadtest.stack.container import Container
from loadtest.stack.process import ROOT


def services() -> dict[str, dict[str, str]]:
    """Service -> its environment, as a start would have it now. Raises StartError."""
    found = yaml.safe_load(_call("config"))["services"]
    return {
        name: {key: str(value) for key, value in (each.get("environment") or {}).items() if value is not None}
        for name, each in found.items()
    }


def container(service: str) -> Container | None:
    """A running container of the service; the first where there are several. Raises StartError."""
    for ident in _call("ps", "-q", service).split():
        found = Container(ident, Path(f"{service}.log"))
        if found.status() == "running":
            return found
    return None


def _call(*arguments: str) -> str:
    """What the command prints. Files, project and .env are the caller's, as in a shell in this directory."""
    engine.client()
    argv = [*command(), *arguments]
    try:
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StartError(f"`{' '.join(argv)}` did not run: {error}") from error
    if done.returncode:
        raise StartError(f"`{' '.join(argv)}` ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout
