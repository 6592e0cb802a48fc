"""When something went on: spans of time, and what several of them have in common."""

from collections.abc import Iterable

Span = tuple[float, float]  # seconds: begin, end


def union(spans: Iterable[Span]) -> list[Span]:
    """When any of them was: in order, none touching the next."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif end > begin:
            found.append((begin, end))
    return found


def common(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """When one of *some* and one of *others* were at once."""
    left, right = union(some), union(others)
    found = []
    while left and right:
        begin, end = max(left[0][0], right[0][0]), min(left[0][1], right[0][1])
        if end > begin:
            found.append((begin, end))
        (left if left[0][1] < right[0][1] else right).pop(0)
    return found


def seconds(spans: Iterable[Span]) -> float:
    """How long any of them was."""
    return sum(end - begin for begin, end in union(spans))
