"""Where an import's time went: the API's part, and the stack's own."""

from loadtest.sizing.record import Recording, Run

# "limit" is waiting for the API's permitted rate: the API's time as much as the calls are.
API = ("openphone", "limit")
OTHER = "other"


def split(run: Run) -> dict[str, float]:
    """Seconds per stage, adding up to what the client waited.

    `other` is what the app's stages do not cover: HTTP, the upload, waiting for a worker.
    """
    stages = {name: max(0.0, seconds) for name, seconds in (run.stage_seconds or {}).items()}
    if run.seconds is not None:
        stages[OTHER] = stages.get(OTHER, 0.0) + max(0.0, run.seconds - sum(stages.values()))
    return stages


def api_seconds(stages: dict[str, float]) -> float:
    """Seconds spent on the API: calling it and waiting for its limit."""
    return sum(stages.get(name, 0.0) for name in API)


def own_seconds(stages: dict[str, float]) -> float:
    """Seconds of everything else: what would be left if the API took no time."""
    return sum(seconds for name, seconds in stages.items() if name not in API)


def slowest(runs: list[Run]) -> Run | None:
    """The run that took longest; None without a time."""
    timed = [run for run in runs if run.seconds is not None]
    return max(timed, key=lambda run: run.seconds or 0.0, default=None)


def completed(recording: Recording, profile: str) -> dict[int, Run]:
    """The slowest completed run of each size under a profile, smallest size first: what a prediction may rest on."""
    sizes = sorted({m.rows for m in recording.measurements if m.profile == profile and m.kind == recording.kind})
    found = {}
    for rows in sizes:
        run = slowest([run for run in recording.runs(rows, profile) if run.outcome == "completed"])
        if run:
            found[rows] = run
    return found
