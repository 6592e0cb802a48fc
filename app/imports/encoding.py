"""Which encoding a file's bytes are in, by reading all of them once. Nothing is guessed that bytes can disprove."""

import codecs
import io
import re
from collections.abc import Iterable
from itertools import chain
from typing import IO

from app.imports.pieces import PIECE_BYTES, between, pieces

BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# UTF-8 of half a character beyond U+FFFF, as broken converters write it: no UTF-8, but no Windows-1252 either.
SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")


class UnreadableError(ValueError):
    """The file can't be read. The message says what is wrong and what to do; *line* is where, counted from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def encoding_of(stream: IO[bytes], piece_bytes: int = PIECE_BYTES) -> str:
    """``utf-8``, ``utf-16-le``, ``utf-16-be`` or ``windows-1252``, in which every byte of *stream* is valid.

    Raises UnreadableError. In memory is a piece of the file, whatever its size.
    """
    stream.seek(0)
    start = stream.read(4)
    if start in {codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE}:
        raise UnreadableError(
            1, "The file is UTF-32 text, which can't be read. Save it as 'CSV UTF-8' and upload that."
        )
    encoding = BOMS.get(start[:2], "utf-8")
    decoder = codecs.getincrementaldecoder(encoding)()
    size = 0
    several_bytes = False  # the file has a character of several bytes in UTF-8
    parts = pieces(stream, piece_bytes)
    for piece in parts:
        size += len(piece)
        try:
            several_bytes = not decoder.decode(piece).isascii() or several_bytes
        except UnicodeDecodeError as error:
            rest = error.object[error.start :]
            at = size - len(rest)
            if encoding != "utf-8":
                raise _not_utf_16(_line(stream, at, encoding), error) from None
            if several_bytes or not error.object[: error.start].isascii():
                raise _mixed(_line(stream, at, encoding), rest[0]) from None
            return _windows_1252(stream, at, chain([rest], parts))
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        name = encoding.upper()[:6].rstrip("-")
        line = _line(stream, size, encoding)
        raise UnreadableError(
            line,
            f"The file ends in the middle of a character: line {line}, its last, is no whole {name} text. "
            "If the file was cut off, upload the whole of it; if not, save it as 'CSV UTF-8' and upload that.",
        ) from None
    return encoding


def _line(stream: IO[bytes], at: int, encoding: str) -> int:
    """That of byte number *at*; those before it are valid text."""
    text = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)("ignore"), translate=True)
    ends = sum(text.decode(piece).count("\n") for piece in between(stream, 0, at))
    return 1 + ends + text.decode(b"", final=True).count("\n")


def _windows_1252(stream: IO[bytes], at: int, rest: Iterable[bytes]) -> str:
    """The encoding of a file that is ASCII up to byte number *at*, where it is no UTF-8. Raises UnreadableError."""
    utf_8 = codecs.getincrementaldecoder("utf-8")("ignore")
    first, size, tail = b"", at, b""
    undefined: tuple[int, int] | None = None
    for piece in rest:
        first = first or piece[:1]
        # In UTF-8 that was damaged, other characters are whole; read as Windows-1252 they would be two or three each.
        if not utf_8.decode(piece).isascii() or SURROGATE.search(tail + piece):
            raise _mixed(_line(stream, at, "utf-8"), first[0])
        tail = (tail + piece)[-2:]
        if undefined is None:
            try:
                piece.decode("windows-1252")
            except UnicodeDecodeError as error:
                undefined = size + error.start, piece[error.start]
        size += len(piece)
    if undefined:
        at, byte = undefined
        line = _line(stream, at, "windows-1252")
        raise UnreadableError(
            line,
            f"The file is neither UTF-8 nor Windows-1252: line {line} holds the byte 0x{byte:02x}, which is no "
            "character. Save it as 'CSV UTF-8' and upload that.",
        )
    return "windows-1252"


def _mixed(line: int, byte: int) -> UnreadableError:
    return UnreadableError(
        line,
        f"The file is UTF-8 only in part: line {line} holds the byte 0x{byte:02x}, which is no character there, and "
        "other characters are UTF-8. The file was damaged, or put together from several. "
        "Correct that line, save the file as 'CSV UTF-8' and upload that.",
    )


def _not_utf_16(line: int, error: UnicodeDecodeError) -> UnreadableError:
    found = error.object[error.start : error.start + 2].hex(" ")
    return UnreadableError(
        line,
        f"The file begins as UTF-16, but line {line} holds half a character (bytes {found}): the file was damaged. "
        "Save it again, as 'CSV UTF-8', and upload that.",
    )
