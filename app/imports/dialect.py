"""How a file writes its records: which encoding, which delimiter."""

from dataclasses import dataclass
from typing import IO

from app.imports.encoding import UnreadableError, encoding_of
from app.imports.kinds.kind import Kind
from app.imports.layout import recognised
from app.imports.parser import DELIMITERS, parse, sep_of
from app.imports.pieces import pieces
from app.problem import Problem


@dataclass(frozen=True, slots=True)
class Dialect:
    """*encoding*: utf-8, utf-16-le, utf-16-be or windows-1252; *delimiter*: a comma, a semicolon, a tab or a pipe."""

    encoding: str = "utf-8"
    delimiter: str = ","


def detect(stream: IO[bytes], kind: Kind) -> Dialect:
    """The dialect in which the whole of *stream* is valid text and *kind* knows most columns of its first record.

    Raises Problem (400).
    """
    try:
        encoding = encoding_of(stream)
        return Dialect(encoding, sep_of(pieces(stream), encoding) or _delimiter(stream, encoding, kind))
    except UnreadableError as error:
        raise not_csv(str(error), line=error.line) from None


def _delimiter(stream: IO[bytes], encoding: str, kind: Kind) -> str:
    """Of those that read as many known columns the one that reads most cells, of those the commonest."""
    scores: dict[str, tuple[int, int]] = {}
    trouble: UnreadableError | None = None
    for delimiter in DELIMITERS:
        try:
            header = next(parse(pieces(stream), encoding, delimiter), [])
        except UnreadableError as error:
            trouble = trouble or error
        else:
            scores[delimiter] = recognised(header, kind), len(header)
    if trouble and not any(known for known, _ in scores.values()):
        raise trouble
    return max(scores, key=scores.__getitem__)


def not_csv(detail: str, **extensions: object) -> Problem:
    """The 400 of a file that can't be read as a table."""
    return Problem(400, "not-a-csv", "Not a CSV file", detail, **extensions)
