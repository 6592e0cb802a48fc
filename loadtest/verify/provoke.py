"""The bound by behaviour: a request longer than a short timeout, and what becomes of it."""

from pathlib import Path

from loadtest.sizing import kill, verdict
from loadtest.sizing.plan import BELOW_NEED, Job
from loadtest.sizing.profile import Profile
from loadtest.sizing.trials import Trials
from loadtest.stack import choice
from loadtest.stack.environment import caller_settings
from loadtest.verify.checks import Check

TIMEOUT = 3
ROWS = 120  # its 112 contacts take 6 s: too long for the timeout, and done after one resume
SLOW = Profile(
    name="provoke",
    env={"OPENPHONE_SYNC": "inline", "OPENPHONE_RATE_PER_SECOND": "0"},
    mock={"latency": {"kind": "fixed", "ms": 50}, "limit": {"per_second": 0}},
    summary="slow enough to outlive a short timeout",
)


def killed_in_band(home: Path, stack_name: str) -> list[Check]:
    """Kills an import of about 6 s under a timeout of 3 s on a stack of its own, and resumes it.

    Raises StartError, StackDied.
    """
    with choice.make(stack_name, home, caller_settings()) as stack:
        stack.start(web=False)
        found, _ = kill.provoke(
            Trials(stack, home, "contacts", workers=2), Job("kill", ROWS, SLOW, None), TIMEOUT + BELOW_NEED
        )
    judged = verdict.judge_kill(found, calls_api=True)
    after = found.killed_after_seconds
    said = "not killed" if after is None else f"killed after {after:.2f} s"
    band = f"killed within ({TIMEOUT} s, {TIMEOUT + 2} s]"
    return [
        Check("behaviour", f"an import of 6 s, --timeout={TIMEOUT}", band, band if _in_band(after) else said),
        Check("behaviour", "found interrupted, resumed, counted", "nothing lost", _faults(judged)),
    ]


def _in_band(after: float | None) -> bool:
    return after is not None and verdict.in_band(TIMEOUT, after)


def _faults(judged: verdict.KillVerdict) -> str:
    return "; ".join(judged.problems) or "nothing lost"
