"""What a recording comes to: pure functions, so that a report of an old run can be made again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks.gate import signed_rank
from benchmarks.gate.decision import Comparison, Verdict, compare
from benchmarks.gate.recording import BASE, NOW, Recording
from benchmarks.gate.samples import IMPORTS, MEASURES, Measure, Sample, costs

PASS, REGRESSION, INVALID, INCONCLUSIVE = 0, 1, 2, 3
WORDS = {
    PASS: "pass",
    REGRESSION: "regression",
    INVALID: "invalid",
    INCONCLUSIVE: "inconclusive",
    4: "could not start",
}
REST = "beside the stages"
LEAST_SECONDS = 0.0005


@dataclass(frozen=True)
class Stage:
    """Seconds of one stage of an import, medians. *change*: the middle of the rounds' differences."""

    name: str
    base: float
    now: float
    change: float
    clear: bool


def counted(recording: Recording) -> list[Sample]:
    """Without those of the warm-up."""
    return [sample for sample in recording.samples if sample.round and not sample.trouble]


def measures(recording: Recording) -> list[Measure]:
    """Those of the plan."""
    return [measure for measure in MEASURES if measure.task in recording.plan.tasks]


def problems(recording: Recording) -> list[str]:
    """Why the run must not count: a sample with trouble, or none at all."""
    found = [
        f"{sample.task}, {sample.side}, {f'round {sample.round}' if sample.round else 'warm-up'}: {sample.trouble}"
        for sample in recording.samples
        if sample.trouble
    ]
    if found or recording.trouble:
        return found
    samples = counted(recording)
    return [
        f"{measure.name}: no sample of {side}"
        for measure in measures(recording)
        for side in (BASE, NOW)
        if not costs(samples, measure, side)
    ]


def comparisons(recording: Recording) -> dict[str, Comparison]:
    """Measure -> what came of it, by the rounds that both trees have; nothing of what has no samples."""
    samples = counted(recording)
    found = {}
    for measure in measures(recording):
        base, now = (costs(samples, measure, side) for side in (BASE, NOW))
        rounds = min(len(base), len(now))
        if rounds:
            found[measure.name] = compare(base[:rounds], now[:rounds], recording.rule)
    return found


def exit_code(recording: Recording) -> int:
    """0 pass, 1 a measure regressed, 2 the run must not count, 3 inconclusive, or what ended the run."""
    if problems(recording):
        return INVALID
    if recording.trouble:
        return recording.trouble[1]
    verdicts = {each.verdict for each in comparisons(recording).values()}
    if Verdict.REGRESSION in verdicts:
        return REGRESSION
    return INCONCLUSIVE if Verdict.INCONCLUSIVE in verdicts else PASS


def more_rounds(found: Mapping[str, Comparison], left: int) -> int:
    """How many to try: what would settle every measure, all that are *left* where none would. 0: done."""
    if any(each.verdict is Verdict.REGRESSION for each in found.values()):
        return 0  # whatever the others come to
    wanted = [each.more_rounds or left for each in found.values() if each.verdict is Verdict.INCONCLUSIVE]
    return min(left, max(wanted, default=0))


def stages(recording: Recording, task: str) -> list[Stage]:
    """Where the time of an import went in both trees. A stage that one of them does not know took it no time."""
    pairs = [_by_stage([s for s in counted(recording) if s.task == task and s.side == side]) for side in (BASE, NOW)]
    base, now = (pair[: min(map(len, pairs))] for pair in pairs)
    names = dict.fromkeys(name for each in (*base, *now) for name in each)
    found = []
    for name in names:
        before, after = ([each.get(name, 0.0) for each in side] for side in (base, now))
        if max(median(before), median(after)) < LEAST_SECONDS:
            continue
        differences = [later - earlier for earlier, later in zip(before, after, strict=True)]
        clear = signed_rank.p_value(differences) <= recording.rule.alpha
        found.append(Stage(name, median(before), median(after), signed_rank.estimate(differences), clear))
    return found


def all_stages(recording: Recording) -> dict[str, list[Stage]]:
    """Of every import that was measured."""
    return {task: found for task in IMPORTS if (found := stages(recording, task))}


def _by_stage(samples: Iterable[Sample]) -> list[dict[str, float]]:
    """With the rest of the request: the upload's way, the answer, what no stage counts."""
    return [{**each.stage_seconds, REST: each.seconds - sum(each.stage_seconds.values())} for each in samples]
