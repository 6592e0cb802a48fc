"""The environment of the app's processes: the caller's, without what would reach past the stack."""

import sys
from collections.abc import Mapping

import config
from loadtest.errors import UsageError

# What every web instance of a stack has of its own; the caller's environment has no say in it.
OWN_SETTINGS = frozenset(
    {
        *("DATABASE_URL", "REDIS_URL", "REDIS_PREFIX", "OPENPHONE_BASE_URL", "OPENPHONE_API_KEY"),
        *("WEB_BIND", "PROXY_HOPS", "WORKER_DEATHS_FILE"),
    }
)
WITH_WORKER = {"IMPORT_WORKER": "on"}
# The app would refuse its own default, background, which only a worker carries out.
WITHOUT_WORKER = {"IMPORT_WORKER": "off", "OPENPHONE_SYNC": "inline"}
# What only a running service can give, for checking the rest before anything runs.
PLACEHOLDERS = {"DATABASE_URL": "postgresql://db", "OPENPHONE_API_KEY": "key"}
# nginx's settings, beside those it takes from the app's.
OF_NGINX = ("NGINX_PROXY_READ_TIMEOUT",)


def caller_settings(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The settings of the app and of nginx in *env* (default: the process's environment), as they are."""
    env = config.environment() if env is None else env
    return {name: env[name] for name in (*config.variables(), *OF_NGINX) if name in env}


def free_settings() -> dict[str, str]:
    """The caller's settings that a stack goes by: none of OWN_SETTINGS, and so no secret. A recording may hold them."""
    return {name: value for name, value in caller_settings().items() if name not in OWN_SETTINGS}


def has_worker(settings: Mapping[str, str]) -> bool:
    """Whether web is told that there is a worker, by *settings* or by the app's default."""
    return settings.get("IMPORT_WORKER") != "off"


def check(settings: Mapping[str, str]) -> None:
    """Raises UsageError, in config.py's words, for settings that the app would refuse to start with."""
    try:
        config.check_start()
        config.check_machine(config.load_settings(settings))
    except config.ConfigError as error:
        raise UsageError(str(error)) from error


def app_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of an app process that runs with *settings* and no other setting of the app.

    Proxies are left out: everything the app talks to in a stack is on loopback.
    """
    dropped = {"GUNICORN_CMD_ARGS", *config.variables(), *OF_NGINX}
    inherited = {
        name: value
        for name, value in config.environment().items()
        if name not in dropped and not name.lower().endswith("_proxy")
    }
    return {**inherited, "VIRTUAL_ENV": sys.prefix, **settings}
