"""Which encoding a file's bytes are in, by reading all of them once. Nothing is guessed that bytes can disprove."""

import codecs
import re
from typing import IO

from app.imports.pieces import PIECE_BYTES, pieces

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
    read = _Lines()
    several_bytes = False  # the file has a character of several bytes in UTF-8
    parts = pieces(stream, piece_bytes)
    for piece in parts:
        try:
            text = decoder.decode(piece)
        except UnicodeDecodeError as error:
            read.add(error.object[: error.start].decode(encoding))
            several_bytes = several_bytes or (error.start > 0 and not error.object[: error.start].isascii())
            if encoding != "utf-8":
                raise _not_utf_16(read.number, error) from None
            if several_bytes:
                raise _mixed(read.number, error.object[error.start]) from None
            rest = _Rest(read, error.object[error.start :])
            for later in parts:
                rest.add(later)
            return rest.encoding()
        read.add(text)
        several_bytes = several_bytes or not text.isascii()
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        name = encoding.upper()[:6].rstrip("-")
        raise UnreadableError(
            read.number,
            f"The file ends in the middle of a character: line {read.number}, its last, is no whole {name} text. "
            "If the file was cut off, upload the whole of it; if not, save it as 'CSV UTF-8' and upload that.",
        ) from None
    return encoding


class _Lines:
    """Counts lines in text that comes in parts; *number* is that of the line where the parts so far end."""

    def __init__(self) -> None:
        self.number = 1
        self._ends_in_cr = False

    def add(self, text: str) -> None:
        self.number += text.count("\n") + text.count("\r") - text.count("\r\n")
        if self._ends_in_cr and text.startswith("\n"):
            self.number -= 1  # one line end, not two
        self._ends_in_cr = text.endswith("\r") if text else self._ends_in_cr


class _Rest:
    """A file from its first byte that is not UTF-8, behind nothing but ASCII: Windows-1252, or neither."""

    def __init__(self, read: _Lines, start: bytes) -> None:
        self._first = read.number, start[0]
        self._read = read
        self._utf_8 = codecs.getincrementaldecoder("utf-8")("ignore")
        self._tail = b""
        self._undefined: tuple[int, int] | None = None
        self.add(start)

    def add(self, piece: bytes) -> None:
        # In UTF-8 that was damaged, other characters are whole; read as Windows-1252 they would be two or three each.
        if not self._utf_8.decode(piece).isascii() or SURROGATE.search(self._tail + piece):
            raise _mixed(*self._first)
        self._tail = (self._tail + piece)[-2:]
        if self._undefined is None:
            try:
                self._read.add(piece.decode("windows-1252"))
            except UnicodeDecodeError as error:
                self._read.add(piece[: error.start].decode("windows-1252"))
                self._undefined = self._read.number, piece[error.start]

    def encoding(self) -> str:
        if self._undefined:
            line, byte = self._undefined
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
