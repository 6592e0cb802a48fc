"""Which encoding a file's bytes are in: the import app's rules, applied to the whole file.

The app sees one part at a time and would take a file that is UTF-8 in part only, a part in this encoding, one in that.
"""

import codecs
import io
import re
from collections.abc import Iterator
from typing import IO

from loadtest.client.errors import NotCsvError

PIECE_BYTES = 2**20
BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# UTF-8 of half a character beyond U+FFFF, as broken converters write it.
SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")


def encoding_of(stream: IO[bytes]) -> str:
    """``utf-8``, ``utf-16-le``, ``utf-16-be`` or ``windows-1252``, in which all of *stream* is valid.

    Raises NotCsvError. In memory is a piece of the file.
    """
    stream.seek(0)
    start = stream.read(4)
    if start in {codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE}:
        raise NotCsvError(1, "UTF-32 text can't be read; save the file as 'CSV UTF-8'")
    encoding = BOMS.get(start[:2], "utf-8")
    bad = _first_bad(stream, encoding)
    if bad is None:
        return encoding
    line = _line_at(stream, bad, encoding)
    stream.seek(bad)
    found = stream.read(2).hex(" ")
    if encoding != "utf-8":
        raise NotCsvError(line, f"half a UTF-16 character (bytes {found}); the file was damaged or cut off")
    if _holds_utf_8(stream):
        raise NotCsvError(
            line, f"the bytes {found} are no UTF-8, while other characters are; save the whole file as 'CSV UTF-8'"
        )
    bad = _first_bad(stream, "windows-1252")
    if bad is not None:
        line = _line_at(stream, bad, "windows-1252")
        raise NotCsvError(line, "neither UTF-8 nor Windows-1252 text; save the file as 'CSV UTF-8'")
    return "windows-1252"


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    stream.seek(0)
    return iter(lambda: stream.read(PIECE_BYTES), b"")


def _first_bad(stream: IO[bytes], encoding: str) -> int | None:
    """Where the first byte stands that is not of this encoding. Raises NotCsvError for a file that was cut off."""
    decoder = codecs.getincrementaldecoder(encoding)()
    before = 0
    for piece in _pieces(stream):
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as error:
            kept = len(error.object) - len(piece)  # of a character that began in the piece before
            return before - kept + error.start
        before += len(piece)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        line = _line_at(stream, before, encoding)
        raise NotCsvError(line, "the file ends in the middle of a character; was it cut off?") from None
    return None


def _holds_utf_8(stream: IO[bytes]) -> bool:
    """Whether there is a character of several bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    tail = b""
    for piece in _pieces(stream):
        if not decoder.decode(piece).isascii() or SURROGATE.search(tail + piece):
            return True
        tail = piece[-2:]
    return False


def _line_at(stream: IO[bytes], offset: int, encoding: str) -> int:
    """The number, from 1, of the line in which the byte at *offset* stands."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)("replace"), translate=True)
    number = 1
    for piece in _pieces(stream):
        number += decoder.decode(piece[:offset]).count("\n")
        offset -= min(offset, len(piece))
        if not offset:
            break
    return number + decoder.decode(b"", final=True).count("\n")
