"""One of the two trees while it is measured: its sampler, which has its stack up."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import config
from benchmarks.gate.checkout import Tree
from loadtest.errors import HarnessError, StackDied, StartError, UsageError

HERE = Path(__file__).parent
STOP_SECONDS = 60
ERRORS = {UsageError.exit_code: UsageError, StartError.exit_code: StartError}


class Side:
    """A context manager. *delay*: a share by which its imports take longer, for the self-test."""

    def __init__(self, name: str, tree: Tree, home: Path, delay: float = 0.0) -> None:
        self.name = name
        self.tree = tree
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        path = [str(HERE / "delay")] * bool(delay) + [str(tree.path)]
        # A checkout that is new is compiled once, not at each start of each of its processes.
        inherited = {name: value for name, value in config.environment().items() if name != "PYTHONDONTWRITEBYTECODE"}
        env = {
            **inherited,
            "PYTHONPATH": ":".join(path),
            "PYTHONHASHSEED": "0",  # else chance has it that one tree's dicts are better ordered, all along
            **({"GATE_DELAY": str(delay)} if delay else {}),
        }
        # In a session of its own, so that Ctrl-C reaches the gate alone. -P: this directory is not to be on its path.
        self._process = subprocess.Popen(
            [str(tree.python), "-P", str(HERE / "sampler.py"), str(home)],
            cwd=tree.path, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
            start_new_session=True,
        )  # fmt: skip
        assert self._process.stdin and self._process.stdout  # noqa: S101, PT018 - for mypy
        self._requests, self._answers = self._process.stdin, self._process.stdout

    def send(self, do: str, **arguments: Any) -> None:
        """Asks for something; receive() waits for it."""
        with suppress(BrokenPipeError):  # receive() says why
            print(json.dumps({"do": do, **arguments}), file=self._requests, flush=True)

    def receive(self) -> Mapping[str, Any]:
        """The answer to what was sent. Raises the tree's error: UsageError, StartError, or HarnessError."""
        line = self._answers.readline()
        if not line:
            raise StackDied(f"the sampler of {self.tree.name} ended; the end of what it said:\n{self._last_lines()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            kind = ERRORS.get(answer["exit_code"], HarnessError)
            raise kind(f"{self.tree.name} ({self.tree.commit[:12]}): {answer['error']}")
        return answer

    def stop(self) -> None:
        """Ends its stack and the sampler."""
        with suppress(BrokenPipeError):
            self._requests.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()
        self._log.close()

    def _last_lines(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()[-8:]
        return "\n".join(f"    {line[:300]}" for line in lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
