"""All rejected rows of all parts as one errors.csv, by their numbers in the original file."""

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from fixtures.files import replacing
from loadtest.client.attempts import Attempts
from loadtest.client.delimiter import NAMES
from loadtest.client.errors import NoAnswerError
from loadtest.client.result import Sent
from loadtest.client.server import Server

DELIMITERS = {name: delimiter for delimiter, name in NAMES.items()}


def write(path: Path, server: Server, sent: Sequence[Sent], attempts: Attempts) -> None:
    """Writes *path*, whole or not at all; the header alone where no row was rejected. Raises OSError, GaveUpError."""
    with replacing(path) as part, part.open("w", encoding="utf-8-sig", newline="") as out:
        for each in sent:
            if each is sent[0] or each.report["rows_rejected"]:
                with tempfile.TemporaryFile() as file:
                    _fetch(file, server, each.report["id"], attempts)
                    _append(out, file, each, header=each is sent[0])


def _fetch(file: IO[bytes], server: Server, import_id: str, attempts: Attempts) -> None:
    while True:
        file.seek(0)
        file.truncate()
        try:
            with server.errors(import_id) as pieces:
                for piece in pieces:
                    file.write(piece)
        except NoAnswerError as error:
            attempts.failed(f"errors.csv: {error.saw}")
        else:
            file.seek(0)
            return


def _append(out: IO[str], file: IO[bytes], sent: Sent, *, header: bool) -> None:
    delimiter = DELIMITERS[sent.report["delimiter"]]
    writer = csv.writer(out, delimiter=delimiter)
    with io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        rows = csv.reader(text, delimiter=delimiter)
        names = next(rows)
        if header:
            writer.writerow(names)
        for number, *cells in rows:
            writer.writerow([int(number) + sent.piece.first_row - 1, *cells])
