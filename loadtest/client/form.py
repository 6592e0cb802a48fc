"""multipart/form-data that is read as it is sent; requests would build it in memory."""

from collections.abc import Mapping
from typing import IO

from urllib3.fields import RequestField
from urllib3.filepost import choose_boundary, encode_multipart_formdata


class Form:
    """A request's body: *fields*, then *file*, *size* bytes long and read from its start, as the part ``file``."""

    def __init__(self, fields: Mapping[str, str], filename: str, file: IO[bytes], size: int) -> None:
        boundary = choose_boundary()
        name = filename.encode("utf-8", "replace").decode()
        parts = [RequestField.from_tuples(field, value) for field, value in fields.items()]
        parts.append(RequestField.from_tuples("file", (name, b"", "text/csv")))
        whole, self.content_type = encode_multipart_formdata(parts, boundary)
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._head = whole.removesuffix(self._tail)
        self._length = len(whole) + size
        file.seek(0)
        self._file = file

    def __len__(self) -> int:
        return self._length

    def read(self, size: int = -1) -> bytes:
        """Up to *size* bytes; none at the end."""
        if self._head:
            data, self._head = self._head, b""  # some hundred bytes, whatever was asked for
            return data
        data = self._file.read(size)
        if not data:
            data, self._tail = self._tail, b""
        return data
