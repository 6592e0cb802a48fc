"""A run's figures as tables: for a terminal, and as Markdown."""

import io
from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure, figures, ratios, share
from benchmarks.record import Recording
from benchmarks.sticks import described, lacks
from benchmarks.yardsticks.bench import AGAIN

NOTHING = "-"
COLUMNS = ("", "rows/s", "of the limit", "seconds", "n", "what it does not do")
RIGHT = COLUMNS[1:5]


def rows(recording: Recording, kind: str) -> list[tuple[str, ...]]:
    """The cells of COLUMNS: the fastest first, the re-imports at the end."""
    found = [figure for figure in figures(recording) if figure.kind == kind]
    found.sort(key=lambda figure: (figure.what == AGAIN, -figure.rate))
    return [_cells(figure, found) for figure in found]


def text(recording: Recording, *, width: int = 120) -> str:
    """All of it for a person."""
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False)
    machine = recording.machine
    console.print(f"{machine['processor']}, {machine['cores']} cores, load {machine['load_before']} before the run")
    for kind, count in recording.rows.items():
        console.print(f"\n{kind}: {count:,} rows, medians")
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
        for name in COLUMNS:
            table.add_column(name, justify="right" if name in RIGHT else "left", no_wrap=name in RIGHT)
        for cells in rows(recording, kind):
            table.add_row(*cells)
        console.print(table)
        for name, ratio in ratios(recording)[kind].items():
            console.print(f"  {name} {ratio:g}")
    for line in missing(recording):
        console.print(line)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def markdown(recording: Recording, kind: str) -> str:
    """One kind's table."""
    lines = [COLUMNS, ["--:" if name in RIGHT else "---" for name in COLUMNS], *rows(recording, kind)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def missing(recording: Recording) -> Iterator[str]:
    """A line for each yardstick that was left out or failed."""
    told = set()
    for each in recording.missing:
        line = f"{each.kind}, {each.yardstick}: {'failed: ' if each.failed else ''}{each.reason}"
        if line not in told:
            told.add(line)
            yield line


def _cells(figure: Figure, of_kind: Sequence[Figure]) -> tuple[str, ...]:
    part = share(figure, of_kind)
    low, high = min(figure.samples), max(figure.samples)
    spread = f" ({low:.2f}-{high:.2f})" if len(figure.samples) > 1 else ""
    return (
        described(figure),
        f"{figure.rate:,.0f}",
        NOTHING if part is None else f"{part:.1%}",
        f"{figure.seconds:.2f}{spread}",
        f"{len(figure.samples)}",
        ", ".join(lacks(figure)) or NOTHING,
    )
