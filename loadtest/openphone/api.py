"""The v1 API over HTTP: key, rate limit, fault, operation, delay, reply, in this order, each request counted."""

import asyncio
import time
from time import monotonic

from loadtest.openphone import envelope, pace
from loadtest.openphone.account import Account, Accounts, TooManyAccountsError
from loadtest.openphone.faults import Fault, StatusFault
from loadtest.openphone.http.request import Request
from loadtest.openphone.http.visit import Guest, Visit
from loadtest.openphone.limiter import rate_headers
from loadtest.openphone.operations import Call, answer, external_id_of
from loadtest.openphone.reply import Reply
from loadtest.openphone.routes import Route, match


def visit(accounts: Accounts, request: Request, path: str, guest: Guest) -> Visit:
    """The visit to the account that the request's Authorization header names; without one it ends in a 401."""
    now = monotonic()
    try:
        account = accounts.of_request(request.key, now)
    except TooManyAccountsError as full:
        status, said = 422, str(full)
    else:
        if account is not None:
            return ApiVisit(account, request, path, guest, now)
        status, said = 401, "The API key is missing or not known."
    matched = match(request.method, path)
    route = matched.route if matched else None
    return _Refused(guest, envelope.error(accounts.default.envelope, route, status, said))


class _Refused:
    """A visit to no account."""

    def __init__(self, guest: Guest, reply: Reply) -> None:
        self._guest = guest
        self._reply = reply

    def serve(self) -> None:
        """Say so."""
        self._guest.send(self._reply)

    def left(self) -> None:
        """Nobody has counted it."""


class ApiVisit:
    """A request of one account, from its head on. Times are in seconds of the steady clock."""

    def __init__(self, account: Account, request: Request, path: str, guest: Guest, now: float) -> None:
        self._account = account
        self._request = request
        self._path = path
        self._guest = guest
        self._arrived_at = time.time()
        self._match = match(request.method, path)
        self._fault: Fault | None = None
        self._external_id: str | None = None
        self._delay = self._service = 0.0
        self._timer: asyncio.TimerHandle | None = None
        account.counters.arrive(now)
        self._decision = account.window.take(now)

    def serve(self) -> None:
        """Carry it out now, and answer after its delay."""
        self._started = monotonic()
        self._reply = self._carry_out()
        self._worked = monotonic()
        self._external_id = self._reply.external_id or external_id_of(self._request.body)
        fault = self._fault
        if fault is not None and fault.kind == "hang":
            self._service, self._delay = self._worked - self._started, 0.0
            self._timer = asyncio.get_running_loop().call_later(fault.cap_seconds, self._drop)
        elif self._delay:
            self._timer = asyncio.get_running_loop().call_at(self._started + self._delay, self._finish)
        else:
            self._finish()

    def left(self) -> None:
        """The client has gone: what was carried out stays, and is counted as unanswered."""
        if self._timer is not None:
            self._timer.cancel()
        self._leave(None)

    def _carry_out(self) -> Reply:
        account, matched = self._account, self._match
        route = matched.route if matched else None
        if self._request.too_large:
            return envelope.error(account.profile.envelope, route, 413, "The body is too large.")
        if not self._decision.allowed:
            account.counters.rate_limited += 1
            return envelope.too_many(account.profile.limit, route)
        if matched is None:
            return envelope.error(account.profile.envelope, None, 404, "The API has no such operation.")
        fault = self._fault = account.faults.next(matched.route)
        self._delay = account.delays.draw(matched.route)
        if fault is not None and fault.kind in {"status", "reset", "hang"}:
            return self._fail(fault, matched.route)
        request = self._request
        return answer(account, Call(matched.route, matched.contact_id, request.query, request.body, time.time()))

    def _fail(self, fault: Fault, route: Route) -> Reply:
        if not isinstance(fault, StatusFault):
            return Reply(0)
        if fault.status == 429:
            self._account.counters.rate_limited += 1
            return envelope.too_many(self._account.profile.limit, route)
        return envelope.error(self._account.profile.envelope, route, fault.status, "This failure was asked for.")

    def _finish(self) -> None:
        self._service = pace.service(self._started, self._worked, monotonic(), self._delay)
        fault, reply, guest = self._fault, self._reply, self._guest
        if fault is not None and fault.kind in {"reset", "drop_reply"}:
            self._leave(None)
            (guest.reset if fault.kind == "reset" else guest.drop)()
            return
        self._leave(reply.status)
        headers = rate_headers(self._account.profile.limit.per_second, self._decision.remaining)
        if fault is not None and fault.kind == "truncate":
            guest.truncate(reply, headers)
        else:
            guest.send(reply, headers)

    def _drop(self) -> None:
        self._leave(None)
        self._guest.drop()

    def _leave(self, status: int | None) -> None:
        fault = self._fault.kind if self._fault else None
        self._account.counters.leave(status, fault, self._service, self._delay)
        self._account.journal.write(
            at=self._arrived_at,
            method=self._request.method,
            path=self._path[:300],
            status=status,
            fault=fault,
            external_id=self._external_id,
            service=self._service,
            delay=self._delay,
        )
