"""One import in this process, with the app's own code, as a request does it."""

from collections.abc import Mapping
from functools import partial
from io import BytesIO
from uuid import UUID

import psycopg2
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

import config
from app.imports.budget import Budget
from app.imports.intake import inspect
from app.imports.options import parse
from app.imports.preview import preview
from app.imports.receive import Known, Request, receive
from app.imports.run import run
from app.stages import StageClock
from app.storage.engine import make_engine
from benchmarks import counts
from benchmarks.files import Files
from benchmarks.timeline.recording import Timeline
from benchmarks.timeline.tape import Tape, TapedClock, TapedConnection
from benchmarks.yardsticks.timeoutlab import first_rows, promised
from loadtest.errors import HarnessError
from loadtest.stack.databases import query_rows
from loadtest.stack.trial_stack import TrialStack

# The outbox is written and nobody is there to work it off.
ENV = {
    "IMPORT_WORKER": "on",
    "OPENPHONE_SYNC": "background",
    "OPENPHONE_API_KEY": "nobody-asks",
    "IMPORT_MAX_BYTES": str(2**31),
}


def measure(stack: TrialStack, files: Files, env: Mapping[str, str], *, again: bool) -> Timeline:
    """The first file's import; or, *again*, that of the changed one after it. *env*: settings of the app.

    Raises WrongCountError, HarnessError, config.ConfigError.
    """
    with stack.database("timeline") as url:
        settings = config.load_settings({**env, **ENV, "DATABASE_URL": url})
        tape = Tape()
        options = settings.worker_engine_options
        taped = {**options["connect_args"], "connection_factory": partial(TapedConnection, tape)}
        engine = make_engine(settings, {**options, "connect_args": taped})
        try:
            return _measure(Importer(engine, settings, files), tape, again=again)
        except (SQLAlchemyError, psycopg2.Error) as error:
            stack.check()
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise HarnessError(f"timeline: no answer from the database: {reason}") from error
        finally:
            engine.dispose()


class Importer:
    """Imports *files* into the database of *settings*."""

    def __init__(self, engine: Engine, settings: config.Settings, files: Files) -> None:
        self.files = files
        self.url = settings.database_url
        self._engine = engine
        self._settings = settings
        [(self._api_key_id,)] = query_rows(self.url, "SELECT id::text FROM api_keys")

    def warm_up(self) -> None:
        """What a process does once, at its first import, is done then."""
        self._take_in(StageClock(), "warm-up.csv", first_rows(self.files), dry_run="true")

    def take_in(self, clock: StageClock, *, again: bool) -> None:
        """The first file, or the changed one. Raises HarnessError."""
        path = self.files.again if again else self.files.first
        self._take_in(clock, path.name, path.read_bytes(), list="bench")

    def check(self, *, again: bool) -> None:
        """That all of it is in, and told so. Raises WrongCountError."""
        told = promised(self.files)
        [row] = query_rows(self.url, f"SELECT {', '.join(told)} FROM imports ORDER BY number DESC LIMIT 1")  # noqa: S608 - our own words
        there = counts.found(self.url) | dict(zip(told, row, strict=True))
        counts.check("timeline", there, counts.expected(self.files, again=again) | told)

    def _take_in(self, clock: StageClock, name: str, content: bytes, **form: str) -> None:
        options = parse({"kind": self.files.kind, "mode": "sync", **form}, name)
        settings = self._settings
        with preview(settings, options.on_duplicate, range(settings.import_chunk_rows + 1, 2**31)) as previewed:
            with clock.stage("store"):
                upload = inspect(BytesIO(content), name, options.kind, settings.import_max_bytes, preview=previewed)
                received = receive(
                    self._engine,
                    Request(upload, options, UUID(self._api_key_id), import_id=previewed.import_id),
                )
            if isinstance(received, Known):
                raise HarnessError(f"timeline: {name} is here already, unfinished")
            with received as claim:
                run(claim, settings, None, clock, Budget(), preview=previewed)


def _measure(importer: Importer, tape: Tape, *, again: bool) -> Timeline:
    importer.warm_up()
    if again:
        importer.take_in(StageClock(), again=False)
        importer.check(again=False)
        counts.settle(importer.url)
    else:
        counts.quiet(importer.url)
    clock = TapedClock(tape)
    importer.take_in(clock, again=again)
    ended = clock.stop()
    importer.check(again=again)
    files = importer.files
    return Timeline(files.kind, files.rows, again, ended - clock.began, tape.between(clock.began, ended))
