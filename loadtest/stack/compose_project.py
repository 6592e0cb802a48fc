"""The compose command, on a project of the harness's own: the services as docker-compose.yml declares them."""

import json
import re
import secrets
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import config
from loadtest.errors import StartError
from loadtest.stack.process import ROOT
from loadtest.stack.runs import Run

FILE = ROOT / "docker-compose.yml"
BUILD_SECONDS = 1200
CALL_SECONDS = 180


def command() -> list[str]:
    """``docker-compose`` where it is installed, else ``docker compose``. Raises StartError when neither is."""
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    if shutil.which("docker"):
        return ["docker", "compose"]
    raise StartError("neither docker-compose nor docker is installed; without them there is the local stack")


class ComposeProject:
    """A project that no other shares, recorded in *run* before its first container is there.

    Of the caller's environment and .env only the images' names count: what web is told is up to each trial.
    """

    def __init__(self, run: Run) -> None:
        self.name = f"timeoutlab-{secrets.token_hex(4)}"
        self.password = secrets.token_hex(16)
        self._run = run
        self._override = run.directory / "compose.json"  # JSON is YAML
        self._env_file = run.directory / "compose.env"
        self._env_file.write_text("".join(f"{line}\n" for line in _images()))
        run.keep_project(self.name)

    def declare(self, services: Mapping[str, Mapping[str, Any]]) -> None:
        """What is added to the services of docker-compose.yml: in all, that a service which ended stays so."""
        added = {name: {"restart": "no", **extra} for name, extra in services.items()}
        self._override.write_text(json.dumps({"services": added}, indent=1))

    def build(self) -> None:
        """Makes the images of this checkout, minutes the first time. Raises StartError."""
        self.call("build", "openphone", "web", timeout_seconds=BUILD_SECONDS)

    def call(self, *arguments: str, timeout_seconds: float = CALL_SECONDS) -> str:
        """What the command prints. Raises StartError with the end of what it said."""
        argv = [
            *command(), "--project-name", self.name, "--env-file", str(self._env_file),
            "--file", str(FILE), "--file", str(self._override), *arguments,
        ]  # fmt: skip
        said = f"`{' '.join(_without_secrets(argv[: len(command())] + list(arguments)))}`"
        try:
            done = subprocess.run(
                argv, env=self._environment(), cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                errors="replace", timeout=timeout_seconds, check=False, start_new_session=True,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StartError(f"{said} did not run: {_without_secrets([str(error)])[0][:500]}") from error
        with (self._run.directory / "compose.log").open("a", encoding="utf-8") as log:
            log.write(f"{said}\n{done.stdout}{done.stderr}\n")
        if done.returncode:
            lines = (done.stderr.strip() or done.stdout.strip()).splitlines()[-8:]
            raise StartError("\n".join([f"{said} ended with {done.returncode}:", *(f"    {line}" for line in lines)]))
        return done.stdout

    def _environment(self) -> dict[str, str]:
        dropped = {*config.variables(), "GUNICORN_CMD_ARGS"}
        inherited = {
            name: value
            for name, value in config.environment().items()
            if (name not in dropped and not name.startswith(("COMPOSE_", "NGINX_"))) or name == "NGINX_IMAGE"
        }
        return {**inherited, "POSTGRES_PASSWORD": self.password}


def _images() -> list[str]:
    path = ROOT / ".env"
    lines = path.read_text(errors="replace").splitlines() if path.exists() else []
    return [line for line in lines if re.match(r"[A-Z]+_IMAGE=", line)]


def _without_secrets(words: Sequence[str]) -> list[str]:
    return [re.sub(r"(?<=://)[^@/\s]*@|(?<=_KEY=)[^\s']+", "...", word) for word in words]
