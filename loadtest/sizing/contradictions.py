"""Where a guide contradicts itself: found in its own figures, before anything is measured."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from loadtest.sizing.claims import Claim, Contradiction, Defaults, Rules
from loadtest.sizing.text import count, listed, whole


def find(claims: Sequence[Claim], defaults: Defaults, rules: Rules) -> tuple[Contradiction, ...]:
    """All contradictions among `claims` (smallest first), the defaults and the rules."""
    return (
        *_buffer(claims, rules),
        *_no_room(claims, defaults, rules),
        *_shrinking(claims),
        *_background(claims, defaults, rules),
        *_log(claims, rules),
    )


def _buffer(claims: Sequence[Claim], rules: Rules) -> Iterator[Contradiction]:
    broken = [c for c in claims if c.seconds and round(c.seconds[1] * rules.buffer, 6) > c.timeout]
    if broken:
        sums = [
            f"{count(claim.rows)} rows: {whole(claim.seconds[1])} x {rules.buffer:g} = "
            f"{whole(claim.seconds[1] * rules.buffer)}, but {whole(claim.timeout)} recommended"
            for claim in broken
            if claim.seconds
        ]
        yield Contradiction(
            tuple(claim.rows for claim in broken), f"its own buffer is not in its table ({'; '.join(sums)})."
        )


def _no_room(claims: Sequence[Claim], defaults: Defaults, rules: Rules) -> Iterator[Contradiction]:
    """A size without a time claim is held against the slowest time per row of the sizes that have one."""
    per_row = max((claim.seconds[1] / claim.rows for claim in claims if claim.seconds), default=0.0)
    for claim in claims:
        expected = round(per_row * claim.rows, 6)
        if claim.seconds or expected * rules.buffer <= claim.timeout:
            continue
        said = "the defaults" if claim.rows == defaults.up_to_rows else "its timeout"
        left = "nothing is left" if expected >= claim.timeout else f"only {whole(claim.timeout - expected)} are left"
        yield Contradiction(
            (claim.rows,),
            f"{count(claim.rows)} rows are said to suit {said} ({whole(claim.timeout)}), but at the table's own "
            f"{per_row * 1000:g} ms per row they take {whole(expected)}: {left}, and the buffer makes it "
            f"{whole(expected * rules.buffer)}.",
        )


def _shrinking(claims: Sequence[Claim]) -> Iterator[Contradiction]:
    for smaller, larger in pairwise(claims):
        if larger.timeout < smaller.timeout:
            yield Contradiction(
                (smaller.rows, larger.rows),
                f"{count(larger.rows)} rows get {whole(larger.timeout)}, fewer than the {whole(smaller.timeout)} of "
                f"{count(smaller.rows)} rows.",
            )


def _background(claims: Sequence[Claim], defaults: Defaults, rules: Rules) -> Iterator[Contradiction]:
    over = [claim for claim in claims if claim.rows > rules.background_over_rows]
    if not over:
        return
    sizes = listed([count(claim.rows) for claim in over])
    defaults_too = (
        f", and calls the defaults good for {count(defaults.up_to_rows)}"
        if defaults.up_to_rows > rules.background_over_rows
        else ""
    )
    yield Contradiction(
        tuple(claim.rows for claim in over),
        f"files over {count(rules.background_over_rows)} rows belong in a background job, it says, yet it gives "
        f"request timeouts for {sizes} rows{defaults_too}.",
    )


def _log(claims: Sequence[Claim], rules: Rules) -> Iterator[Contradiction]:
    logged = [c for c in claims if c.seconds and c.seconds[1] > c.timeout * rules.log_over_fraction]
    if logged:
        yield Contradiction(
            tuple(claim.rows for claim in logged),
            f"a request over {rules.log_over_fraction:.0%} of its timeout is to be logged as slow; by its own times "
            f"every import of {listed([count(claim.rows) for claim in logged])} rows may be (its buffer rule lets "
            f"a request use {1 / rules.buffer:.0%}).",
        )
