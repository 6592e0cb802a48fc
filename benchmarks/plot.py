"""A run's rates as an SVG: bars on a logarithmic scale."""

from collections.abc import Iterator
from html import escape
from math import ceil, log10

from benchmarks.figures import OURS, Figure, figures
from benchmarks.record import Recording
from benchmarks.sticks import PEERS, YARDSTICKS
from benchmarks.yardsticks.bench import FIRST

WIDTH, LEFT, RIGHT, TOP, BAR, GAP = 960, 440, 90, 44, 18, 8
LABEL_MAX_CHARS = 58  # at 13 px in the widest of the usual sans-serif fonts
COLORS = {"ours": "#1a7f37", "yardstick": "#57606a", "peer": "#8fb4e8"}
TEXT, GRID = "#24292f", "#d8dee4"


def svg(recording: Recording, kind: str) -> str:
    """Rows/s of everything measured with files of *kind*, the fastest first."""
    found = [each for each in figures(recording) if (each.kind, each.what) == (kind, FIRST)]
    found.sort(key=lambda figure: -figure.rate)
    height = TOP + len(found) * (BAR + GAP) + GAP
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
            f'font-size="13" fill="{TEXT}">',
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
            f'<text x="12" y="20">{kind}, {recording.rows[kind]:,} rows: rows per second (logarithmic)</text>',
            *_bars(found, height),
            "</svg>\n",
        ]
    )


def _bars(found: list[Figure], height: int) -> Iterator[str]:
    if not found:
        return
    low, high = ceil(log10(found[-1].rate)) - 1, ceil(log10(found[0].rate))

    def place(rate: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (log10(rate) - low) / (high - low), 1)

    for power in range(low, high + 1):
        x = place(10**power)
        yield f'<line x1="{x}" x2="{x}" y1="{TOP - 6}" y2="{height - GAP}" stroke="{GRID}"/>'
        yield f'<text x="{x}" y="{TOP - 10}" font-size="11" text-anchor="middle">{10**power:,}</text>'
    for number, figure in enumerate(found):
        y, end = TOP + number * (BAR + GAP), place(figure.rate)
        sort = "ours" if figure.yardstick == OURS else "peer" if figure.yardstick in PEERS else "yardstick"
        name = YARDSTICKS[figure.yardstick].DESCRIPTION if sort == "peer" else figure.yardstick
        bold = ' font-weight="bold"' if sort == "ours" else ""
        yield f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end"{bold}>{escape(name)}</text>'
        yield f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR}" fill="{COLORS[sort]}"/>'
        yield f'<text x="{end + 6}" y="{y + 14}"{bold}>{figure.rate:,.0f}</text>'
