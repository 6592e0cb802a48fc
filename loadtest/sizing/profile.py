"""A profile: what the world looks like, on both sides at once (the mocked OpenPhone and the app's environment)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from loadtest.errors import UsageError
from loadtest.sizing import mock_settings
from loadtest.sizing.codec import decode

PROFILES = Path(__file__).with_name("profiles")

# The harness sets these for each trial; a profile that set them too would measure something else than it says.
_OF_THE_HARNESS = {
    "DATABASE_URL",
    "GUNICORN_TIMEOUT",
    "GUNICORN_WORKERS",
    "IMPORT_AUTO_RESUME",
    "IMPORT_HANDOFF",
    "IMPORT_WORKER",
    "OPENPHONE_API_KEY",
    "OPENPHONE_BASE_URL",
    "REDIS_PREFIX",
    "REDIS_URL",
    "WEB_BIND",
}


@dataclass(frozen=True)
class Profile:
    """Latencies in milliseconds, rates per second. Raises ValueError where a setting makes no sense.

    `assumptions` says which figures nobody has measured; `by_construction`: the guide's time claims follow from the
    injected latency; `latency_per` "row": a call takes its share of a row's latency; `mock`: as the mock's admin API
    takes it; `env`: the app's environment for the trial; `limit_source`: who documents the rate limit.
    """

    name: str
    env: Mapping[str, str]
    mock: Mapping[str, object] = field(default_factory=dict)
    summary: str = ""
    assumptions: str = ""
    by_construction: bool = False
    latency_per: Literal["call", "row"] = "call"
    limit_source: str | None = None

    def __post_init__(self) -> None:
        mock_settings.understood(self.mock)
        for key in self.env:
            if not key.isupper():
                raise ValueError(f"env.{key}: environment variables are written in capitals")
            if key in _OF_THE_HARNESS:
                raise ValueError(f"env.{key}: the harness sets this itself for every trial; leave it out")
        try:
            sensible = self.env_rate >= 0
        except ValueError:
            sensible = False
        if not sensible:
            rate = self.env["OPENPHONE_RATE_PER_SECOND"]
            raise ValueError(f"env.OPENPHONE_RATE_PER_SECOND: {rate!r} is not a rate per second (0: no limit)")

    @property
    def calls_api(self) -> bool:
        """Whether the request itself calls OpenPhone (and the mock's store can be compared with the database)."""
        return self.env.get("OPENPHONE_SYNC", "inline") == "inline"

    @property
    def env_rate(self) -> float:
        """The app's own pace in calls per second; 0: none."""
        return float(self.env.get("OPENPHONE_RATE_PER_SECOND", "0"))

    @property
    def rate_per_second(self) -> float:
        """The limit that binds: the smaller of the app's pace and the mock's limit; 0: none."""
        limits = [rate for rate in (self.env_rate, mock_settings.understood(self.mock).limit.per_second) if rate]
        return min(limits) if self.calls_api and limits else 0.0

    @property
    def repeats_calls(self) -> bool:
        """Whether calls fail and are repeated after a pause: by faults, or by a limit that the app does not keep."""
        mock = mock_settings.understood(self.mock)
        over = mock.limit.per_second and not 0 < self.env_rate <= mock.limit.per_second
        return bool(mock.faults or over)

    def latency_share(self, contacts_per_row: float) -> float:
        """What a call's latency is divided by. `contacts_per_row` as the manifest has it, for `latency_per` "row"."""
        return max(1.0, contacts_per_row) if self.latency_per == "row" else 1.0

    def mock_settings(self, contacts_per_row: float, seed: int) -> dict[str, Any]:
        """The body for the mock's admin API, for a file with so many contacts per row."""
        return mock_settings.body(self.mock, self.latency_share(contacts_per_row), seed)


def names() -> tuple[str, ...]:
    """The profiles that come with the harness."""
    return tuple(sorted(path.stem for path in PROFILES.glob("*.toml")))


def load(name_or_path: str) -> Profile:
    """A profile by name, or one's own TOML file by path. Raises UsageError naming the file and what is wrong."""
    own = name_or_path.endswith(".toml") or "/" in name_or_path
    if not own and name_or_path not in names():
        raise UsageError(f"no profile {name_or_path!r}: choose one of {', '.join(names())}, or name a .toml file")
    path = Path(name_or_path) if own else PROFILES / f"{name_or_path}.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as a profile in TOML: {error}") from None
    if own and data.get("name", path.stem) in names():
        raise UsageError(
            f"{path}: {data.get('name', path.stem)!r} is the name of a built-in profile; give yours a name of its own"
        )
    profile: Profile = decode(Profile, {"name": path.stem, **data}, str(path))
    return profile
