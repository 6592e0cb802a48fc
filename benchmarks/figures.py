"""Medians and ratios of a recording."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.record import Recording, Sample
from benchmarks.yardsticks.bench import AGAIN, FIRST

OURS = "timeoutlab"
# How their ratios are called: of times where the goal is one of times.
TIME_OVER = {"floor": "time_over_floor"}
# What is aimed at; times at most, rates at least.
GOALS = {
    "time_over_floor": 1.25,
    "again_time_over_floor": 2.0,
    "rate_over_limit": 0.5,
    "rate_over_bulk_insert_mappings": 3.0,
    "rate_over_django_import_export": 50.0,
}


@dataclass(frozen=True)
class Figure:
    """The median of a yardstick's samples; of its fastest variant, where there are several. Seconds of *rows* rows."""

    kind: str
    yardstick: str
    what: str
    variant: str
    rows: int
    samples: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """The median."""
        return median(self.samples)

    @property
    def rate(self) -> float:
        """Rows of the file per second."""
        return self.rows / self.seconds


def figures(recording: Recording) -> list[Figure]:
    """In the order of the samples."""
    found: dict[tuple[str, str, str], dict[tuple[str, int], list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for sample in recording.samples:
        found[sample.kind, sample.yardstick, sample.what][sample.variant, sample.rows].append(sample)
    return [
        min((_figure(samples) for samples in variants.values()), key=lambda figure: figure.seconds / figure.rows)
        for variants in found.values()
    ]


def ratios(recording: Recording) -> dict[str, dict[str, float]]:
    """Kind -> name -> the import against a yardstick: time_over_floor (at most 1.25 is wanted), rate_over_limit ..."""
    found: dict[str, dict[str, float]] = {kind: {} for kind in recording.rows}
    known = {(figure.kind, figure.yardstick, figure.what): figure for figure in figures(recording)}
    for (kind, yardstick, what), figure in known.items():
        ours = known.get((kind, OURS, what))
        if ours is None or yardstick == OURS:
            continue
        prefix = "again_" if what == AGAIN else ""
        if yardstick in TIME_OVER:
            found[kind][prefix + TIME_OVER[yardstick]] = round(figure.rate / ours.rate, 3)
        else:
            found[kind][f"{prefix}rate_over_{yardstick}"] = round(ours.rate / figure.rate, 3)
    return found


def met(name: str, ratio: float) -> bool | None:
    """Whether the goal of that name is met; None where there is none."""
    goal = GOALS.get(name)
    if goal is None:
        return None
    return ratio <= goal if "time_over" in name else ratio >= goal


def share(figure: Figure, all_figures: Sequence[Figure]) -> float | None:
    """Its rate as a share of the limit's; None where the limit was not measured."""
    limit = next((each for each in all_figures if (each.kind, each.yardstick) == (figure.kind, "limit")), None)
    return figure.rate / limit.rate if limit and figure.what == FIRST else None


def _figure(samples: Sequence[Sample]) -> Figure:
    first = samples[0]
    times = tuple(sample.seconds for sample in samples)
    return Figure(first.kind, first.yardstick, first.what, first.variant, first.rows, times)
