"""One part to its end, whatever comes between."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from loadtest.client.attempts import Attempts
from loadtest.client.errors import GaveUpError, NoAnswerError, RefusedError
from loadtest.client.journal import Journal
from loadtest.client.options import Options
from loadtest.client.part import Part, Waiting
from loadtest.client.server import FINISHED, Answer, Report, Server

ACCEPTED = frozenset({200, 202})
NOT_FOUND = 404
# Too many requests, and what a killed worker, a gateway or a database that is down look like.
PASSING = frozenset({429, 500, 502, 503, 504})
FIRST_POLL_SECONDS = 0.2
LONGEST_POLL_SECONDS = 5.0
WORDS = {
    "eof": "the connection was cut without an answer, as a killed worker does",
    "reset": "the connection was reset",
    "timeout": "no answer in time",
    "refused": "nobody listens",
}


@dataclass
class Sender:
    """Sends parts to *server*. *patience*: seconds that an import may go on for without getting any further.

    *moved* is told the report of each import that is waited for; *say*, what went wrong.
    """

    server: Server
    options: Options
    journal: Journal
    key: str
    attempts: int
    patience: float
    say: Callable[[str], None]
    moved: Callable[[Report], None] = lambda _: None
    sleep: Callable[[float], None] = time.sleep
    uploads: int = field(default=0, init=False)

    def known(self, waiting: Waiting) -> Report | None:
        """What became of a part that was sent earlier, to its end; None if the server knows nothing of it."""
        number = waiting.piece.number
        if number not in self.journal.imports:
            return None
        return self._follow(number, None)

    def send(self, part: Part) -> Report:
        """Sends the part and waits for its end.

        Raises RefusedError for what another attempt would not change, GaveUpError when the attempts have run out.
        """
        report = self._follow(part.piece.number, part)
        if report is None:
            raise ValueError("a part that is here is sent again, not forgotten")
        return report

    def _follow(self, number: int, part: Part | None) -> Report | None:
        attempts = Attempts(self.attempts, self.say, self.sleep)
        poll = FIRST_POLL_SECONDS
        while True:
            try:
                answer = self._next(number, part, attempts)
            except NoAnswerError as error:
                attempts.failed(WORDS.get(error.saw, error.saw))
                self._find(number, part)
                continue
            if answer is None:
                return None
            if answer.import_id:
                self.journal.remember(number, answer.import_id)
            _count(answer, attempts)
            if answer.finished:
                return answer.report
            if answer.status in PASSING:
                attempts.failed(answer.said, answer.retry_after)
                self._find(number, part)
            elif answer.status in ACCEPTED and answer.import_id:
                if attempts.still_seconds > self.patience:
                    raise GaveUpError(f"import {answer.import_id} got no further for {self.patience:.0f} s")
                if answer.report:
                    self.moved(answer.report)
                self.sleep(poll)
                poll = min(poll * 1.5, LONGEST_POLL_SECONDS)
            else:
                raise RefusedError(refused(self.server.url, answer))

    def _next(self, number: int, part: Part | None, attempts: Attempts) -> Answer | None:
        """Looks at the part's import, goes on with it if nobody does, or sends the part; None without one."""
        import_id = self.journal.imports.get(number)
        if import_id is not None:
            answer = self.server.show(import_id)
            _count(answer, attempts)
            if answer.status != NOT_FOUND:
                if answer.report and answer.report["status"] == "interrupted":
                    row = answer.report.get("rows_done") or 0
                    self.say(f"import {import_id} was interrupted at row {row:,}: going on")
                    answer = self.server.resume(import_id)
                return answer
            # Another database than the last time: the part is not in.
            self.journal.forget(number)
        if part is None:
            return None
        self.uploads += 1
        return self.server.upload(part, self.options, self.options.key(self.key, number, self.journal.generation))

    def _find(self, number: int, part: Part | None) -> None:
        """Looks for the import that a part has become whose answer was lost. If there is none to be found, it is sent
        again, and the server takes that for the same upload.
        """
        if part is None or number in self.journal.imports:
            return
        try:
            _, imports = self.server.newest()
        except NoAnswerError:
            return
        wanted = {
            "sha256": part.sha256,
            "kind": self.options.kind,
            "on_duplicate": self.options.on_duplicate,
            "dry_run": False,
            self.options.goes_to: self.options.group,
        }
        for found in imports:
            if wanted.items() <= found.items() and found["status"] not in FINISHED:
                self.journal.remember(number, found["id"])
                return


def _count(answer: Answer, attempts: Attempts) -> None:
    if answer.report:
        attempts.reached(answer.report.get("rows_done") or 0, answer.report.get("contacts_synced") or 0)


def refused(url: str, answer: Answer) -> str:
    """What an answer comes to that another attempt would not change."""
    if answer.status == 401:
        return f"{url} does not take the API key; `make up`, or `python -m app.admin create-key NAME`, makes one"
    if answer.status in ACCEPTED or answer.said == f"HTTP {answer.status}":
        return f"{url} does not answer as the import app does (HTTP {answer.status}); is --url right?"
    return answer.said
