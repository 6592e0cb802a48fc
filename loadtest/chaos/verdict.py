"""What a round says, and a run: pure functions of the recording."""

from collections.abc import Sequence

from loadtest.chaos.record import Round

RECOVERY_SECONDS = 60.0
FOUND_SECONDS = 2.0
TIMEOUT_SECONDS = 10  # gunicorn's, where a request is handed off or killed
COMPLETED = ("completed", "completed_with_errors")
PASS, FAIL, INCONCLUSIVE = 0, 1, 3
WORDS = {PASS: "pass", FAIL: "fail", INCONCLUSIVE: "inconclusive"}


def failings(found: Round) -> tuple[str, ...]:
    """What went wrong with the import, in words; nothing where all is as it should be."""
    said = []
    if found.hung:
        said.append("hung: nothing moved any more")
    elif found.status is not None and found.status not in COMPLETED:
        said.append(f"ended as {found.status}")
    for name, count in found.counts.items():
        if not count.exact and not found.hung:
            said.append(f"{name}: {count.missing:,} missing, {count.doubled:,} doubled, {count.extra:,} extra")
    for each in found.happened:
        said += _slow(f"{each.fault.what} at {each.at_seconds:.1f} s", each.recovery_seconds)
    return (*said, *_of_request(found))


def doubts(found: Round) -> tuple[str, ...]:
    """Why a round shows less than it should, in words."""
    said = [found.trouble] if found.trouble else []
    missed = len(found.planned) - len(found.happened)
    if missed and not found.hung and not found.trouble:
        said.append(f"{missed} of {len(found.planned)} faults came too late: the import was done; use more --rows")
    if found.scenario == "handoff" and found.answered == 200:
        said.append("the request was done in time and handed nothing off; use more --rows")
    if found.scenario == "killed" and found.kill is None and not found.trouble:
        said.append(f"the request was not killed (the client saw {found.answered or 'no answer'}); use more --rows")
    return tuple(said)


def exit_code(rounds: Sequence[Round], asked: int) -> int:
    """0: all *asked* rounds ran and were exact. 1: one of them was not. 3: no verdict."""
    if any(failings(each) for each in rounds):
        return FAIL
    if len(rounds) < asked or any(doubts(each) for each in rounds):
        return INCONCLUSIVE
    return PASS


def recoveries(found: Round) -> list[float]:
    """Every time of recovery that was measured."""
    times = [each.recovery_seconds for each in found.happened]
    times += [found.kill.recovery_seconds] if found.kill else []
    return [each for each in times if each is not None]


def _slow(what: str, seconds: float | None) -> list[str]:
    if seconds is None:
        return [f"{what}: never went on"]
    return [f"{what}: went on after {seconds:.1f} s"] if seconds > RECOVERY_SECONDS else []


def _of_request(found: Round) -> list[str]:
    said = []
    if found.scenario == "handoff":
        if found.worker_timeouts:
            said.append(f"{found.worker_timeouts} WORKER TIMEOUT in web's log, with the hand-off on")
        if found.answered not in (200, 202, None):
            said.append(f"the upload was answered {found.answered}")
        if found.answer_seconds is not None and found.answer_seconds >= TIMEOUT_SECONDS:
            said.append(f"the answer took {found.answer_seconds:.1f} s of {TIMEOUT_SECONDS}")
    if found.kill:
        after = found.kill.found_seconds
        if after is None:
            said.append("the dead request's import was never found interrupted")
        elif after > FOUND_SECONDS:
            said.append(f"found interrupted {after:.1f} s after the worker's end")
        said += _slow("the kill", found.kill.recovery_seconds)
    return said
