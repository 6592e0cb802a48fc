"""Every setting: its environment variable, type, bounds and default. No other module reads the environment.

``python -m config web`` checks the environment of a web start and prints gunicorn's arguments, one a line.
"""

import importlib.util
import os
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

ROOT = Path(__file__).resolve().parent
DEFAULT_GUNICORN_TIMEOUT = 300
DEFAULT_GUNICORN_WORKERS = 4
DAY = 86_400


class ConfigError(Exception):
    """A setting has a value that nothing may start with. The message has one line per variable."""


def _whole(low: int, high: int, unit: str, also: str = "") -> Any:
    """An int field that takes plain decimal digits only: int() would let ' 30', '1_000' and '+5' pass."""
    allowed = f"a whole number of {unit} from {low} to {high}, digits only{also}"

    def parse(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            number = value
        elif isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value, re.ASCII):
            number = int(value)
        else:
            raise ValueError(allowed)
        if not low <= number <= high:
            raise ValueError(allowed)
        return number

    return BeforeValidator(parse)


def _matching(pattern: str, allowed: str, fits: Callable[[str], bool] = lambda _: True) -> Any:
    """A str field. *fits* may raise ValueError for a no; what it says may hold a secret and is dropped."""

    def parse(value: object) -> str:
        try:
            if isinstance(value, str) and re.fullmatch(pattern, value) and fits(value):
                return value
        except ValueError:
            pass
        raise ValueError(allowed)

    return BeforeValidator(parse)


def _one_of(*words: str) -> Any:
    return _matching("|".join(words), " or ".join(words))


def _is_port(text: str) -> bool:
    return re.fullmatch("[0-9]{1,5}", text) is not None and int(text) <= 65_535


# The libraries are asked what they take, so that nothing passes here and fails half-way through a start. They are
# imported only where they are needed: the harness reads its own settings without them.
def _suits_psycopg2(url: str) -> bool:
    import psycopg2.extensions  # noqa: PLC0415

    try:
        found = psycopg2.extensions.parse_dsn("postgresql:" + url.partition(":")[2])
    except psycopg2.Error:
        return False
    # SQLAlchemy is stricter: no port left empty ("host:/"), no parameter that only libpq's URLs know ("ssl").
    empty_port = re.split("[/?]", url.partition("://")[2])[0].endswith(":")
    parameters = dict(parse_qsl(url.rpartition("@")[2].partition("?")[2]))
    port = found.get("port", "")  # two hosts without one: ","
    return not empty_port and (not port.strip(",") or _is_port(port)) and parameters.keys() <= found.keys()


def _suits_redis(url: str) -> bool:
    import redis  # noqa: PLC0415

    try:
        redis.ConnectionPool.from_url(url).make_connection()  # made, not connected
    except (TypeError, redis.RedisError):
        return False
    return True


def _has_host(url: str) -> bool:
    return urlsplit(url).hostname is not None and urlsplit(url).port != 0


PORT = "the port from 0 to 65535"
PostgresUrl = _matching(
    r"postgres(ql)?(\+psycopg2)?://\S+",
    f"a URL postgresql://user:password@host:port/database, {PORT}, behind a '?' only libpq's parameters",
    _suits_psycopg2,
)
RedisUrl = _matching(
    r"rediss?://[^\s/?#]*(/[0-9]*)?(\?\S*)?|unix://\S+",
    f"a URL redis://user:password@host:port/0, {PORT}, behind a '?' only redis-py's parameters",
    _suits_redis,
)
# No user and password: requests would send them in place of the API key.
HttpUrl = _matching(
    r"https?://[^\s/?#@]+(/[^\s?#]*)?",
    "a URL http(s)://host[:port][/path], the port from 1 to 65535",
    _has_host,
)
Bind = _matching(
    r"[A-Za-z0-9_.-]+:[0-9]+", f"host:port, exactly one, {PORT}", lambda bind: _is_port(bind.rpartition(":")[2])
)
Flag = Annotated[Literal["0", "1"], _one_of("0", "1")]
Switch = Annotated[Literal["on", "off"], _one_of("on", "off")]


def _share(value: object) -> float:
    allowed = "a share between 0 and 1, such as 0.8"
    if isinstance(value, float):
        share = value
    elif isinstance(value, str) and re.fullmatch(r"0?\.[0-9]{1,6}", value, re.ASCII):
        share = float(value)
    else:
        raise ValueError(allowed)
    if not 0 < share < 1:
        raise ValueError(allowed)
    return share


def _upper(name: str) -> str:
    return name.upper()


class Settings(BaseModel):
    """The app's settings. A field's environment variable is its name in capitals."""

    model_config = ConfigDict(frozen=True, alias_generator=_upper, populate_by_name=True, hide_input_in_errors=True)

    database_url: Annotated[str, PostgresUrl] = Field(repr=False, description="PostgreSQL 15 or newer")
    redis_url: Annotated[str, RedisUrl] = Field(
        "redis://127.0.0.1:6379/0", repr=False, description="pacing and rate limits"
    )
    redis_prefix: Annotated[str, _matching(r"[A-Za-z0-9_.:-]{1,64}", "1 to 64 letters, digits, '_.:-'")] = "timeoutlab:"
    web_bind: Annotated[str, Bind] = "127.0.0.1:8000"

    gunicorn_timeout: Annotated[int, _whole(0, DAY, "seconds", "; 0 (never) only with GUNICORN_ALLOW_NO_TIMEOUT=1")] = (
        DEFAULT_GUNICORN_TIMEOUT
    )
    gunicorn_allow_no_timeout: Flag = "0"
    gunicorn_workers: Annotated[int, _whole(1, 64, "processes")] = DEFAULT_GUNICORN_WORKERS
    gunicorn_graceful_timeout: Annotated[int, _whole(1, DAY, "seconds")] = 30
    gunicorn_worker_tmp_dir: Annotated[str, _matching(r"/\S*", "an absolute path")] = "/dev/shm"  # noqa: S108 - tmpfs keeps the heartbeat off a slow disk

    proxy_hops: Annotated[int, _whole(0, 5, "proxies")] = Field(
        0, description="proxies in front of web whose X-Forwarded-For and X-Forwarded-Proto are believed"
    )

    db_statement_timeout_ms: Annotated[int, _whole(1, DAY * 1000, "milliseconds")] | None = None
    database_wait_seconds: Annotated[int, _whole(0, 3600, "seconds")] = Field(
        60, description="how long a start waits for PostgreSQL to take connections"
    )

    import_max_bytes: Annotated[int, _whole(1, 2**31, "bytes")] = 64 * 2**20
    import_chunk_rows: Annotated[int, _whole(1, 1_000_000, "rows")] = 10_000
    import_chunk_bytes: Annotated[int, _whole(1024, 2**30, "bytes")] = 16 * 2**20
    import_concurrency: Annotated[int, _whole(1, 16, "chunks")] = Field(
        2, description="chunks of an import that are merged at once, each by a connection of its own"
    )
    import_cell_max_chars: Annotated[int, _whole(1, 10_000_000, "characters")] = 10_000
    import_errors_shown: Annotated[int, _whole(0, 10_000, "rows")] = 20

    import_worker: Switch = Field("on", description="whether a Celery worker takes up what requests do not finish")
    import_async_rows: Annotated[int, _whole(1, 100_000_000, "rows")] = Field(
        10_000, description="mode=auto sends a file of more rows to the worker"
    )
    import_handoff: Switch = Field("on", description="off: an import runs into GUNICORN_TIMEOUT")
    import_handoff_fraction: Annotated[float, BeforeValidator(_share)] = Field(
        0.8, description="share of GUNICORN_TIMEOUT after which a request hands its import to the worker"
    )
    import_auto_resume: Switch = Field("on", description="whether the worker takes up imports of dead requests")

    worker_processes: Annotated[int, _whole(1, 64, "processes")] = Field(
        4, description="tasks that a worker works on side by side; of all workers, so many drain the outbox at once"
    )
    worker_deaths_file: Annotated[str, _matching(r"/\S*", "an absolute path")] = Field(
        "/dev/shm/timeoutlab-deaths.jsonl",  # noqa: S108 - a line for each gunicorn worker that ended, gone with the machine
        description="where web notes the ends of its workers for beat; in containers on a volume that both have",
    )

    openphone_sync: Annotated[Literal["background", "inline", "off"], _one_of("background", "inline", "off")] = (
        "background"
    )
    openphone_base_url: Annotated[str, HttpUrl] = "https://api.openphone.com"
    openphone_api_key: Annotated[str, _matching(r"[!-~]{1,512}", "the API key, without spaces")] | None = Field(
        None, repr=False
    )
    openphone_rate_per_second: Annotated[int, _whole(0, 10_000, "requests per second", "; 0 = no limit")] = 10
    openphone_timeout_seconds: Annotated[int, _whole(1, 600, "seconds")] = 30
    openphone_max_attempts: Annotated[int, _whole(1, 20, "attempts")] = Field(
        6, description="inline: at a call; background: at a contact, minutes apart, before it is a dead letter"
    )
    openphone_concurrency: Annotated[int, _whole(1, 32, "calls")] = Field(
        1, description="inline: calls that an import has under way at once, at the same rate"
    )
    openphone_batch: Annotated[int, _whole(1, 1000, "contacts")] = Field(
        20,
        description="contacts locked and marked at a time, for each call at once; background: a second's worth",
    )

    phone_default_region: Annotated[str, _matching(r"[A-Z]{2}", "two capitals, ISO 3166")] = "US"
    api_rate_per_minute: Annotated[int, _whole(0, 1_000_000, "requests per minute", "; 0 = no limit")] = 600
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _one_of("debug", "info", "warning", "error")] = (
        "info"
    )

    @model_validator(mode="after")
    def _belongs_together(self) -> "Settings":
        if self.gunicorn_timeout == 0 and self.gunicorn_allow_no_timeout != "1":
            raise ValueError(
                f"GUNICORN_TIMEOUT='0': must be a whole number of seconds from 1 to {DAY}; "
                "0 (never) only with GUNICORN_ALLOW_NO_TIMEOUT=1"
            )
        if self.openphone_sync != "off" and self.openphone_api_key is None:
            raise ValueError("OPENPHONE_API_KEY: not set; set the API key, or OPENPHONE_SYNC=off")
        if self.openphone_sync == "background" and self.import_worker == "off":
            raise ValueError(
                "OPENPHONE_SYNC=background: needs the worker, and IMPORT_WORKER is off; "
                "set OPENPHONE_SYNC=inline, or off"
            )
        return self

    @property
    def hands_off(self) -> bool:
        """Whether a request whose time is nearly up leaves the rest of its import to the worker."""
        return self.import_handoff == "on" and self.import_worker == "on" and self.gunicorn_timeout > 0

    @property
    def statement_timeout_ms(self) -> int:
        """Milliseconds one SQL statement may take; 0 = no bound.

        Nine tenths of GUNICORN_TIMEOUT unless set: a psycopg2 query that outlives it is ended by SIGKILL, without
        any clean-up.
        """
        if self.db_statement_timeout_ms is not None:
            return self.db_statement_timeout_ms
        return self.gunicorn_timeout * 900

    @property
    def engine_options(self) -> dict[str, Any]:
        """Keyword arguments of ``sqlalchemy.create_engine`` for web."""
        return self.engine_options_with(self.statement_timeout_ms)

    @property
    def worker_engine_options(self) -> dict[str, Any]:
        """The same for the worker, which has no request to be ended with: a statement may take an hour unless set."""
        return self.engine_options_with(self.db_statement_timeout_ms or 3_600_000)

    def engine_options_with(self, statement_timeout_ms: int) -> dict[str, Any]:
        """The same with another bound for one statement, in milliseconds; 0 = none."""
        session = {
            "statement_timeout": statement_timeout_ms,
            # A killed worker's locks are free after about a second, not when its statement ends.
            "client_connection_check_interval": 1000,
            # A host that vanishes without a word is noticed in half a minute, not in the two hours of the kernel.
            "tcp_keepalives_idle": 15,
            "tcp_keepalives_interval": 5,
            "tcp_keepalives_count": 3,
            "tcp_user_timeout": 30_000,
            # Where PostgreSQL has it, it spends more on compiling a chunk's statement than on the chunk.
            "jit": "off",
        }
        return {
            "pool_pre_ping": True,
            # An import has several while it runs; what bounds them is how many imports may run.
            "max_overflow": -1,
            "pool_recycle": 3600,
            "connect_args": {
                "connect_timeout": 10,
                "application_name": "timeoutlab",
                "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
            },
        }


class HarnessSettings(BaseModel):
    """What the harness reads. A field's environment variable is its name in capitals, after ``TIMEOUTLAB_``."""

    model_config = ConfigDict(frozen=True, alias_generator=lambda name: f"TIMEOUTLAB_{name.upper()}")

    home: Annotated[Path, _matching(r".+", "a path")] = Field(
        ROOT / ".timeoutlab", description="fixtures made on demand, run logs, what `up` started"
    )
    host: Annotated[str, HttpUrl] = Field("http://127.0.0.1:8080", description="where Locust sends its load")
    api_key: Annotated[str, _matching(r"[!-~]{1,512}", "the import app's API key")] | None = Field(None, repr=False)
    # The words are those of fixtures/kinds.py; a test compares the two.
    kind: Annotated[
        Literal["contacts", "propertyradar", "campaign"], _one_of("contacts", "propertyradar", "campaign")
    ] = Field("contacts", description="kind of the CSV a user uploads")
    rows: Annotated[int, _whole(1, 10_000_000, "rows")] = Field(1000, description="rows of the CSV a user uploads")
    uploads: Annotated[int, _whole(0, 1_000_000, "uploads", "; 0 = go on until stopped")] = 0
    area: Annotated[int, _whole(0, 1_000_000, "(the first number area)")] = 0
    client_timeout: Annotated[int, _whole(1, DAY, "seconds")] = 1500
    samples: Annotated[Path, _matching(r".+", "a path")] | None = Field(
        None, description="JSONL file that every request is appended to"
    )
    postgres_bin: Annotated[Path, _matching(r"/.*", "an absolute path")] | None = Field(
        None, description="directory of another PostgreSQL's initdb and postgres, in place of the wheel's"
    )


Model = TypeVar("Model", bound=BaseModel)
SECRETS = {"DATABASE_URL", "REDIS_URL", "OPENPHONE_API_KEY", "TIMEOUTLAB_API_KEY"}


def variables(model: type[BaseModel] = Settings) -> dict[str, str]:
    """Environment variable -> field name, in the order of the model."""
    return {str(field.alias): name for name, field in model.model_fields.items()}


def environment() -> Mapping[str, str]:
    """The process's environment, for what passes it on; what it says is read here only."""
    return os.environ


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """The app's settings from *env* (default: the process's environment). Raises ConfigError."""
    return _load(Settings, env)


def load_harness_settings(env: Mapping[str, str] | None = None) -> HarnessSettings:
    """The harness's settings from *env* (default: the process's environment). Raises ConfigError."""
    return _load(HarnessSettings, env)


def _load(model: type[Model], env: Mapping[str, str] | None) -> Model:
    env = os.environ if env is None else env
    try:
        return model.model_validate({name: env[name] for name in variables(model) if name in env})
    except ValidationError as error:
        lines = (_line(item["loc"], item["type"], item["msg"], env) for item in error.errors())
        raise ConfigError("\n".join(dict.fromkeys(lines))) from None


def _line(loc: tuple[int | str, ...], kind: str, message: str, env: Mapping[str, str]) -> str:
    message = message.removeprefix("Value error, ")
    if not loc:
        return message
    name = str(loc[0])
    if kind == "missing":
        return f"{name}: not set; it has no default"
    # A URL's user and password are out of place in any setting, and no message repeats them.
    shown = "(not shown)" if name in SECRETS else repr(re.sub("//[^/]*@", "//(not shown)@", env.get(name, "")))
    return f"{name}={shown}: must be {message}"


def gunicorn_arguments(settings: Settings) -> list[str]:
    """Gunicorn's command line. Explicit, because each of these, left out or doubled, breaks the bound of --timeout."""
    return [
        "--config=python:app.gunicorn_hooks",
        # Imported once and forked, so that a worker that was killed is back at once. Nothing connects before the fork.
        "--preload",
        "--worker-class=sync",
        "--threads=1",
        f"--bind={settings.web_bind}",
        f"--timeout={settings.gunicorn_timeout}",
        f"--workers={settings.gunicorn_workers}",
        f"--graceful-timeout={settings.gunicorn_graceful_timeout}",
        f"--worker-tmp-dir={settings.gunicorn_worker_tmp_dir}",
        f"--log-level={settings.log_level}",
        f"--log-config-json={ROOT / 'app' / 'gunicorn_logging.json'}",
        "--no-control-socket",
    ]


# Several queues: short tasks are not to wait behind long ones (app/tasks.py says which is where).
WORKER_QUEUES = "imports,outbox"


def worker_arguments(settings: Settings) -> list[str]:
    """Celery's command line of a worker. A task is taken when a process is free for it, never ahead of that."""
    return [
        "--app=app.tasks",
        "worker",
        "--pool=prefork",
        f"--concurrency={settings.worker_processes}",
        f"--queues={WORKER_QUEUES}",
        "--disable-prefetch",
        "--without-gossip",
        "--without-mingle",
        f"--loglevel={settings.log_level}",
    ]


def beat_arguments(settings: Settings) -> list[str]:
    """Celery's command line of beat, which keeps its schedule in memory: one of it for each database."""
    return [
        "--app=app.tasks",
        "beat",
        "--scheduler=app.upkeep:Upkeep",
        "--pidfile=",
        f"--loglevel={settings.log_level}",
    ]


def check_start(env: Mapping[str, str] | None = None) -> None:
    """Refuses what would silently change or hide gunicorn's command line. Raises ConfigError."""
    env = os.environ if env is None else env
    if "GUNICORN_CMD_ARGS" in env:
        raise ConfigError(
            f"GUNICORN_CMD_ARGS={env['GUNICORN_CMD_ARGS']!r}: must not be set; gunicorn would read it silently beside "
            "the explicit command line. Use GUNICORN_TIMEOUT and GUNICORN_WORKERS"
        )
    if importlib.util.find_spec("setproctitle"):
        raise ConfigError(
            "setproctitle is installed: gunicorn would hide --timeout from ps; run `pip uninstall setproctitle`"
        )


def check_machine(settings: Settings) -> None:
    """Refuses what this machine, or the release of a library on it, has not got. Raises ConfigError."""
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415

    wrong = []
    directory, region = settings.gunicorn_worker_tmp_dir, settings.phone_default_region
    try:
        with tempfile.TemporaryFile(dir=directory):  # as gunicorn will
            pass
    except OSError as error:
        wrong.append(
            f"GUNICORN_WORKER_TMP_DIR={directory!r}: must be a directory that can be written to ({error.strerror})"
        )
    if region not in SUPPORTED_REGIONS:
        wrong.append(f"PHONE_DEFAULT_REGION={region!r}: must be a region that phonenumbers knows, ISO 3166, such as US")
    if wrong:
        raise ConfigError("\n".join(wrong))


if TYPE_CHECKING:
    GUNICORN_TIMEOUT: int
    GUNICORN_WORKERS: int
    SQLALCHEMY_ENGINE_OPTIONS: dict[str, Any]


def __getattr__(name: str) -> object:
    """The operators' constants, as the environment has them when they are asked for."""
    if name not in {"GUNICORN_TIMEOUT", "GUNICORN_WORKERS", "SQLALCHEMY_ENGINE_OPTIONS"}:
        raise AttributeError(name)
    # They do not depend on what the app alone needs, so they can be read where no database is set.
    env = {"DATABASE_URL": "postgresql://unused", "OPENPHONE_SYNC": "off"}
    env |= {key: value for key, value in os.environ.items() if key.startswith(("GUNICORN_", "DB_"))}
    settings = load_settings(env)
    return {
        "GUNICORN_TIMEOUT": settings.gunicorn_timeout,
        "GUNICORN_WORKERS": settings.gunicorn_workers,
        "SQLALCHEMY_ENGINE_OPTIONS": settings.engine_options,
    }[name]


ARGUMENTS = {"web": gunicorn_arguments, "worker": worker_arguments, "beat": beat_arguments}


def main(arguments: list[str]) -> int:
    """``web``, ``worker`` or ``beat``: prints the arguments of its program, one a line.

    Exit code 2 and a line a variable when something is wrong.
    """
    if len(arguments) != 1 or arguments[0] not in ARGUMENTS:
        print("usage: python -m config web|worker|beat", file=sys.stderr)
        return 2
    service = arguments[0]
    try:
        check_start()
        settings = load_settings()
        if service != "web" and settings.import_worker == "off":
            raise ConfigError(f"IMPORT_WORKER='off': must be on to start {service}; web would give it nothing to do")
        check_machine(settings)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    if (
        service == "web"
        and settings.gunicorn_timeout
        and not 0 < settings.statement_timeout_ms < settings.gunicorn_timeout * 1000
    ):
        print(
            f"warning: DB_STATEMENT_TIMEOUT_MS={settings.statement_timeout_ms} is not below GUNICORN_TIMEOUT="
            f"{settings.gunicorn_timeout} (seconds): a query that outlives it ends in SIGKILL, without any clean-up",
            file=sys.stderr,
        )
    print("\n".join(ARGUMENTS[service](settings)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
