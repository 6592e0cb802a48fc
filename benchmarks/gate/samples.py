"""What is measured, sample by sample, and what a sample must come to for it to count."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fixtures.manifest import Manifest

IMPORTS = ("contacts", "propertyradar")
PHONE = "phone"
TASKS = (*IMPORTS, PHONE)
PHONES = 10_000  # of the contact list, at most
MIB = 2**20
# What is counted after an import -> the table that has it.
TABLES = {
    "contacts": "contacts",
    "properties": "properties",
    "links": "property_contacts",
    "outbox entries": "openphone_outbox",
    "row errors": "row_errors",
}


@dataclass(frozen=True)
class Sample:
    """One task, done once in one tree. *amount*: rows or numbers; *trouble*: why there is nothing to be measured."""

    task: str
    side: str
    round: int
    seconds: float = 0.0
    amount: int = 0
    before_bytes: int = 0
    peak_bytes: int = 0
    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    trouble: str | None = None


@dataclass(frozen=True)
class Measure:
    """What is decided on. *cost*: of a sample, more is worse; *shown*: a cost as people read it, in *unit*."""

    name: str
    task: str
    unit: str
    more: str
    less: str
    cost: Callable[[Sample], float]
    shown: Callable[[float], float]


def _seconds_each(sample: Sample) -> float:
    return sample.seconds / sample.amount


def _peak(sample: Sample) -> float:
    return float(sample.peak_bytes)


def _speed(task: str, unit: str) -> Measure:
    return Measure(task, task, unit, "slower", "faster", _seconds_each, lambda cost: 1 / cost)


def _memory(task: str) -> Measure:
    return Measure(f"{task} memory", task, "MiB", "more", "less", _peak, lambda cost: cost / MIB)


MEASURES = (
    *(_speed(task, "rows/s") for task in IMPORTS),
    *(_memory(task) for task in IMPORTS),
    _speed(PHONE, "numbers/s"),
)


def expected(task: str, manifest: Manifest) -> dict[str, int]:
    """What the file's maker says that a sample of *task* must count."""
    if task == PHONE:
        return {}
    return {
        "contacts": manifest.contacts_expected,
        "properties": manifest.properties_expected,
        "links": manifest.links_expected,
        "outbox entries": manifest.contacts_expected,
        "row errors": manifest.rows_invalid,
        "rejected rows": manifest.rows_invalid,
    }


def made(task: str, side: str, number: int, answer: Mapping[str, Any], manifest: Manifest) -> Sample:
    """The sample of a sampler's *answer*, with its trouble if it must not count."""
    sample = Sample(task, side, number, **answer)
    return sample if sample.trouble else Sample(**{**vars(sample), "trouble": _wrong(sample, manifest)})


def _wrong(sample: Sample, manifest: Manifest) -> str | None:
    amount = min(manifest.rows, PHONES) if sample.task == PHONE else manifest.rows
    if sample.amount != amount:
        return f"{sample.amount:,} of {amount:,} done"
    if sample.seconds <= 0:
        return "it took no time"
    if sample.task == PHONE:
        return None if sample.counts["valid phones"] else "no phone was found valid"
    differing = [
        f"{sample.counts[what]:,} {what}, the file has {count:,}" if what in sample.counts else f"{what} not counted"
        for what, count in expected(sample.task, manifest).items()
        if sample.counts.get(what) != count
    ]
    if not sample.peak_bytes:
        differing.append("the memory of the process is not known")
    return "; ".join(differing) or None


def costs(samples: Sequence[Sample], measure: Measure, side: str) -> list[float]:
    """Of one tree, in the order of the rounds."""
    return [measure.cost(each) for each in samples if each.task == measure.task and each.side == side]
