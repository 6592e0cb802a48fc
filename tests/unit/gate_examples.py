"""Recordings of gates for the tests: made-up samples of both trees, which whoever decides can't tell from real ones."""

from pathlib import Path

from benchmarks.gate.checkout import Tree
from benchmarks.gate.decision import Rule
from benchmarks.gate.recording import Plan, Recording
from benchmarks.gate.samples import PHONE, Sample

BASE = Tree(Path("/base"), Path("/python"), "main", "1" * 40)
NOW = Tree(Path("/now"), Path("/python"), "the working tree", "2" * 40, changed=True)
MACHINE = {"cores": 2, "kernel": "Linux 6.1", "load_before": 0.4}
NOISE = (0.99, 1.02, 0.98, 1.01, 0.995, 1.005, 1.015, 0.985, 1.0, 1.008)
MIB = 2**20


def sample(task, side, number, seconds=2.0, *, memory=100.0, normalise=0.25, **changes):
    """*memory*: MiB; *normalise*: the share of its seconds that this stage has."""
    stages = {"normalise": seconds * normalise, "merge": seconds / 2}
    of_import = (
        {} if task == PHONE else {"before_bytes": 90 * MIB, "peak_bytes": int(memory * MIB), "stage_seconds": stages}
    )
    return Sample(task, side, number, **{"seconds": seconds, "amount": 20_000, **of_import, **changes})


def recording(now=1.0, *, tasks=("contacts",), rounds=10, noise=NOISE, memory=1.0, normalise=0.25, samples=None):
    """Both trees by turns; the later one costs *now* times as much, and has *memory* times as much in memory."""
    made = [
        each
        for number in range(rounds + 1)  # the first is for warming up
        for task in tasks
        for each in (
            sample(task, "base", number, 2 * noise[number % len(noise)]),
            sample(
                task, "now", number, 2 * now * noise[number * 3 % len(noise)], memory=100 * memory, normalise=normalise
            ),
        )
    ]
    plan = Plan(20_000, 1, rounds, 30, tuple(tasks))
    return Recording(BASE, NOW, plan, Rule(), MACHINE, samples=made if samples is None else samples)
