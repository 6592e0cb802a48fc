"""A request as it comes in, and what of it is refused before anybody looks at what it asks for."""

from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

MOST_HEAD_BYTES: Final = 32_768
MOST_BODY_BYTES: Final = 262_144


class Request:
    """Method, target, key and body. `refused` is the status of a request that is none: 400 or 431; `old`: HTTP/1.0.

    `complete` once all of the body is there; where it is `too_large` it never will be.
    """

    __slots__ = (
        "_body",
        "complete",
        "expects_continue",
        "keep_alive",
        "key",
        "method",
        "old",
        "refused",
        "size",
        "target",
    )

    def __init__(self, refused: int = 0) -> None:
        self.refused = refused
        self.method = "-"
        self.target = "-"
        self.key = ""
        self.old = False
        self.expects_continue = False
        self.keep_alive = False
        self.complete = False
        self.size = 0
        self._body: list[bytes] = []

    @property
    def too_large(self) -> bool:
        """Whether the body is past what the mock takes."""
        return self.size > MOST_BODY_BYTES

    @property
    def body(self) -> bytes:
        """What has come of it."""
        return self._body[0] if len(self._body) == 1 else b"".join(self._body)

    @property
    def raw_path(self) -> str:
        """The path as it was sent, without the query."""
        if self.target.startswith("/"):
            return self.target.partition("?")[0]
        try:
            return urlsplit(self.target).path  # as it is sent to a proxy
        except ValueError:
            return self.target

    @property
    def path(self) -> str:
        """The path, decoded."""
        raw = self.raw_path
        return unquote(raw) if "%" in raw else raw

    @property
    def query(self) -> dict[str, list[str]]:
        """Each parameter with all its values."""
        if "?" not in self.target:
            return {}
        return parse_qs(self.target.partition("?")[2].partition("#")[0], keep_blank_values=True)

    def add(self, data: bytes) -> None:
        """More of the body; what is past the limit is not kept."""
        self.size += len(data)
        if self.size <= MOST_BODY_BYTES:
            self._body.append(data)
