"""What a sizing run is asked for, checked before anything is started."""

import re

import click

import config
from loadtest.errors import UsageError
from loadtest.sizing.profile import Profile
from loadtest.sizing.trials import ASSUMED, REQUIRED
from loadtest.stack.environment import OWN_SETTINGS, PLACEHOLDERS, caller_settings, check


class Sizes(click.ParamType[tuple[int, ...]]):
    """``1000,5000`` -> (1000, 5000)."""

    name = "ROWS[,ROWS]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """The sizes, smallest first. Fails for anything but whole numbers above 0."""
        if isinstance(value, tuple):
            return value
        parts = str(value).split(",")
        if not all(re.fullmatch("[0-9]{1,7}", part) and 0 < int(part) <= 2_000_000 for part in parts):
            self.fail(
                f"{value!r}: whole numbers of rows from 1 to 2,000,000 with commas between, like 1000,5000", param, ctx
            )
        return tuple(sorted({int(part) for part in parts}))


def judged(judge: str | None, chosen: list[Profile]) -> str:
    """The name of the profile that decides the verdict. Raises UsageError."""
    names = [item.name for item in chosen]
    if len(set(names)) != len(names):
        raise UsageError(f"--profile: {', '.join(names)}: name each profile once")
    if judge is not None and judge not in names:
        raise UsageError(
            f"--judge {judge}: not among the profiles that are run ({', '.join(names)}); add --profile {judge}"
        )
    return judge or ("guide" if "guide" in names else names[0])


def workers(asked: int | None) -> int:
    """The option, or GUNICORN_WORKERS of the caller's environment, or the app's default. Raises UsageError."""
    env = {name: value for name, value in caller_settings().items() if name == "GUNICORN_WORKERS"}
    number = asked or config.load_settings({**PLACEHOLDERS, **env}).gunicorn_workers
    if number < 2:
        raise UsageError("GUNICORN_WORKERS=1: must be 2 or more (one imports, one answers), or give --workers")
    return number


def passed_on() -> dict[str, str]:
    """What the trials take from the caller's environment: it is part of what was measured."""
    decided = {*OWN_SETTINGS, *ASSUMED, *REQUIRED, "GUNICORN_TIMEOUT", "GUNICORN_WORKERS"}
    return {name: value for name, value in caller_settings().items() if name not in decided}


def check_settings(chosen: list[Profile]) -> None:
    """Raises UsageError for a setting of the caller's or of a profile's that the app would refuse, or not know."""
    own = {**PLACEHOLDERS, **caller_settings()}
    check({**own, "IMPORT_WORKER": "on"})  # what the caller says of a worker is not asked here
    for item in chosen:
        unknown = sorted(set(item.env) - set(config.variables()))
        if unknown:
            raise UsageError(f"profile {item.name}: env.{unknown[0]}: the app has no such setting; see .env.example")
        try:
            check({**own, **ASSUMED, **item.env, **REQUIRED})
        except UsageError as error:
            raise UsageError(f"profile {item.name}: {error}") from None
