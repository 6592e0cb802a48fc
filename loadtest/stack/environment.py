"""The environment of the app's processes: the caller's, without what would reach past the stack."""

import sys
from collections.abc import Mapping

import config
from loadtest.errors import UsageError


def caller_settings(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The app's settings in *env* (default: the process's environment), as they are."""
    env = config.environment() if env is None else env
    return {name: env[name] for name in config.variables() if name in env}


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
    dropped = {"GUNICORN_CMD_ARGS", *config.variables()}
    inherited = {
        name: value
        for name, value in config.environment().items()
        if name not in dropped and not name.lower().endswith("_proxy")
    }
    return {**inherited, "VIRTUAL_ENV": sys.prefix, **settings}
