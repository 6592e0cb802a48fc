"""The admin API under /_mock: never rate-limited, delayed or faulted. Errors are RFC 9457 problem+json."""

import asyncio
from time import monotonic
from typing import Any, Final
from urllib.parse import unquote

from loadtest.openphone.account import Account, Accounts, TooManyAccountsError, valid_key
from loadtest.openphone.http.request import Request
from loadtest.openphone.http.visit import Guest
from loadtest.openphone.profile import ProfileError, parse
from loadtest.openphone.reply import Reply, as_json, problem
from loadtest.openphone.store import summary

_SLICE: Final = 250


class AdminVisit:
    """A request of the admin API, and of every path that is no API's."""

    def __init__(self, accounts: Accounts, request: Request, guest: Guest) -> None:
        self._accounts = accounts
        self._request = request
        self._guest = guest
        self._task: asyncio.Task[None] | None = None

    def serve(self) -> None:
        """Answer in a task of its own."""
        self._task = asyncio.get_running_loop().create_task(self._answer())

    def left(self) -> None:
        """The client has gone."""
        if self._task is not None:
            self._task.cancel()

    async def _answer(self) -> None:
        if self._request.too_large:
            self._guest.send(problem(413, "The body is too large."))
            return
        _, *parts = self._request.raw_path.split("/")
        match parts:
            case ["_mock", "health"]:
                reply = _ok({"status": "ok"}) if self._is("GET") else _not_allowed("GET")
            case ["_mock", "accounts", key] if key:
                reply = self._account(unquote(key))
            case ["_mock", "accounts", key, ("contacts" | "journal" | "counters") as what] if key:
                reply = await self._tell(unquote(key), what) if self._is("GET") else _not_allowed("GET")
            case _:
                reply = problem(404, "The mock has no such path.")
        self._guest.send(reply)

    def _is(self, method: str) -> bool:
        return self._request.method == method or (method == "GET" and self._request.method == "HEAD")

    def _account(self, key: str) -> Reply:
        if self._is("PUT"):
            return self._put(key)
        if not self._is("DELETE"):
            return _not_allowed("PUT, DELETE")
        return Reply(204) if self._accounts.delete(key) else _no_account()

    def _put(self, key: str) -> Reply:
        if not valid_key(key):
            return problem(400, "a key is 1 to 200 visible ASCII characters", field="key")
        try:
            profile = parse(self._request.body)
            self._accounts.put(key, profile, monotonic())
        except ProfileError as bad:
            return problem(400, str(bad), field=bad.field)
        except TooManyAccountsError as full:
            return problem(422, str(full))
        return Reply(200, profile.model_dump_json().encode())

    async def _tell(self, key: str, what: str) -> Reply:
        account = self._accounts.find(key, monotonic())
        if account is None:
            return _no_account()
        if what == "contacts":
            return await _contacts(account)
        return _ok((account.journal if what == "journal" else account.counters).as_dict())


async def _contacts(account: Account) -> Reply:
    """The account's whole store."""
    listed, stored = [], account.store.all()
    for start in range(0, len(stored), _SLICE):
        listed += [as_json(summary(data)) for data in stored[start : start + _SLICE]]
        await asyncio.sleep(0)  # a large store must not hold up other accounts' replies
    return Reply(200, b'{"contacts":[%b],"count":%d}' % (b",".join(listed), len(listed)))


def _ok(value: Any) -> Reply:
    return Reply(200, as_json(value))


def _no_account() -> Reply:
    return problem(404, "no such account")


def _not_allowed(methods: str) -> Reply:
    reply = problem(405, f"The mock takes {methods} here.")
    reply.headers["Allow"] = methods
    return reply
