"""The recording: what a sizing run saw, raw. Verdicts and reports are pure functions over it.

Times are seconds, `started_at` is seconds since 1970 (UTC). None means: not known, or not applicable.
"""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from loadtest.errors import UsageError
from loadtest.sizing.codec import decode
from loadtest.sizing.profile import Profile

VERSION = 1

# Where a request failed; "stack": a service of the harness's own ended under it.
Layer = Literal["client", "gateway", "nginx", "gunicorn", "postgresql", "openphone", "validation", "stack"]
Outcome = Literal["completed", "killed", "failed"]


@dataclass(frozen=True)
class Sample:
    """One request as Locust wrote it. `saw`: the status as text, or eof, reset, timeout, refused, cut (by Locust)."""

    trial: str
    name: str
    started_at: float
    seconds: float
    status: int | None
    saw: str
    import_id: str | None = None
    request_bytes: int | None = None


@dataclass(frozen=True)
class Run:
    """One import: how long its client waited, how it ended, and who has how many of its contacts.

    `contacts_expected` and `rows_invalid` are the manifest's, `contacts_db` the database's, `contacts_openphone` the
    count of the mock's whole store, `lost` and `duplicated` from comparing the three contact by contact. Properties,
    links (a property's contacts) and members (of a campaign) the same; None where the kind of CSV has none.
    `stage_seconds` is what the app recorded: store, read, normalise, copy, merge, openphone (calling), limit (waiting
    for the permitted rate; not part of openphone). `injected_seconds`: latency that the mock added on purpose.
    """

    outcome: Outcome
    seconds: float | None = None
    trial: str | None = None
    layer: Layer | None = None
    detail: str | None = None
    rows_total: int | None = None
    rows_rejected: int | None = None
    rows_invalid: int | None = None
    contacts_expected: int | None = None
    contacts_db: int | None = None
    contacts_openphone: int | None = None
    lost: int | None = None
    duplicated: int | None = None
    stage_seconds: dict[str, float] | None = None
    openphone_calls: int | None = None
    openphone_cpu_seconds: float | None = None
    injected_seconds: float | None = None
    properties_expected: int | None = None
    properties_db: int | None = None
    links_expected: int | None = None
    links_db: int | None = None
    members_expected: int | None = None
    members_db: int | None = None


@dataclass(frozen=True)
class Measurement:
    """A file of `rows` rows imported under `profile` and a Gunicorn timeout of `timeout` seconds, len(runs) times."""

    rows: int
    profile: str
    timeout: float
    runs: tuple[Run, ...]
    kind: str = "contacts"


@dataclass(frozen=True)
class Kill:
    """An import under a timeout (seconds) that it cannot meet: how it was killed, and what a resume made of it.

    `killed_after_seconds`: from the start of the request in its worker to the arbiter's log line; None: not killed.
    `found_interrupted_after_seconds`: from that line until the import's status said so; None: it never did.
    """

    rows: int
    profile: str
    timeout: float
    killed_after_seconds: float | None
    client_saw: str | None
    layer: Layer | None
    log_line: str | None
    found_interrupted_after_seconds: float | None
    contacts_expected: int
    contacts_after_resume: int | None
    contacts_openphone_after_resume: int | None
    lost: int | None
    duplicated: int | None
    properties_expected: int | None = None
    properties_after_resume: int | None = None
    links_expected: int | None = None
    links_after_resume: int | None = None
    members_expected: int | None = None
    members_after_resume: int | None = None


@dataclass(frozen=True)
class NotRun:
    """A part of the plan that did not happen, and why. `what`: "measurement" or "kill"."""

    what: Literal["measurement", "kill"]
    reason: str
    rows: int | None = None
    profile: str | None = None


@dataclass(frozen=True)
class Recording:
    """A whole run. `sizes`: the file sizes asked for (rows), each judged under each of `profiles`, `judged` first."""

    stack: str
    machine: dict[str, Any]
    settings: dict[str, Any]
    sizes: tuple[int, ...]
    profiles: tuple[Profile, ...]
    judged: str = "guide"
    kind: str = "contacts"
    measurements: tuple[Measurement, ...] = ()
    kills: tuple[Kill, ...] = ()
    not_run: tuple[NotRun, ...] = ()
    interrupted: bool = False
    samples: tuple[Sample, ...] = ()
    version: int = field(default=VERSION)

    def __post_init__(self) -> None:
        if self.version != VERSION:
            raise ValueError(f"a recording of version {self.version}; this timeoutlab reads version {VERSION}")

    def profile(self, name: str) -> Profile | None:
        """The profile as it was in this run; None if it was not part of it."""
        return next((profile for profile in self.profiles if profile.name == name), None)

    def runs(self, rows: int, profile: str) -> list[Run]:
        """Every measured import of that size under that profile, in the order they were recorded."""
        found = [m for m in self.measurements if (m.rows, m.profile, m.kind) == (rows, profile, self.kind)]
        return [run for measurement in found for run in measurement.runs]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return dataclasses.asdict(self)

    def save(self, path: Path) -> None:
        """Write the recording as JSON."""
        path.write_text(json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n", encoding="utf-8")


def from_dict(data: object, where: str = "recording") -> Recording:
    """The recording in plain data. Raises UsageError naming the field that is missing, unknown or of a wrong type."""
    recording: Recording = decode(Recording, data, where)
    return recording


def load(path: Path) -> Recording:
    """The recording in a JSON file. Raises UsageError naming the file and what is wrong."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as a recording: {error}") from None
    return from_dict(data, str(path))
