"""How long an import takes on a quiet machine, from what it took on a busy one."""

import math
from collections.abc import Sequence

from loadtest.sizing import busy, stages
from loadtest.sizing.model import Prediction
from loadtest.sizing.profile import Profile
from loadtest.sizing.record import Run


def seconds(runs: Sequence[Run], profile: Profile, prediction: Prediction | None) -> float | None:
    """Seconds of the slowest of *runs* without what a busy machine added; without runs those of the prediction.

    None where nothing is known to have been added. A killed run is taken for what its profile's others say of it, and
    for endless where they say nothing.
    """
    unfinished = (prediction.seconds, prediction.busy_seconds) if prediction else (math.inf, 0.0)
    times = [_of_run(run, profile) if run.outcome == "completed" else unfinished for run in runs] or [unfinished]
    if not any(added for _, added in times):
        return None
    return max(took - added for took, added in times)


def _of_run(run: Run, profile: Profile) -> tuple[float, float]:
    api = stages.api_seconds(stages.split(run))
    added = busy.added(busy.waited(run, profile), api, run.openphone_calls or 0, profile.rate_per_second)
    return run.seconds or 0.0, added
