"""The two trees measured in turns, until it is settled or there have been rounds enough."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from benchmarks.gate.judgement import comparisons, more_rounds
from benchmarks.gate.recording import BASE, NOW, Plan, Recording
from benchmarks.gate.samples import PHONE, PHONES, TABLES, Sample, made
from benchmarks.gate.side import Side
from fixtures.cache import fixture
from fixtures.manifest import Manifest
from loadtest.errors import UsageError

# Every look at the samples is a chance to see what is not there, so there is one in several rounds.
LEAST_MORE = 4

Files = Mapping[str, tuple[Path, Manifest]]


def files(plan: Plan, home: Path) -> Files:
    """Task -> the file that is imported and what is in it; made once for both trees. Raises UsageError."""
    try:
        return {
            task: fixture("contacts" if task == PHONE else task, plan.rows, plan.seed, cache_dir=home / "fixtures")
            for task in plan.tasks
        }
    except OSError as error:
        raise UsageError(f"TIMEOUTLAB_HOME={home}: cannot be used: {error}") from error


def measure(recording: Recording, home: Path) -> None:
    """Starts both trees and adds samples to *recording*. Raises HarnessError."""
    found = files(recording.plan, home)
    with Side(BASE, recording.base, home) as base, Side(NOW, recording.now, home) as now:
        recording.services = start((base, now))
        run((base, now), found, recording)


def say(line: str) -> None:
    """How far it is, on stderr."""
    click.echo(line, err=True)


def start(sides: tuple[Side, Side]) -> dict[str, Mapping[str, str]]:
    """Starts both stacks side by side; what they are made of. Raises UsageError, StartError, HarnessError."""
    for do in ("hello", "start"):
        for side in sides:
            side.send(do)
        found = {side.name: side.receive() for side in sides}
    return found


def run(sides: tuple[Side, Side], files: Files, recording: Recording) -> None:
    """Adds samples to *recording*, the first ones for warming up; ends at one with trouble. Raises HarnessError."""
    plan = recording.plan
    done, target = -1, plan.rounds  # behind the warm-up, which is round 0
    while True:
        for number in range(done + 1, target + 1):
            for sample in _round(sides, files, number):
                recording.samples.append(sample)
                if sample.trouble:
                    return
        found = comparisons(recording)
        said = ", ".join(f"{name} {each.verdict}" for name, each in found.items())
        more = more_rounds(found, plan.max_rounds - target)
        done, target = target, min(plan.max_rounds, target + max(LEAST_MORE, more) if more else target)
        say(f"{done} rounds: {said}" + (f"; {target - done} more" if more else ""))
        if not more:
            return


def _round(sides: tuple[Side, Side], files: Files, number: int) -> Iterator[Sample]:
    """A B, the next time B A: what comes second, or a machine that gets slower all the time, favours neither."""
    for task, (path, manifest) in files.items():
        for side in sides if number % 2 else sides[::-1]:
            if task == PHONE:
                side.send("phone", path=str(path), limit=PHONES)
            else:
                side.send("take_in", kind=task, path=str(path), tables=TABLES)
            yield made(task, side.name, number, side.receive(), manifest)
