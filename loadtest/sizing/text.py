"""Figures in words, the same in every report."""

from collections.abc import Sequence


def count(value: float) -> str:
    """12345 -> 12,345."""
    return f"{value:,.0f}"


def seconds(value: float) -> str:
    """Seconds as a person reads them: 0.42 s, 16.9 s, 243 s, 4,665 s."""
    if value < 1:
        return f"{value:.2f} s"
    return f"{value:.1f} s" if value < 100 else f"{value:,.0f} s"


def whole(value: float) -> str:
    """A setting or a claim, as it was written: 300 s, 1,200 s, 2.5 s."""
    return f"{value:,.0f} s" if value == int(value) else f"{value:g} s"


def span(low: float, high: float) -> str:
    """10-20 s."""
    return f"{low:g}-{high:g} s"


def millis(value: float) -> str:
    """Milliseconds: 39.6 ms; 0.052 ms below one."""
    return f"{value:.1f} ms" if abs(value) >= 1 else f"{value:.3f} ms"


def listed(items: Sequence[str]) -> str:
    """A, b and c."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
