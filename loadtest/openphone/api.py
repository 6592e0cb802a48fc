"""The v1 API over HTTP: key, rate limit, fault, operation, delay, reply, in this order, each request counted."""

import time
from dataclasses import dataclass
from time import monotonic

from aiohttp import web

from loadtest.openphone import envelope, pace, wire
from loadtest.openphone.account import Account, Accounts, TooManyAccountsError
from loadtest.openphone.faults import Fault, StatusFault
from loadtest.openphone.limiter import rate_headers
from loadtest.openphone.operations import Call, answer, external_id_of
from loadtest.openphone.reply import Reply
from loadtest.openphone.routes import Match, match


@dataclass(slots=True)
class _Visit:
    """One request on its way through, for the journal. Times are in seconds."""

    status: int | None = None
    fault: str | None = None
    external_id: str | None = None
    service: float = 0.0
    delay: float = 0.0


class Api:
    """The handler of everything under /v1/."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def __call__(self, request: web.Request) -> web.Response:
        """Answer a request of the account that its Authorization header names; 401 without one."""
        default = self._accounts.default.envelope
        matched = match(request.method, request.path)
        route = matched.route if matched else None
        arrived = monotonic()
        try:
            account = self._accounts.of_request(request.headers.get("Authorization", ""), arrived)
        except TooManyAccountsError as full:
            return wire.send(envelope.error(default, route, 422, str(full)), {})
        if account is None:
            return wire.send(envelope.error(default, route, 401, "The API key is missing or not known."), {})

        at, visit = time.time(), _Visit()
        account.counters.arrive(arrived)
        try:
            return await self._serve(request, account, matched, arrived, visit)
        finally:
            account.counters.leave(visit.status, visit.fault, visit.service, visit.delay)
            account.journal.write(
                at=at,
                method=request.method,
                path=request.path[:300],
                status=visit.status,
                fault=visit.fault,
                external_id=visit.external_id,
                service=visit.service,
                delay=visit.delay,
            )

    async def _serve(
        self,
        request: web.Request,
        account: Account,
        matched: Match | None,
        arrived: float,
        visit: _Visit,
    ) -> web.Response:
        limit = account.profile.limit
        decision = account.window.take(arrived)
        headers = rate_headers(limit.per_second, decision.remaining)
        route = matched.route if matched else None
        fault: Fault | None = None
        body = b""
        try:
            body = await request.read()
            started = monotonic()
            if not decision.allowed:
                account.counters.rate_limited += 1
                reply = envelope.too_many(limit, route)
            elif matched is None:
                reply = envelope.error(account.profile.envelope, None, 404, "The API has no such operation.")
            else:
                fault = account.faults.next(matched.route)
                visit.fault = fault.kind if fault else None
                visit.delay = account.delays.draw(matched.route)
                reply = _carry_out(request, account, matched, body, fault)
        except ConnectionError:  # the client left before its request was whole
            return wire.nothing()
        except web.HTTPRequestEntityTooLarge as large:
            started = monotonic()
            reply = envelope.error(account.profile.envelope, route, 413, large.text or "The body is too large.")

        visit.external_id = reply.external_id or external_id_of(body)
        worked = monotonic()
        if fault is not None and fault.kind == "hang":
            visit.service, visit.delay = worked - started, 0.0
            await wire.hang(request, fault.cap_seconds)
            return wire.nothing()
        await pace.hold_until(started + visit.delay)
        visit.service = pace.service(started, worked, monotonic(), visit.delay)
        return _finish(request, reply, headers, fault, visit)


def _carry_out(request: web.Request, account: Account, matched: Match, body: bytes, fault: Fault | None) -> Reply:
    if fault is not None and fault.kind in {"reset", "hang"}:
        return Reply(0)
    if isinstance(fault, StatusFault):
        if fault.status == 429:
            account.counters.rate_limited += 1
            return envelope.too_many(account.profile.limit, matched.route)
        return envelope.error(account.profile.envelope, matched.route, fault.status, "This failure was asked for.")
    query = {name: request.query.getall(name) for name in request.query} if request.query_string else {}
    return answer(account, Call(matched.route, matched.contact_id, query, body, time.time()))


def _finish(
    request: web.Request,
    reply: Reply,
    headers: dict[str, str],
    fault: Fault | None,
    visit: _Visit,
) -> web.Response:
    if wire.gone(request):
        return wire.nothing()
    if fault is not None and fault.kind == "reset":
        wire.reset(request)
    elif fault is not None and fault.kind == "drop_reply":
        wire.drop(request)
    else:
        visit.status = reply.status
        if fault is None or fault.kind != "truncate":
            return wire.send(reply, headers)
        wire.truncate(request, reply, headers)
    return wire.nothing()
