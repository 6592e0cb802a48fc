"""A run's figures as a table."""

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
    """The cells of COLUMNS: the fastest first, then imports of the changed file, then what was not measured."""
    found = [figure for figure in figures(recording) if figure.kind == kind]
    found.sort(key=lambda figure: (figure.what == AGAIN, -figure.rate))
    return [_cells(figure, found, recording.rows[kind]) for figure in found] + list(_missing(recording, kind))


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
            console.print(f"  {name} {ratio:g}{_judged(name, ratio)}")
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def about(recording: Recording) -> str:
    """Where it was measured."""
    on = recording.machine
    rounds = f"{recording.rounds} round{'s' * (recording.rounds > 1)}"
    return (
        f"{rounds} on {on['processor']}, {on['cores']} cores, {on['memory_gib']} GiB, Python {on['python']}, "
        f"{on['kernel']}; load {on['load_before']} before"
    )


def wanted(name: str) -> str:
    """The goal of a ratio: "at most 1.25"."""
    return f"{'at most' if 'time_over' in name else 'at least'} {GOALS[name]:g}"


def _judged(name: str, ratio: float) -> str:
    reached = met(name, ratio)
    if reached is None:
        return ""
    return f" (wanted: {wanted(name)}{'' if reached else '; missed'})"


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


def _missing(recording: Recording, kind: str) -> Iterator[tuple[str, ...]]:
    """What was left out or failed, with the reason; once, however many rounds it was."""
    each_once = dict.fromkeys(
        (each.yardstick, f"{'failed: ' if each.failed else ''}{each.reason}")
        for each in recording.missing
        if each.kind == kind
    )
    for name, reason in each_once:
        yield (name, NOTHING, NOTHING, NOTHING, NOTHING, reason)
