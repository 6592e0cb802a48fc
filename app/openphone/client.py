"""Calls to the API: pooled connections, time limits, retries."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import structlog

from app.imports.budget import Budget
from app.openphone.errors import CallFailedError, OpenPhoneDownError, RejectedError, message_of
from app.openphone.throttle import Throttle
from app.openphone.transport import Transport
from app.stages import StageClock

log = structlog.get_logger()

CONNECT_SECONDS = 5
BACKOFF_SECONDS = 0.25  # doubled with each attempt, then drawn from [half, whole]
BACKOFF_MAX_SECONDS = 10.0
RETRY_AFTER_MAX_SECONDS = 60.0
TOO_MANY = 429
REPEATABLE = frozenset({408, 425, TOO_MANY})
# What a contact's own data can draw. Any other 4xx (a wrong key, path or plan) would meet every contact alike.
CONTACTS_FAULT = frozenset({400, 409, 413, 422})


@dataclass(frozen=True)
class Reply:
    """An answer that was understood. *body* is the decoded JSON, None for 204."""

    status: int
    body: Any

    @property
    def data(self) -> Any:
        """What is in the envelope. Raises OpenPhoneDownError when there is none."""
        if not isinstance(self.body, dict) or "data" not in self.body:
            raise OpenPhoneDownError(f"OpenPhone's answer ({self.status}) has no 'data'; check OPENPHONE_BASE_URL")
        return self.body["data"]


class Client:
    """One account of the API. Not for several threads at once, but for abort()."""

    def __init__(self, base_url: str, key: str, *, timeout: float, max_attempts: int, throttle: Throttle) -> None:
        self._transport = Transport(base_url, {"Authorization": key, "Accept": "application/json"})
        self._timeout = timeout
        self._max_attempts = max_attempts
        self._throttle = throttle
        self._budget = Budget()
        self.calls = 0

    @contextmanager
    def within(self, budget: Budget) -> Iterator[None]:
        """Calls within it end when *budget* does, with HandOffError: also one that OpenPhone answers drop by drop."""
        before, self._budget = self._budget, budget
        try:
            yield
        finally:
            self._budget = before

    def call(
        self,
        method: str,
        path: str,
        clock: StageClock,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        expect: tuple[int, ...] = (),
    ) -> Reply:
        """The answer, if it is 2xx or one of *expect*.

        Repeats on 429, 5xx, connection errors and cut answers: every call here may be repeated, a POST because of its
        externalId. Raises RejectedError for this call's own fault, CallFailedError when attempts run out on server
        errors, OpenPhoneDownError when they run out otherwise or any call would be refused. The wait for the rate
        limit is the clock's stage "limit". Raises HandOffError, see within().
        """
        trouble, answered = "", False
        # Before the wait: with its turn in its hand a request has to be on its way at once.
        prepared = self._transport.prepare(method, path, json, params)
        for attempt in range(1, self._max_attempts + 1):
            with clock.stage("limit"), self._budget.cut():
                self._throttle.wait(self._budget)
            pause = min(BACKOFF_MAX_SECONDS, BACKOFF_SECONDS * 2 ** (attempt - 1)) * random.uniform(0.5, 1)  # noqa: S311
            self.calls += 1
            try:
                with self._budget.cut():
                    response = self._transport.exchange(prepared, self._limits())
                status = response.status_code
                if 200 <= status < 300 or status in expect:
                    return Reply(status, response.json() if response.content else None)
            except (requests.RequestException, ValueError) as error:
                trouble, answered = type(error).__name__, False
            else:
                trouble = f"{status}: {message_of(_json(response))}"
                if status in CONTACTS_FAULT:
                    raise RejectedError(trouble)
                if status in (401, 403):
                    raise OpenPhoneDownError(f"OpenPhone refused the key ({trouble}); check OPENPHONE_API_KEY")
                if status < 500 and status not in REPEATABLE:
                    raise OpenPhoneDownError(f"OpenPhone refused the call ({trouble}); check OPENPHONE_BASE_URL")
                answered = status >= 500
                if status == TOO_MANY:
                    pause = max(pause, retry_after(response.headers.get("Retry-After")))
            log.warning("openphone call failed", method=method, attempt=attempt, trouble=trouble)
            if attempt < self._max_attempts:
                self._budget.sleep(pause)
        said = f"OpenPhone gave no usable answer in {self._max_attempts} attempts (last: {trouble})"
        raise CallFailedError(said) if answered else OpenPhoneDownError(said)

    def abort(self) -> None:
        """For another thread: the call under way, if there is one, ends as if the connection had broken."""
        self._transport.abort()

    def _limits(self) -> tuple[float, float]:
        return self._budget.capped(CONNECT_SECONDS), self._budget.capped(self._timeout)


def _json(response: requests.Response) -> Any:
    """The body of an error, None where it is not JSON: a proxy's errors are pages."""
    try:
        return response.json()
    except ValueError:
        return None


def retry_after(value: str | None) -> float:
    """Seconds that a Retry-After header asks for, in either of its forms; 0 where it says nothing usable."""
    if not value:
        return 0.0
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return 0.0
    # In this order: max() keeps its first argument beside a NaN.
    return min(max(0.0, seconds), RETRY_AFTER_MAX_SECONDS)
