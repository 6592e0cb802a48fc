"""What a recording comes to, in the words that all reports share."""

import math
from statistics import median

from benchmarks.gate.checkout import Tree
from benchmarks.gate.decision import Comparison, Verdict
from benchmarks.gate.judgement import (
    INCONCLUSIVE,
    PASS,
    Stage,
    comparisons,
    counted,
    exit_code,
    measures,
    problems,
)
from benchmarks.gate.recording import BASE, NOW, Recording
from benchmarks.gate.samples import Measure, costs

NOTHING = "-"


def columns(recording: Recording) -> tuple[str, ...]:
    """The heads of the table of measures."""
    return ("measure", "unit", "base", "now", "change", f"{1 - recording.rule.alpha:.0%} sure of", "verdict")


def rows(recording: Recording) -> list[tuple[str, ...]]:
    """The table of measures; medians of both trees, the change by pairs."""
    found, samples = comparisons(recording), counted(recording)
    lines = []
    for measure in measures(recording):
        middles = [_figure(measure, costs(samples, measure, side)) for side in (BASE, NOW)]
        of = found.get(measure.name)
        rest = (change(measure, of.change), between(of), of.verdict.value) if of else (NOTHING, NOTHING, "invalid")
        lines.append((measure.name, measure.unit, *middles, *rest))
    return lines


def _figure(measure: Measure, found: list[float]) -> str:
    return f"{measure.shown(median(found)):,.{1 if measure.unit == 'MiB' else 0}f}" if found else NOTHING


def change(measure: Measure, share: float) -> str:
    """``15.0% slower``: it takes 15.0% longer."""
    return f"{abs(share):.1%} {measure.more if share > 0 else measure.less}"


def between(found: Comparison) -> str:
    """``-1.2% to +3.4%`` of the base's cost."""
    return "nothing yet" if math.isinf(found.high) else f"{found.low:+.1%} to {found.high:+.1%}"


def reasons(recording: Recording) -> list[str]:
    """Why the verdict is what it is, the gravest first; what got better is told, too."""
    said = problems(recording)
    if recording.trouble:
        return [*said, recording.trouble[0]]
    of = {measure.name: measure for measure in measures(recording)}
    found = {} if said else comparisons(recording)
    for verdict in (Verdict.REGRESSION, Verdict.INCONCLUSIVE, Verdict.IMPROVEMENT):
        said += [reason(of[name], each) for name, each in found.items() if each.verdict is verdict]
    if exit_code(recording) == PASS:
        said.append(f"nothing got worse by {recording.rule.threshold:.0%} or more")
    return said


def reason(measure: Measure, found: Comparison) -> str:
    """One measure's verdict."""
    what = f"{measure.name}: {change(measure, found.change)} ({between(found)})"
    if found.verdict is not Verdict.INCONCLUSIVE:
        return what
    if found.more_rounds is None:
        return f"{what}; that is too near to the threshold for any number of rounds"
    return f"{what}; about {found.more_rounds} more rounds would settle it"


def moved(stage: Stage) -> str:
    """``+0.123 s``; a star where it is clear."""
    return f"{stage.change:+.3f} s{' *' if stage.clear else ''}"


def tree(found: Tree) -> str:
    """Its name and commit."""
    return f"{found.name} ({found.commit[:12]}{' and what is not committed' if found.changed else ''})"


def about(recording: Recording) -> str:
    """What was measured, how often, on what."""
    plan, machine = recording.plan, recording.machine
    rounds = max((sample.round for sample in counted(recording)), default=0)
    return (
        f"{rounds} rounds of {plan.rows:,} rows, seed {plan.seed}; {machine['cores']} cores, {machine['kernel']}, "
        f"load {machine['load_before']:.1f} before"
    )


def settle(recording: Recording) -> str | None:
    """What to do about an inconclusive run."""
    if exit_code(recording) != INCONCLUSIVE or recording.trouble:
        return None
    wanted = [each.more_rounds for each in comparisons(recording).values() if each.verdict is Verdict.INCONCLUSIVE]
    numbers = [number for number in wanted if number is not None]
    if len(numbers) < len(wanted):
        return (
            "a change this near to the threshold may never be settled: choose another --threshold, or judge by yourself"
        )
    rounds = max(sample.round for sample in counted(recording))
    return f"try --max-rounds {rounds + max(numbers)}, or a machine with less to do"
