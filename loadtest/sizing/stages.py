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


def waiting(run: Run) -> float:
    """Seconds of the calls that are neither injected latency nor the client's own CPU; 0 where that is not known.

    HTTP, the mock's own work and the kernel's; and, on a busy machine, waiting for a processor.
    """
    if run.injected_seconds is None or run.openphone_cpu_seconds is None:
        return 0.0
    calling = (run.stage_seconds or {}).get("openphone", 0.0)
    return max(0.0, calling - run.injected_seconds - run.openphone_cpu_seconds)


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
