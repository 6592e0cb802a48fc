"""What the HTTP API says when it can't do as asked: RFC 9457, in one exception."""

from typing import Any

TYPE = "urn:timeoutlab:problem:"


class Problem(Exception):
    """An answer to a request that could not be carried out.

    *detail* says what was wrong, where, and what to do; *extensions* are further members of the JSON object.
    """

    def __init__(self, status: int, kind: str, title: str, detail: str, **extensions: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.extensions = extensions
        self.headers: dict[str, str] = {}

    def with_headers(self, **headers: str) -> "Problem":
        """The same problem with HTTP headers; an underscore in a name stands for a hyphen."""
        self.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self

    def body(self) -> dict[str, Any]:
        """The members of ``application/problem+json``."""
        return {
            "type": TYPE + self.kind,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extensions,
        }
