"""The admin API under /_mock: never rate-limited, delayed or faulted. Errors are RFC 9457 problem+json."""

import asyncio
import json
from http import HTTPStatus
from time import monotonic
from typing import Any, Final

from aiohttp import web

from loadtest.openphone.account import Account, Accounts, TooManyAccountsError, valid_key
from loadtest.openphone.profile import ProfileError, parse
from loadtest.openphone.store import summary

_SLICE: Final = 250


class Admin:
    """Sets up accounts and tells what happened to them."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        account = "/_mock/accounts/{key}"
        app.router.add_get("/_mock/health", self.health)
        app.router.add_put(account, self.put)
        app.router.add_delete(account, self.delete)
        app.router.add_get(f"{account}/contacts", self.contacts)
        app.router.add_get(f"{account}/journal", self.journal)
        app.router.add_get(f"{account}/counters", self.counters)

    async def health(self, request: web.Request) -> web.Response:
        """The server answers."""
        return web.json_response({"status": "ok"})

    async def put(self, request: web.Request) -> web.Response:
        """Make the account anew with the profile of the body; answers the profile in force."""
        key = request.match_info["key"]
        if not valid_key(key):
            return _problem(400, "a key is 1 to 200 visible ASCII characters", field="key")
        try:
            profile = parse(await request.read())
            self._accounts.put(key, profile, monotonic())
        except ProfileError as bad:
            return _problem(400, str(bad), field=bad.field)
        except TooManyAccountsError as full:
            return _problem(422, str(full))
        return web.json_response(profile.model_dump(mode="json"))

    async def delete(self, request: web.Request) -> web.Response:
        """Forget the account."""
        if self._accounts.delete(request.match_info["key"]):
            return web.Response(status=204)
        return _problem(404, "no such account")

    async def contacts(self, request: web.Request) -> web.Response:
        """The account's whole store."""
        account = self._find(request)
        if account is None:
            return _problem(404, "no such account")
        listed, stored = [], account.store.all()
        for start in range(0, len(stored), _SLICE):
            listed += [json.dumps(summary(data)) for data in stored[start : start + _SLICE]]
            await asyncio.sleep(0)  # a large store must not hold up other accounts' replies
        text = f'{{"contacts":[{",".join(listed)}],"count":{len(listed)}}}'
        return web.Response(text=text, content_type="application/json")

    async def journal(self, request: web.Request) -> web.Response:
        """The last requests."""
        account = self._find(request)
        return web.json_response(account.journal.as_dict()) if account else _problem(404, "no such account")

    async def counters(self, request: web.Request) -> web.Response:
        """The exact counters."""
        account = self._find(request)
        return web.json_response(account.counters.as_dict()) if account else _problem(404, "no such account")

    def _find(self, request: web.Request) -> Account | None:
        return self._accounts.find(request.match_info["key"], monotonic())


def _problem(status: int, detail: str, **more: Any) -> web.Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return web.json_response(body, status=status, content_type="application/problem+json")
