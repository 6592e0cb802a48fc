"""All yardsticks, one after the other, again and again: what the machine does meanwhile meets them alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg2

from benchmarks.counts import WrongCountError
from benchmarks.record import Missing, Sample
from benchmarks.sticks import fits
from benchmarks.yardsticks.bench import Bench, LeftOutError, Yardstick
from loadtest.errors import HarnessError, StackDied

Say = Callable[[str], object]


@dataclass
class Rounds:
    """What they have seen so far; *wrong*: something was lost or doubled."""

    samples: list[Sample] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    wrong: bool = False

    def run(self, benches: Sequence[Bench], sticks: Mapping[str, Yardstick], rounds: int, say: Say) -> None:
        """Raises StackDied."""
        for number in range(1, rounds + 1):
            for bench in benches:
                for name, stick in sticks.items():
                    if fits(name, bench.files.kind):
                        self._measure(bench, name, stick, number, say)

    def _measure(self, bench: Bench, name: str, stick: Yardstick, number: int, say: Say) -> None:
        kind = bench.files.kind
        where = f"round {number}  {kind}  {name}"
        try:
            for timing in stick.measure(bench):
                self.samples.append(
                    Sample(kind, name, timing.what, number, timing.rows, round(timing.seconds, 6), timing.variant)
                )
                rate = timing.rows / timing.seconds
                variant = f" ({timing.variant})" if timing.variant else ""
                say(f"{where}{variant}, {timing.what}: {timing.seconds:.3f} s, {rate:,.0f} rows/s")
        except LeftOutError as error:
            self.missing.append(Missing(kind, name, number, str(error), failed=False))
            say(f"{where}: left out, {error}")
        except (HarnessError, psycopg2.Error, OSError) as error:
            bench.stack.check()
            if isinstance(error, StackDied):
                raise
            self.wrong |= isinstance(error, WrongCountError)
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            self.missing.append(Missing(kind, name, number, reason, failed=True))
            say(f"{where}: failed, {reason}")
