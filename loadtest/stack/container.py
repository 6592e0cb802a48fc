"""One container of a project, as a service of the stack."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from docker.errors import APIError, DockerException, NotFound

from loadtest.errors import StackDied, StartError
from loadtest.stack import engine
from loadtest.stack.base import ProcessInfo, ServiceStats
from loadtest.stack.ps import COMMAND, parse


class Container:
    """See base.Running. Found by its *name*; its log is kept at *log_path* when it is removed."""

    def __init__(self, name: str, log_path: Path) -> None:
        self.name = name
        self.log_path = log_path
        self._up = False

    def ready(self) -> None:
        """From now on an end is a death."""
        self._up = True

    def died(self) -> bool:
        """Whether it was ready once and then ended though nobody stopped it."""
        return self._up and self.status() != "running"

    def status(self) -> str:
        """``running``, ``exited`` ..., as the engine says; ``gone`` when there is no such container."""
        try:
            return str(engine.client().containers.get(self.name).status)
        except NotFound:
            return "gone"

    def healthy(self) -> bool:
        """Whether its health check has passed."""
        health = self._get().attrs["State"].get("Health") or {}
        return health.get("Status") == "healthy"

    def log(self) -> str:
        """All that it has written, with what earlier containers of the name had."""
        kept = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return kept + self._written()

    def last_lines(self, count: int = 8) -> str:
        """The end of the log, indented, after a line that names the container."""
        lines = self.log().splitlines()[-count:]
        return "\n".join([f"the end of the log of container {self.name}:", *(f"    {line[:300]}" for line in lines)])

    def stats(self) -> ServiceStats:
        """CPU time, memory and number of its processes; zeros when it does not run."""
        with suppress(DockerException, StackDied, KeyError):
            found = self._get().stats(stream=False, one_shot=True)
            cpu = found["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9
            return ServiceStats(cpu, found["memory_stats"]["usage"], found["pids_stats"]["current"])
        return ServiceStats(0.0, 0, 0)

    def run(self, *argv: str) -> str:
        """What a command in it prints. Raises StackDied when it does not run, StartError when the command fails."""
        try:
            code, output = self._get().exec_run(list(argv), demux=True)
        except DockerException as error:
            raise StackDied(f"container {self.name} takes no command: {error}") from error
        out, err = (part.decode(errors="replace") if part else "" for part in output)
        if code:
            raise StartError(f"`{' '.join(argv)}` in container {self.name} ended with {code}: {(err or out).strip()}")
        return out

    def gunicorn(self) -> list[ProcessInfo]:
        """Its gunicorn processes, master first, as ``ps`` in it shows them. Raises StackDied."""
        return self.program("gunicorn")

    def program(self, containing: str) -> list[ProcessInfo]:
        """Its processes with that text on their command line, master first, as ``ps`` in it shows them.

        Raises StackDied.
        """
        shown = self.run(*COMMAND)
        # Process 1 is the init; the master is the one directly below it.
        masters = [each for each in parse(shown, 1) if each.ppid == 1 and containing in each.args]
        return [each for each in parse(shown, masters[0].pid) if containing in each.args] if masters else []

    def processes(self) -> list[ProcessInfo]:
        """Its processes, master first, with the pids they have on the engine's machine. Raises StackDied."""
        try:
            top = self._get().top(ps_args="-eo pid,ppid,args")
        except DockerException as error:
            raise StackDied(f"container {self.name} does not run: {error}") from error
        lines = [(int(row[0]), int(row[1]), str(row[2])) for row in top["Processes"]]
        pids = {pid for pid, _, _ in lines}
        return sorted(
            (ProcessInfo(pid, ppid, args, "worker" if ppid in pids else "master") for pid, ppid, args in lines),
            key=lambda each: (each.kind != "master", each.pid),
        )

    def environment(self) -> dict[str, str]:
        """What it was started with. Raises StackDied."""
        pairs = (item.partition("=") for item in self._get().attrs["Config"]["Env"] or [])
        return {name: value for name, _, value in pairs}

    def crash(self) -> None:
        """Kills all its processes, as a crash would: from then on it has died."""
        with suppress(NotFound, APIError):  # it had ended
            engine.client().containers.get(self.name).kill()

    def remove(self) -> None:
        """Ends it at once and keeps its log."""
        self._up = False
        with suppress(NotFound):
            written = self._written()
            if written:
                with self.log_path.open("a", encoding="utf-8") as log:
                    log.write(written)
            engine.client().containers.get(self.name).remove(force=True, v=True)

    def stop(self, grace_seconds: int) -> None:
        """Asks it to stop, kills it after the grace time, and removes it."""
        self._up = False
        with suppress(NotFound):
            engine.client().containers.get(self.name).stop(timeout=grace_seconds)
        self.remove()

    def _get(self) -> Any:
        try:
            return engine.client().containers.get(self.name)
        except NotFound as error:
            raise StackDied(f"container {self.name} is not there") from error

    def _written(self) -> str:
        try:
            return str(engine.client().containers.get(self.name).logs().decode(errors="replace"))
        except NotFound:
            return ""
