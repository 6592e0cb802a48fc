"""All parts of a file, one after the other."""

from collections.abc import Callable

from loadtest.client.cut import Slice
from loadtest.client.errors import NoAnswerError, RefusedError
from loadtest.client.part import parts
from loadtest.client.progress import Display
from loadtest.client.result import Sent
from loadtest.client.send import PASSING, Sender, refused
from loadtest.client.server import Server
from loadtest.client.table import Table
from loadtest.errors import StartError


def greet(server: Server) -> None:
    """Asks the server for something small. Raises StartError if nobody answers, RefusedError for a wrong key or URL."""
    try:
        answer, _ = server.newest(1)
    except NoAnswerError as error:
        raise StartError(f"no answer from {server.url} ({error.saw}); is the app up there?") from error
    if answer.status not in {200, *PASSING}:
        raise RefusedError(refused(server.url, answer))


def run(table: Table, plan: list[Slice], sender: Sender, display: Display, done: Callable[[Sent], None]) -> None:
    """Sends what is not in yet; *done* is told each part. Ends early where a part says that the rest is not wanted.

    Raises RefusedError, GaveUpError, UsageError.
    """
    for waiting in parts(table, sender.options.chunk_rows, plan):
        display.began(waiting.piece)
        report = sender.known(waiting)
        uploaded = report is None
        if report is None:
            with waiting.content() as part:
                report = sender.send(part)
        sent = Sent(waiting.piece, report, uploaded)
        done(sent)
        display.ended(sent)
        if sent.ends_all:
            return
