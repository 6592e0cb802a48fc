"""PostgreSQL for one run."""

import os
import secrets
import signal
import subprocess

from loadtest.errors import StartError
from loadtest.stack.databases import Databases
from loadtest.stack.pgfiles import Installation, install
from loadtest.stack.ports import HOST
from loadtest.stack.process import Service, as_account
from loadtest.stack.runs import Run
from loadtest.stack.server import Server

USER = "timeoutlab"
# A dozen trials of 4 workers with a pooled connection, an import's own and one to spare each: 12 x 4 x 3, doubled.
MAX_CONNECTIONS = 300
BUILTIN_LOCALES = 17


class Postgres(Databases, Server):
    """A PostgreSQL server with an empty data directory, durable as PostgreSQL is by default (fsync on).

    It listens on loopback with a random password: its URL looks as it does in production, the path of a checkout
    cannot be too long for it (as for a unix socket), and no other user of the machine gets at a superuser.
    """

    name = "db"

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._password = secrets.token_hex(16)
        self._installation: Installation | None = None

    def build(self, port: int) -> Service:
        """The server's program; makes the data directory the first time."""
        if self._installation is None:
            self._installation = install(self.run)
            _initdb(self._installation, self._password)
        settings = {
            "listen_addresses": HOST,
            "port": port,
            "unix_socket_directories": "",
            "max_connections": MAX_CONNECTIONS,
        }
        argv = [str(self._installation.bin / "postgres"), "-D", str(self._installation.home / "data")]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        # SIGINT is PostgreSQL's fast shutdown; at SIGTERM it would wait for its clients to leave.
        return Service(
            self.name, argv, self.run, _environment(),
            cwd=self._installation.home, account=self._installation.account, stop_signal=signal.SIGINT,
        )  # fmt: skip

    def url(self, database: str = "postgres") -> str:
        """On loopback, with a password of this run."""
        return f"postgresql://{USER}:{self._password}@{HOST}:{self.port}/{database}"


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "TZ": "UTC", "LC_ALL": "C"}


def _initdb(installation: Installation, password: str) -> None:
    # The same order of text on every machine, and letters beyond ASCII known as such.
    options = ["--encoding=UTF8", "--locale=C"]
    if installation.version >= BUILTIN_LOCALES:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    else:
        options += ["--lc-ctype=C.UTF-8"]  # the C library's
    password_file = installation.home / "password"
    password_file.touch(0o600)
    password_file.write_text(password)
    account = installation.account
    if account:
        os.chown(password_file, account.uid, account.gid)
    try:
        done = subprocess.run(
            [
                str(installation.bin / "initdb"), f"--pgdata={installation.home / 'data'}", f"--username={USER}",
                "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions", *options,
                "--no-sync",  # only of the files initdb makes; the server itself syncs
            ],
            env=_environment(), cwd=installation.home, capture_output=True, text=True, errors="replace", check=False,
            start_new_session=True,
            **as_account(account),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise StartError(f"db: initdb could not be run: {error}") from error
    finally:
        password_file.unlink()
    if done.returncode:
        raise StartError(f"db: initdb failed with exit code {done.returncode}: {(done.stderr or done.stdout).strip()}")
