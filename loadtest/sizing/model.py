"""The seconds of a size that was not run, from the stage times of sizes that were.

The stack's own stages grow with rows (a line through the two nearest sizes measured); the API's time is contacts x
the measured time from one call to the next, which for a rate-limited profile is its pacing and never under 1/rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from loadtest.sizing import busy, stages
from loadtest.sizing.profile import Profile
from loadtest.sizing.record import Recording, Run
from loadtest.sizing.text import count, millis, seconds


@dataclass(frozen=True)
class Prediction:
    """Seconds that a client is expected to wait, per stage too, and what that rests on.

    `busy_seconds`: the part of them that a busy machine added to the sample.
    """

    seconds: float
    stage_seconds: dict[str, float]
    explanation: str
    busy_seconds: float = 0.0


def predict(recording: Recording, profile: Profile, rows: int) -> Prediction | None:
    """The expected seconds of a file of `rows` rows.

    None without a completed run of the same profile: other profiles say nothing of this one's API.
    """
    measured = stages.completed(recording, profile.name)
    if not measured:
        return None
    own, where = _own(recording, profile.name)
    expected = {
        name: line({size: split.get(name, 0.0) for size, split in own.items()}, rows)
        for name in dict.fromkeys(name for split in own.values() for name in split)
        if name not in stages.API
    }
    basis = f"measured at {count(rows)} rows" if rows in own else f"scaled from {count(max(own))} rows measured"
    busy_seconds = 0.0
    explanation = f"own stages {seconds(sum(expected.values()))} ({basis}{where})"
    if profile.calls_api:
        sample_rows = max(measured)
        contacts, run = _contacts(recording, rows), measured[sample_rows]
        api, said = _api(run, sample_rows, profile, contacts)
        expected |= api
        waited = busy.waited(run, profile) / _synced(run, sample_rows) * contacts
        busy_seconds = busy.added(waited, stages.api_seconds(api), contacts, profile.rate_per_second)
        explanation = f"{said}; {explanation}"
    return Prediction(sum(expected.values()), expected, explanation, busy_seconds)


def line(points: Mapping[int, float], rows: int) -> float:
    """The value at `rows` on a line through the two sizes nearest to it, never negative.

    A single size, or one that gets cheaper as it grows (noise), is scaled in proportion from the largest.
    """
    if rows in points:
        return max(0.0, points[rows])
    largest = max(points)
    nearest = sorted(sorted(points, key=lambda size: abs(size - rows))[:2])
    if len(nearest) == 2:
        low, high = nearest
        slope = (points[high] - points[low]) / (high - low)
        if slope > 0:
            return max(0.0, points[low] + slope * (rows - low))
    return max(0.0, points[largest] / largest * rows)


def spacing(run: Run, contacts: int, rate_per_second: float) -> tuple[float, float]:
    """Seconds from one contact's call to the next, and of one call alone, at the steady state.

    The first call of a paced import does not wait, so a small sample is faster per contact than a large file.
    """
    split = stages.split(run)
    call = split.get("openphone", 0.0) / contacts
    paced = (stages.api_seconds(split) - call) / (contacts - 1) if contacts > 1 else call
    return max(paced, 1 / rate_per_second if rate_per_second else 0.0), call


def _own(recording: Recording, name: str) -> tuple[dict[int, dict[str, float]], str]:
    """The sizes that the stack's own stages are read from.

    They are the same code under every profile, so the one that went furthest tells most; of equals this profile.
    """
    names = dict.fromkeys([name, *(profile.name for profile in recording.profiles)])
    measured = {key: found for key in names if (found := stages.completed(recording, key))}
    best = max(measured, key=lambda key: (max(measured[key]), key == name))
    where = "" if best == name else f" under {best}"
    return {rows: stages.split(run) for rows, run in measured[best].items()}, where


def _contacts(recording: Recording, rows: int) -> int:
    """How many contacts a file of `rows` rows has: as the nearest manifest says, in proportion."""
    manifests = {
        measurement.rows: run.contacts_expected
        for measurement in recording.measurements
        for run in measurement.runs
        if measurement.kind == recording.kind and run.contacts_expected is not None
    }
    return round(line(manifests, rows)) if manifests else rows


def _synced(run: Run, run_rows: int) -> int:
    return run.contacts_expected or run.contacts_db or run_rows


def _api(run: Run, run_rows: int, profile: Profile, contacts: int) -> tuple[dict[str, float], str]:
    between, call = spacing(run, _synced(run, run_rows), profile.rate_per_second)
    calling = contacts * call
    total = max(calling, (contacts - 1) * between + call) if contacts else 0.0
    basis = f"measured at {count(run_rows)} rows"
    if profile.rate_per_second:
        basis += f"; the limit is {profile.rate_per_second:g} per second"
    said = f"{count(contacts)} contacts x {millis(between * 1000)} ({basis}) = {seconds(total)}"
    return {"openphone": calling, "limit": total - calling}, said
