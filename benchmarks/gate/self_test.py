"""``bench self-test``."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import click

import config
from benchmarks.gate import as_json, options
from benchmarks.gate import rounds as running
from benchmarks.gate.checkout import Tree, checked_out
from benchmarks.gate.decision import Rule, Verdict
from benchmarks.gate.judgement import INVALID, PASS, REGRESSION, WORDS, comparisons, exit_code, problems
from benchmarks.gate.rates import Rate
from benchmarks.gate.recording import BASE, NOW, Plan, Recording, machine
from benchmarks.gate.samples import IMPORTS
from benchmarks.gate.side import Side
from loadtest.errors import UsageError

MOST_FALSE_ALARMS, LEAST_DETECTED = 0.10, 0.80


@click.command("self-test")
@click.option("--base", "ref", default="HEAD", show_default=True, metavar="REF", help="What is compared with itself.")
@options.measuring
@click.option("--repeats", type=click.IntRange(1, 1000), default=10, show_default=True, help="Gates of each sort.")
@click.option(
    "--delay", type=click.FloatRange(1, 1000), default=15.0, show_default=True, metavar="PERCENT",
    help="By how much longer each import takes where there is something to be found.",
)  # fmt: skip
@click.option("--json", "json_file", type=options.RESULT, help="Write all gates as JSON.")
def self_test(
    *,
    ref: str,
    rows: int,
    seed: int,
    rounds: int,
    max_rounds: int,
    threshold: float,
    tasks: tuple[str, ...],
    repeats: int,
    delay: float,
    json_file: TextIO | None,
) -> int:
    """How often the gate is wrong: REF against itself, then against itself with a known delay in every import.

    \b
    python -m benchmarks self-test                              ten gates of each sort, about half an hour
    python -m benchmarks self-test --rows 5000 --repeats 3      a first look

    Exit code 0: at most 10% of the gates raise a false alarm, and at least 80% find the delay. 1: not so.
    """
    plan, rule = options.plan(rows, seed, rounds, max_rounds, tasks), options.rule(threshold)
    if not set(plan.tasks) & set(IMPORTS):
        raise UsageError(f"--measure: the delay is one of imports; name one of {', '.join(IMPORTS)}, too")
    home = config.load_harness_settings().home.absolute()  # the trees are directories of their own
    with checked_out(ref, home, running.say) as one, checked_out(ref, home, running.say) as other:
        alike = gates((one, other), plan, rule, home, repeats=repeats)
        delayed = gates((one, other), plan, rule, home, repeats=repeats, delay=delay / 100)
    if json_file is not None:
        sorts = {"alike": alike, "delayed": delayed}
        found = {"schema": 1} | {name: [*map(as_json.facts, each)] for name, each in sorts.items()}
        json_file.write(json.dumps(found, indent=1, allow_nan=False) + "\n")
    broken = [problem for recording in (*alike, *delayed) for problem in problems(recording)]
    for line in broken or report(alike, delayed, delay):
        click.echo(line)
    if broken:
        return INVALID
    fine = alarms(alike).share <= MOST_FALSE_ALARMS and detected(delayed).share >= LEAST_DETECTED
    return PASS if fine else REGRESSION


def gates(
    trees: tuple[Tree, Tree], plan: Plan, rule: Rule, home: Path, *, repeats: int, delay: float = 0.0
) -> list[Recording]:
    """As many gates, one after the other; the second tree's imports are late by *delay*. Raises HarnessError."""
    found = []
    files = running.files(plan, home)
    with Side(BASE, trees[0], home) as base, Side(NOW, trees[1], home, delay) as now:
        services = running.start((base, now))
        for number in range(1, repeats + 1):
            recording = Recording(*trees, plan, rule, machine(), services)
            running.run((base, now), files, recording)
            found.append(recording)
            sort = f"a delay of {delay:.0%}" if delay else "no difference"
            running.say(f"{sort}, gate {number} of {repeats}: {WORDS[exit_code(recording)]}")
            if problems(recording):
                break
    return found


def alarms(alike: Sequence[Recording]) -> Rate:
    """Of trees that are the same, how often a gate failed."""
    return Rate(sum(exit_code(each) == REGRESSION for each in alike), len(alike))


def detected(delayed: Sequence[Recording]) -> Rate:
    """Of delays, how often the speed of an import was found to be worse."""
    return Rate(sum(any(_is(each, name, Verdict.REGRESSION) for name in IMPORTS) for each in delayed), len(delayed))


def report(alike: Sequence[Recording], delayed: Sequence[Recording], delay: float) -> list[str]:
    """Both rates, and those of each measure."""
    lines = [
        f"false alarms: {alarms(alike)}",
        f"a delay of {delay:g}% found: {detected(delayed)}",
    ]
    for title, recordings in (("without a difference", alike), (f"with the delay of {delay:g}%", delayed)):
        lines.append(f"{title}, gates that called a measure so (of {len(recordings)}):")
        for name in comparisons(recordings[0]):
            counts = {word: sum(_is(each, name, word) for each in recordings) for word in Verdict}
            said = ", ".join(f"{word.value} {count}" for word, count in counts.items() if count)
            lines.append(f"  {name}: {said}; changes of {_spread(recordings, name)}")
    loads = [float(each.machine["load_before"]) for each in (*alike, *delayed)]
    lines.append(f"load of the machine {min(loads):.1f} to {max(loads):.1f}, {alike[0].machine['cores']} cores")
    return lines


def _is(recording: Recording, name: str, verdict: Verdict) -> bool:
    found = comparisons(recording).get(name)
    return found is not None and found.verdict is verdict


def _spread(recordings: Sequence[Recording], name: str) -> str:
    found = [each[name].change for each in map(comparisons, recordings) if name in each]
    return f"{min(found):+.1%} to {max(found):+.1%}"
