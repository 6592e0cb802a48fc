"""The trees that are measured: the working tree, and a commit checked out beside it with what it needs installed."""

import fcntl
import hashlib
import itertools
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

import config
from loadtest.errors import StartError, UsageError

LOCK = "requirements.lock"
_numbers = itertools.count()


@dataclass(frozen=True)
class Tree:
    """A checkout and the interpreter that has its dependencies. *commit*: what it is at; *changed*: not only that."""

    path: Path
    python: Path
    name: str
    commit: str
    changed: bool = False


def working_tree() -> Tree:
    """The one that this runs from, with this interpreter. Raises UsageError where it is not a git checkout."""
    changed = bool(_git("status", "--porcelain"))
    return Tree(config.ROOT, Path(sys.executable), "the working tree", _git("rev-parse", "HEAD"), changed)


@contextmanager
def checked_out(ref: str, home: Path, say: Callable[[str], None]) -> Iterator[Tree]:
    """*ref*, checked out below *home* until the block ends. Raises UsageError, StartError."""
    try:
        commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    except UsageError as error:
        raise UsageError(
            f"--base {ref}: no such commit in {config.ROOT}; a shallow clone has to fetch it first "
            "(git fetch --unshallow; actions/checkout with fetch-depth: 0)"
        ) from error
    trees = home / "gate" / "trees"
    _sweep(trees)
    path = trees / f"{commit[:12]}-{os.getpid()}-{next(_numbers)}"
    try:
        # No hook of the repository is to run in it.
        _git("-c", "core.hooksPath=/dev/null", "worktree", "add", "--quiet", "--detach", str(path), commit)
        if not (path / LOCK).is_file():
            raise UsageError(f"--base {ref}: has no {LOCK}, it is older than what the gate can install")
        yield Tree(path, interpreter(path / LOCK, home, say), ref, commit)
    finally:
        _remove(path)


def interpreter(lock: Path, home: Path, say: Callable[[str], None]) -> Path:
    """With what *lock* names: this one if it is the same, else one that is kept for the next time.

    Only the lock counts: the project itself is never installed, it is found by PYTHONPATH.
    """
    if lock.read_bytes() == (config.ROOT / LOCK).read_bytes():
        return Path(sys.executable)
    key = hashlib.sha256(lock.read_bytes() + platform.python_version().encode()).hexdigest()[:16]
    venv = home / "gate" / "venvs" / key
    ready = venv / ".ready"
    venv.parent.mkdir(parents=True, exist_ok=True)
    with (venv.parent / f"{key}.lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not ready.exists():
            say(f"installing the base's {LOCK}, about a minute; it is kept in {venv}")
            shutil.rmtree(venv, ignore_errors=True)
            _install(lock, venv)
            ready.touch()
    return venv / "bin" / "python"


def _install(lock: Path, venv: Path) -> None:
    """As the Makefile does, with the pip of the Python that this one's environment was made by. Raises StartError."""
    python = str(Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))
    pip = [python, "-m", "pip", "--python", str(venv / "bin" / "python"), "--disable-pip-version-check", "--quiet"]
    for command in (
        [python, "-m", "venv", "--without-pip", str(venv)],
        [*pip, "install", "--require-hashes", "--requirement", str(lock)],
    ):
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        except OSError as error:
            raise StartError(f"the base could not be installed: {error}") from error
        if done.returncode:
            last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
            raise StartError(f"the base could not be installed: `{' '.join(command)}` failed: {last}")


def _sweep(trees: Path) -> None:
    """Removes what a gate that was killed left behind."""
    for path in trees.glob("*-*-*/"):
        owner = path.name.split("-")[1]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            _remove(path)


def _remove(path: Path) -> None:
    with suppress(UsageError):  # git may not have got as far as to know it
        _git("worktree", "remove", "--force", str(path))
    shutil.rmtree(path, ignore_errors=True)


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=config.ROOT, capture_output=True, text=True, errors="replace", check=False,
            start_new_session=True,  # Ctrl-C is not to stop it half way
        )  # fmt: skip
    except OSError as error:
        raise UsageError(f"git could not be run: {error}") from error
    if done.returncode:
        reason = done.stderr.strip() or f"exit code {done.returncode}"
        raise UsageError(f"`git {' '.join(arguments)}` failed in {config.ROOT}: {reason}")
    return done.stdout.strip()
