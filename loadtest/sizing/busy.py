"""What a busy machine adds to an import: waiting for a processor, which is the machine's time and not the file's."""

from loadtest.sizing import stages
from loadtest.sizing.profile import Profile
from loadtest.sizing.record import Run

# Of the calls' time. 8% on a quiet machine: HTTP, and the mock's and the kernel's own time.
SHARE = 0.2


def waited(run: Run, profile: Profile) -> float:
    """Seconds of a run's calls that went to waiting for a processor; 0 on a quiet machine, or where none can tell.

    Where calls are repeated, pauses before the next attempt look the same.
    """
    calling = (run.stage_seconds or {}).get("openphone", 0.0)
    waiting = stages.waiting(run)
    busy = calling > 0 and waiting / calling > SHARE and not profile.repeats_calls
    return waiting if busy else 0.0


def added(waited_seconds: float, api_seconds: float, calls: int, rate_per_second: float) -> float:
    """How much longer the import was for it: under a rate limit, a faster call only waits longer for the next one."""
    paced = (calls - 1) / rate_per_second if rate_per_second else 0.0
    return min(waited_seconds, max(0.0, api_seconds - paced))
