"""The import app over HTTP: one method a request, nothing is repeated here."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from requests.auth import AuthBase

from loadtest.client.errors import NoAnswerError
from loadtest.client.form import Form
from loadtest.client.options import Options
from loadtest.client.part import Part
from loadtest.scenarios.answer import PROBLEM, saw

CONNECT_SECONDS = 10
SHOWN_CHARS = 300
LISTED = 50
FINISHED = frozenset({"completed", "completed_with_errors", "failed", "cancelled"})
Report = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """*report* is that of the import that it is about, if it tells; *retry_after* in seconds."""

    status: int
    report: Report | None = None
    import_id: str | None = None
    retry_after: float | None = None
    said: str = ""

    @property
    def finished(self) -> bool:
        """The import has nothing left to do."""
        return self.report is not None and self.report["status"] in FINISHED


class _Bearer(AuthBase):
    """As an auth object, for requests would put what ~/.netrc says of the host in place of a mere header."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class Server:
    """The app at *url*. *timeout*: seconds that an answer may take. All methods raise NoAnswerError."""

    def __init__(self, url: str, api_key: str, timeout: float) -> None:
        self.url = url.rstrip("/")
        self._auth = _Bearer(api_key)
        self._timeout = (CONNECT_SECONDS, timeout)

    def upload(self, part: Part, options: Options, idempotency_key: str) -> Answer:
        """Sends the part."""
        form = Form(options.form, part.filename, part.content, part.size)
        headers = {"Content-Type": form.content_type, "Idempotency-Key": idempotency_key}
        with self._ask("POST", "", data=form, headers=headers) as reply:
            return _answer(reply)

    def show(self, import_id: str) -> Answer:
        """How far an import is."""
        with self._ask("GET", f"/{import_id}") as reply:
            return _answer(reply)

    def resume(self, import_id: str) -> Answer:
        """Goes on with an interrupted one; answers at its end."""
        with self._ask("POST", f"/{import_id}/resume") as reply:
            return _answer(reply)

    def newest(self, limit: int = LISTED) -> tuple[Answer, list[Report]]:
        """The newest imports."""
        with self._ask("GET", f"?limit={limit}") as reply:
            body = _json(reply)
            found = body.get("imports") if reply.status_code == requests.codes.ok else None
            return _answer(reply), found if isinstance(found, list) else []

    @contextmanager
    def errors(self, import_id: str) -> Iterator[Iterator[bytes]]:
        """An import's errors.csv, piece by piece. Raises NoAnswerError for anything but 200, too."""
        with self._ask("GET", f"/{import_id}/errors.csv", stream=True) as reply:
            if reply.status_code != requests.codes.ok:
                raise NoAnswerError(str(reply.status_code))
            yield _pieces(reply)

    @contextmanager
    def _ask(self, method: str, path: str, **more: Any) -> Iterator[requests.Response]:
        # A redirect would turn a POST into a GET. A connection of its own each: a kept one may be dead by the next.
        url = f"{self.url}/api/imports{path}"
        try:
            reply = requests.request(method, url, auth=self._auth, timeout=self._timeout, allow_redirects=False, **more)
        except requests.RequestException as error:
            raise NoAnswerError(saw(error)) from error
        with reply:
            yield reply


def _pieces(reply: requests.Response) -> Iterator[bytes]:
    try:
        yield from reply.iter_content(2**16)
    except requests.RequestException as error:
        raise NoAnswerError(saw(error)) from error


def _answer(reply: requests.Response) -> Answer:
    body = _json(reply)
    report = body if "rows_total" in body else body.get("import")
    if not (isinstance(report, dict) and {"id", "status", "rows_total"} <= report.keys()):
        report = None
    location = reply.headers.get("Location", "").rsplit("/", 1)[-1]
    found = str(report["id"]) if report else location if re.fullmatch("[0-9a-f-]{36}", location) else None
    wait = reply.headers.get("Retry-After", "")
    retry_after = float(wait) if re.fullmatch("[0-9]{1,6}", wait) else None
    return Answer(reply.status_code, report, found, retry_after, _said(reply, body))


def _json(reply: requests.Response) -> dict[str, Any]:
    """The JSON object in it; of anything else, a body that was cut off included, nothing."""
    if "json" not in reply.headers.get("Content-Type", ""):
        return {}
    try:
        body = reply.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _said(reply: requests.Response, body: dict[str, Any]) -> str:
    """The answer in a line."""
    if reply.is_redirect:
        return f"HTTP {reply.status_code}: moved to {reply.headers['Location']}; name that server with --url"
    if reply.headers.get("Content-Type", "").startswith(PROBLEM) and isinstance(body.get("detail"), str):
        return f"HTTP {reply.status_code}: {body['detail'][:SHOWN_CHARS]}"
    if reply.status_code == requests.codes.server_error:
        return "HTTP 500: the worker was killed, most likely at its timeout"  # gunicorn's own words tell less
    return f"HTTP {reply.status_code}"
