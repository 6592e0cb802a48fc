"""A time line as an SVG: a lane for each thread and one for PostgreSQL."""

from collections.abc import Iterable, Iterator
from math import floor, log10

from benchmarks.timeline.recording import (
    COMMIT,
    COPY,
    OTHER,
    POSTGRESQL,
    STATEMENT,
    WAITS,
    Timeline,
)
from benchmarks.timeline.text import title

WIDTH, LEFT, RIGHT, TOP, BAR, GAP = 900, 130, 30, 48, 40, 14
ROW, BOX, CHAR = 20, 12, 6.6  # of the legend; a character's width at 12 px in the widest of the usual sans-serif fonts
TEXT, FAINT, GRID = "#24292f", "#57606a", "#d8dee4"
# Okabe and Ito's, which the colour-blind can tell apart, and greys; in each the colour of what is written on it.
COLORS = {
    "store": ("#595959", "white"),
    "read": ("#56b4e9", TEXT),
    "repeats": ("#f0e442", TEXT),
    "normalise": ("#0072b2", "white"),
    "copy": ("#e69f00", TEXT),
    "merge": ("#009e73", TEXT),
    OTHER: ("#c4c8cc", TEXT),
    WAITS: ("url(#waits)", TEXT),
    STATEMENT: ("#cc79a7", TEXT),
    COPY: ("#e69f00", TEXT),
    COMMIT: ("#d55e00", TEXT),
}
SAID = {WAITS: "waits for another thread"}
HATCH = (
    '<pattern id="waits" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="6" height="6" fill="white"/><rect width="1.5" height="6" fill="{GRID}"/></pattern>'
)


def svg(timeline: Timeline) -> str:
    """It as a document."""
    axis = TOP + len(timeline.lanes) * (BAR + GAP)
    first = axis + 42
    height = first + 2 * ROW
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            f'font-family="sans-serif" font-size="12" fill="{TEXT}">',
            f"<title>{title(timeline)}</title>",
            f"<defs>{HATCH}</defs>",
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
            *_head(timeline),
            *_axis(timeline.seconds, axis),
            *_lanes(timeline),
            *_legend(timeline, "threads", timeline.lanes[:-1], first),
            *_legend(timeline, "PostgreSQL", (POSTGRESQL,), first + ROW),
            "</svg>\n",
        ]
    )


def _place(second: float, seconds: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * second / seconds, 2)


def _head(timeline: Timeline) -> Iterator[str]:
    found = timeline.figures()
    said = (
        f"chunks were merged for {found.merging_worked:.2f} s: several at once for {found.merging_at_once:.2f} s, "
        f"beside the reading for {found.at_once:.2f} s"
    )
    yield f'<text x="12" y="18" font-size="13" font-weight="bold">{title(timeline)}</text>'
    yield f'<text x="12" y="36">{said}</text>'
    for number, lane in enumerate(timeline.lanes):
        y = TOP + number * (BAR + GAP)
        yield f'<text x="12" y="{y + 17}" font-size="13">{lane}</text>'
        yield f'<text x="12" y="{y + 33}" font-size="11" fill="{FAINT}">worked {timeline.worked(lane):.2f} s</text>'


def _axis(seconds: float, y: int) -> Iterator[str]:
    step = _step(seconds)
    for number in range(int(seconds / step) + 1):
        x = _place(number * step, seconds)
        yield f'<line x1="{x}" x2="{x}" y1="{TOP - 4}" y2="{y}" stroke="{GRID}"/>'
        yield f'<text x="{x}" y="{y + 14}" font-size="11" text-anchor="middle">{number * step:g} s</text>'


def _step(seconds: float) -> float:
    """Of a scale of at most ten: 1, 2 or 5 of some power of ten."""
    power = 10.0 ** floor(log10(seconds / 10))
    return next(times * power for times in (1, 2, 5, 10) if seconds / (times * power) <= 10)


def _lanes(timeline: Timeline) -> Iterator[str]:
    for number, lane in enumerate(timeline.lanes):
        y = TOP + number * (BAR + GAP)
        for _, name, begin, end in timeline.of(lane):
            x, width = _place(begin, timeline.seconds), _place(end, timeline.seconds)
            width = round(width - x, 2)
            fill, ink = COLORS[name]
            yield (
                f'<rect x="{x}" y="{y}" width="{width}" height="{BAR}" fill="{fill}">'
                f"<title>{name}: {begin:.3f} to {end:.3f} s</title></rect>"
            )
            if width > CHAR * len(name) + 6:
                middle = round(x + width / 2, 1)
                yield f'<text x="{middle}" y="{y + 24}" text-anchor="middle" fill="{ink}">{name}</text>'


def _legend(timeline: Timeline, of: str, lanes: Iterable[str], y: int) -> Iterator[str]:
    there = {each.name for lane in lanes for each in timeline.of(lane)}
    yield f'<text x="12" y="{y}" font-size="11" fill="{FAINT}">{of}</text>'
    x = float(LEFT)
    for name, (fill, _) in COLORS.items():
        if name in there:
            yield f'<rect x="{x:.0f}" y="{y - 10}" width="{BOX}" height="{BOX}" fill="{fill}" stroke="{FAINT}"/>'
            said = SAID.get(name, name)
            yield f'<text x="{x + BOX + 5:.0f}" y="{y}">{said}</text>'
            x += BOX + 5 + CHAR * len(said) + 18
