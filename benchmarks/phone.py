"""How much faster phones are normalised than by ``phonenumbers`` alone, and whether any comes out otherwise.

``python -m benchmarks.phone`` compares the two in turns, on phones as the fixtures write them and on messy ones. Exit
code 1 when a single number differs.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import phonenumbers

from app.imports.phone import PhoneError, e164
from fixtures import phones

REGION = "US"
BATCH = 1000
# How often each is met in 71: separators, prefixes, an extension, words, too few or too many digits, another country.
WRITTEN = {
    **{"({a}) {b}-{c}": 14, "{a}-{b}-{c}": 14, "{a}.{b}.{c}": 7, "{a}{b}{c}": 12, "+1{a}{b}{c}": 8, "1-{a}-{b}-{c}": 5},
    **{"{a} {b} {c}": 3, "{a}-{b}-{c} x{e}": 1, "{a}\u00a0{b}\u2013{c}": 1, "tel:{a}-{b}-{c}": 1, "{b}-{c}": 1},
    **{"{a}-{b}-HOME": 1, "n/a": 1, "{a}{b}{c}{e}": 1, "+44 20 7946 0{e}": 1},
}
NOISE = "0123456789 -x#*+()~/.;,'\"eE\u2013\u00a0\u0660"
NOISY = 0.04


def usual(count: int, chosen: random.Random) -> Iterator[str]:
    """Phones as the fixtures write them, in all their spellings; one in 20 lacks a digit."""
    for number in chosen.sample(range(phones.SPACE), count):
        text = phones.written(phones.national(number), chosen.choice(phones.SPELLINGS))
        yield text[:-1] if chosen.random() < 0.05 else text


def messy(count: int, chosen: random.Random) -> Iterator[str]:
    """Phones of any area code and office, in any of WRITTEN; one in 25 with noise."""
    for _ in range(count):
        form = chosen.choices(list(WRITTEN), list(WRITTEN.values()))[0]
        text = form.format(
            a=chosen.randrange(200, 1000),
            b=chosen.randrange(200, 1000),
            c=f"{chosen.randrange(10_000):04}",
            e=chosen.randrange(100, 1000),
        )
        if chosen.random() < NOISY:
            at = chosen.randrange(len(text) + 1)
            text = text[:at] + chosen.choice(NOISE) + text[at + chosen.randrange(2) :]
        yield text


@dataclass(frozen=True)
class Found:
    """Microseconds of CPU for a number; *ratio*: how many times as fast ours is."""

    sample: str
    numbers: int
    library_us: float
    ours_us: float
    ratio: float
    differences: int


def compare(sample: str, texts: Sequence[str]) -> Found:
    """Both on all *texts*, in turns of BATCH."""
    library = ours = 0.0
    different = 0
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        one, took = _timed(_by_the_library, batch)
        library += took
        other, took = _timed(_by_us, batch)
        ours += took
        different += sum(a != b for a, b in zip(one, other, strict=True))
    each = 1e6 / len(texts)
    return Found(sample, len(texts), library * each, ours * each, library / ours, different)


def _timed(read: Callable[[str], str | None], batch: Sequence[str]) -> tuple[list[str | None], float]:
    began = time.process_time()
    return [read(text) for text in batch], time.process_time() - began


def _by_the_library(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else None


def _by_us(text: str) -> str | None:
    try:
        return e164(text, REGION)
    except PhoneError:
        return None


@click.command()
@click.option("--numbers", type=click.IntRange(1000), default=200_000, show_default=True, help="Of each sample.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of both samples.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the figures there, too.")
def main(numbers: int, seed: int, json_file: Path | None) -> None:
    """How much faster phones are normalised than by phonenumbers alone, and whether any comes out otherwise.

    \b
    python -m benchmarks phone --numbers 20000    a first look
    """
    found = []
    for sample in (usual, messy):
        found.append(compare(sample.__name__, list(sample(numbers, random.Random(seed)))))  # noqa: S311
        one = found[-1]
        click.echo(
            f"{one.sample:6} {one.numbers:,} numbers: phonenumbers {one.library_us:.1f} us, here {one.ours_us:.2f} us, "
            f"{one.ratio:.1f} times as fast, {one.differences} differences"
        )
    if json_file:
        json_file.write_text(json.dumps([asdict(one) for one in found], indent=2) + "\n", encoding="utf-8")
    sys.exit(any(one.differences for one in found))


if __name__ == "__main__":
    main()
