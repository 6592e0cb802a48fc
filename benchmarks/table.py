"""A run's figures as tables: for a terminal, and as Markdown."""

import io
from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.figures import GOALS, Figure, figures, met, ratios, share
from benchmarks.record import Recording
from benchmarks.sticks import PEERS, YARDSTICKS
from benchmarks.yardsticks.bench import AGAIN

NOTHING = "-"
COLUMNS = ("", "rows/s", "of the limit", "seconds", "n", "what it does not do")
RIGHT = COLUMNS[1:5]


def rows(recording: Recording, kind: str) -> list[tuple[str, ...]]:
    """The cells of COLUMNS: the fastest first, the re-imports at the end."""
    found = [figure for figure in figures(recording) if figure.kind == kind]
    found.sort(key=lambda figure: (figure.what == AGAIN, -figure.rate))
    return [_cells(figure, found, recording.rows[kind]) for figure in found]


def text(recording: Recording, *, width: int = 120) -> str:
    """All of it for a person."""
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False)
    console.print(about(recording))
    for kind, count in recording.rows.items():
        console.print(f"\n{kind}: {count:,} rows, medians")
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
        for name in COLUMNS:
            table.add_column(name, justify="right" if name in RIGHT else "left", no_wrap=name in RIGHT)
        for cells in rows(recording, kind):
            table.add_row(*cells)
        console.print(table)
        for name, ratio in ratios(recording)[kind].items():
            console.print(f"  {name} {ratio:g}{_wanted(name, ratio)}")
    for line in missing(recording):
        console.print(line)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def markdown(recording: Recording, kind: str) -> str:
    """One kind's table."""
    lines = [COLUMNS, ["--:" if name in RIGHT else "---" for name in COLUMNS], *rows(recording, kind)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def ratios_markdown(recording: Recording) -> str:
    """The ratios for which there is a goal, kind by kind."""
    found = ratios(recording)
    lines = [("ratio", "wanted", *found), ("---", *("--:" for _ in (1, *found)))]
    for name, goal in GOALS.items():
        wanted = f"{'at most' if 'time_over' in name else 'at least'} {goal:g}"
        cells = (found[kind].get(name) for kind in found)
        lines.append((f"`{name}`", wanted, *(NOTHING if cell is None else f"{cell:.2f}" for cell in cells)))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def about(recording: Recording) -> str:
    """Where it was measured."""
    on = recording.machine
    rounds = f"{recording.rounds} round{'s' * (recording.rounds > 1)}"
    return (
        f"{rounds} on {on['processor']}, {on['cores']} cores, {on['memory_gib']} GiB, Python {on['python']}, "
        f"{on['kernel']}; load {on['load_before']} before"
    )


def missing(recording: Recording) -> Iterator[str]:
    """A line for each yardstick that was left out or failed."""
    told = set()
    for each in recording.missing:
        line = f"{each.kind}, {each.yardstick}: {'failed: ' if each.failed else ''}{each.reason}"
        if line not in told:
            told.add(line)
            yield line


def _wanted(name: str, ratio: float) -> str:
    reached = met(name, ratio)
    if reached is None:
        return ""
    return (
        f" (wanted: {'at most' if 'time_over' in name else 'at least'} {GOALS[name]:g}{'' if reached else '; missed'})"
    )


def _cells(figure: Figure, of_kind: Sequence[Figure], whole: int) -> tuple[str, ...]:
    part = share(figure, of_kind)
    low, high = min(figure.samples), max(figure.samples)
    spread = f" ({low:.2f}-{high:.2f})" if len(figure.samples) > 1 else ""
    return (
        _name(figure, whole),
        f"{figure.rate:,.0f}",
        NOTHING if part is None else f"{part:.1%}",
        f"{figure.seconds:.2f}{spread}",
        f"{len(figure.samples)}",
        ", ".join(YARDSTICKS[figure.yardstick].LACKS) or NOTHING,
    )


def _name(figure: Figure, whole: int) -> str:
    described = YARDSTICKS[figure.yardstick].DESCRIPTION
    name = described if figure.yardstick in PEERS else f"{figure.yardstick}: {described}"
    again = ", 10% changed" if figure.what == AGAIN else ""
    variant = f" ({figure.variant})" if figure.variant else ""
    few = f", {figure.rows:,} rows" if figure.rows < whole else ""
    return f"{name}{variant}{again}{few}"
