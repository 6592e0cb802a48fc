"""What the file, or its way to the server, can come to."""

from loadtest.errors import HarnessError, UsageError


class NotCsvError(ValueError):
    """The file can't be read as a table. *line*: where, counted from 1; the message says what is wrong there."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


class RefusedError(UsageError):
    """The server will not take the upload as it is (a 4xx); sending it again would change nothing (exit code 2)."""


class GaveUpError(HarnessError):
    """The server died on the way and did not come back; run again to go on (exit code 3)."""


class NoAnswerError(Exception):
    """A request without an answer. *saw*: eof, reset, timeout, refused."""

    def __init__(self, saw: str) -> None:
        super().__init__(saw)
        self.saw = saw
