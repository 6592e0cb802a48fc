"""All that can be measured, by name."""

from benchmarks.figures import OURS, Figure
from benchmarks.yardsticks import floor, heap, limit, timeoutlab
from benchmarks.yardsticks.bench import AGAIN, Yardstick

YARDSTICKS: dict[str, Yardstick] = {"heap": heap, "limit": limit, "floor": floor, OURS: timeoutlab}


def described(figure: Figure) -> str:
    """A yardstick in a table."""
    variant = f" ({figure.variant})" if figure.variant else ""
    again = ", again with 10% changed" if figure.what == AGAIN else ""
    few = f", {figure.rows:,} rows" if False else ""
    return f"{figure.yardstick}{variant}{again}{few}: {YARDSTICKS[figure.yardstick].DESCRIPTION}"


def lacks(figure: Figure) -> tuple[str, ...]:
    """What it does not do."""
    return YARDSTICKS[figure.yardstick].LACKS
