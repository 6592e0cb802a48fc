"""One row of the sizing table: what the guide claims for a size, what was measured or predicted, what that means."""

from dataclasses import dataclass, field, replace
from typing import Literal

from loadtest.sizing import accounting, quiet, stages, thresholds
from loadtest.sizing.accounting import Account
from loadtest.sizing.claims import Claim
from loadtest.sizing.guide import Guide
from loadtest.sizing.model import Prediction, predict
from loadtest.sizing.profile import Profile
from loadtest.sizing.record import Recording, Run
from loadtest.sizing.text import seconds as in_seconds
from loadtest.sizing.thresholds import TimeClaim, TimeoutVerdict

Source = Literal["measured", "predicted"]


@dataclass(frozen=True)
class Row:
    """A size under a profile. Seconds as the client waited; None where there is no value.

    `source` tells where `slowest_seconds` and the verdicts come from; `recommended_source` the same for
    `recommended_timeout` (a killed import says nothing of how long it would have taken). `worst` is the slowest run.
    `quiet_seconds`: the time without what a busy machine added; None where it added nothing that is known.
    """

    rows: int
    profile: Profile
    claim: Claim | None
    source: Source | None = None
    seconds: tuple[float, ...] = ()
    slowest_seconds: float | None = None
    time_claim: TimeClaim | None = None
    timeout_verdict: TimeoutVerdict = "not_run"
    recommended_timeout: int | None = None
    recommended_source: Source | None = None
    break_even_ms_per_row: float | None = None
    stage_seconds: dict[str, float] | None = None
    quiet_seconds: float | None = None
    worst: Run | None = None
    account: Account = field(default_factory=Account)
    predicted_from: str | None = None
    reason: str | None = None

    @property
    def killed(self) -> bool:
        """The slowest run was killed: it would have taken longer than `slowest_seconds`."""
        return self.worst is not None and self.worst.outcome == "killed"

    @property
    def too_low_when_busy(self) -> bool:
        """The timeout is too low, but would not be without what a busy machine added: that is no verdict on it."""
        if self.timeout_verdict != "too_low" or self.claim is None or self.quiet_seconds is None:
            return False
        return self.quiet_seconds <= self.claim.timeout


def judge(recording: Recording, guide: Guide, profile: Profile, rows: int) -> Row:
    """The row of a size under a profile: from its runs if there are any, else from the model, else `not_run`."""
    claim = guide.claim_for(rows)
    row = Row(rows, profile, claim, reason=None if claim else "the guide says nothing about files of this size")
    prediction = predict(recording, profile, rows)
    runs = recording.runs(rows, profile.name)
    if runs:
        row = replace(
            row,
            seconds=tuple(run.seconds for run in runs if run.seconds is not None),
            worst=stages.slowest(runs),
            account=accounting.total([accounting.of_run(run, rows, profile.calls_api) for run in runs]),
        )
        return _quieter(_measured(row, runs, prediction, guide), quiet.seconds(runs, profile, prediction))
    if prediction is None:
        return replace(row, reason=_why_not_run(recording, profile, rows))
    row = replace(row, predicted_from=prediction.explanation)
    row = _judged(row, prediction.seconds, prediction.stage_seconds, "predicted", guide)
    return _quieter(row, quiet.seconds(runs, profile, prediction))


def _quieter(row: Row, seconds: float | None) -> Row:
    if row.source is None or seconds is None:
        return row
    row = replace(row, quiet_seconds=seconds)
    if not row.too_low_when_busy:
        return row
    said = f"without what a busy machine added about {in_seconds(seconds)}"
    return replace(row, reason=f"{row.reason}; {said}" if row.reason else said)


def _measured(row: Row, runs: list[Run], prediction: Prediction | None, guide: Guide) -> Row:
    killed = [run for run in runs if row.claim and _killed_at(run, row.claim.timeout)]
    if killed:
        return _killed(row, killed, prediction, guide)
    # What failed for another reason is no verdict on the timeout, and no prediction stands in for it.
    failed = next((run for run in runs if run.outcome != "completed"), None)
    if failed:
        return replace(row, worst=failed, reason=_why_failed(failed))
    if row.worst is None or row.worst.seconds is None:
        return replace(row, reason="it completed, but its time was not recorded")
    return _judged(row, row.worst.seconds, stages.split(row.worst), "measured", guide)


def _killed(row: Row, killed: list[Run], prediction: Prediction | None, guide: Guide) -> Row:
    longest = max(killed, key=lambda run: run.seconds or 0.0)
    seconds = longest.seconds or 0.0
    # How long it would have taken is not known; that it is over the claimed range may be.
    slower = row.claim is not None and thresholds.time_claim(seconds, row.claim.seconds) == "slower"
    row = replace(
        row,
        source="measured",
        slowest_seconds=seconds,
        worst=longest,
        timeout_verdict="too_low",
        time_claim="slower" if slower else None,
        reason=f"killed after {in_seconds(seconds)}",
    )
    if prediction is None:
        return row
    return replace(
        row,
        recommended_timeout=thresholds.recommended_timeout(max(seconds, prediction.seconds), guide.rules.buffer),
        recommended_source="predicted",
        predicted_from=prediction.explanation,
    )


def _judged(row: Row, seconds: float, stage_seconds: dict[str, float], source: Source, guide: Guide) -> Row:
    buffer = guide.rules.buffer
    row = replace(
        row,
        source=source,
        slowest_seconds=seconds,
        stage_seconds=stage_seconds,
        recommended_timeout=thresholds.recommended_timeout(seconds, buffer),
        recommended_source=source,
    )
    if row.claim is None:
        return row
    verdict = thresholds.timeout_verdict(seconds, row.claim.timeout, buffer)
    survived = f"finished after {in_seconds(seconds)}, over the guide's timeout: no import can count on that"
    return replace(
        row,
        time_claim=thresholds.time_claim(seconds, row.claim.seconds),
        timeout_verdict=verdict,
        break_even_ms_per_row=thresholds.break_even_ms_per_row(stage_seconds, row.rows, row.claim.timeout, buffer),
        reason=survived if verdict == "too_low" and source == "measured" else None,
    )


def _killed_at(run: Run, timeout: float) -> bool:
    """Killed by Gunicorn, and not before `timeout` seconds: anything else is no verdict on that timeout."""
    return run.outcome == "killed" and run.layer in (None, "gunicorn") and (run.seconds or 0.0) >= timeout


def _why_failed(run: Run) -> str:
    after = f" after {in_seconds(run.seconds)}" if run.seconds is not None else ""
    where = f" ({run.layer})" if run.layer else ""
    early = ", before the guide's timeout" if run.outcome == "killed" and after else ""
    return f"{run.outcome}{after}{early}{where}{': ' + run.detail if run.detail else ''}"


def _why_not_run(recording: Recording, profile: Profile, rows: int) -> str:
    for part in recording.not_run:
        if part.what == "measurement" and part.rows in (None, rows) and part.profile in (None, profile.name):
            return part.reason
    return "nothing was measured under this profile to predict it from"
