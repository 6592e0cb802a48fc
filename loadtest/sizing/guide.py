"""The sizing guide that is put to the test: its claims as data, and where they contradict each other."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from loadtest.errors import UsageError
from loadtest.sizing import contradictions
from loadtest.sizing.claims import Claim, Contradiction, Defaults, Rules
from loadtest.sizing.codec import decode

GUIDE = Path(__file__).with_name("guide.toml")


@dataclass(frozen=True)
class Guide:
    """The guide as written. Raises ValueError where that makes no sense."""

    title: str
    table: tuple[Claim, ...]
    defaults: Defaults
    rules: Rules

    def __post_init__(self) -> None:
        if not self.table:
            raise ValueError("the table has no rows")
        sizes = [claim.rows for claim in self.table]
        if sizes != sorted(set(sizes)):
            raise ValueError(f"the table's rows must grow from line to line, not {sizes}")
        for claim in self.claims:
            _check(claim.rows > 0, f"{claim.rows} rows: must be above 0")
            _check(claim.timeout > 0, f"{claim.rows} rows: timeout {claim.timeout} must be above 0")
            low, high = claim.seconds or (1, 1)
            _check(0 < low <= high, f"{claim.rows} rows: seconds must be [from, to] with 0 < from <= to")
        _check(self.rules.buffer >= 1, "rules.buffer must be at least 1")
        _check(0 < self.rules.log_over_fraction <= 1, "rules.log_over_fraction must be above 0, at most 1")

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every size that the guide names a timeout for, smallest first: its table, and what the defaults suit."""
        by_rows = {self.defaults.up_to_rows: Claim(self.defaults.up_to_rows, self.defaults.timeout)}
        by_rows |= {claim.rows: claim for claim in self.table}
        return tuple(by_rows[rows] for rows in sorted(by_rows))

    def claim_for(self, rows: int) -> Claim | None:
        """What the guide says of a file of `rows`.

        The line of that size; else the timeout (and no time) of the next larger one, as its reader would take it;
        None beyond its last line.
        """
        for claim in self.claims:
            if claim.rows == rows:
                return claim
            if claim.rows > rows:
                return replace(claim, rows=rows, seconds=None)
        return None

    def contradictions(self) -> tuple[Contradiction, ...]:
        """Found in the guide's own figures, without any measurement."""
        return contradictions.find(self.claims, self.defaults, self.rules)


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)


def load(path: Path = GUIDE) -> Guide:
    """The guide in a TOML file. Raises UsageError naming the file, the key and what is wrong with it."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as TOML: {error}") from None
    guide: Guide = decode(Guide, data, str(path))
    return guide
