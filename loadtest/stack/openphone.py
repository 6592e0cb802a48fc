"""The mocked OpenPhone server of a run, and the calls of its admin API that a trial needs."""

import os
import sys
from typing import Any

import requests

from loadtest.errors import HarnessError, UsageError
from loadtest.stack.base import Profile
from loadtest.stack.ports import HOST
from loadtest.stack.process import Service
from loadtest.stack.readiness import answers_ok
from loadtest.stack.server import Server


class OpenPhone(Server):
    """The mock as a process of its own on loopback."""

    name = "openphone"

    @property
    def url(self) -> str:
        """``http://host:port``; the vendor's paths begin with /v1, the admin API with /_mock."""
        return f"http://{HOST}:{self.port}"

    def build(self, port: int) -> Service:
        """The mock's command line, without anything of the caller's environment."""
        argv = [sys.executable, "-m", "loadtest.openphone", "--host", HOST, "--port", str(port)]
        return Service(self.name, argv, self.run, {"PATH": os.defpath, "LC_ALL": "C.UTF-8"})

    def answers(self) -> bool:
        """Whether its health check does."""
        return answers_ok(self.port, "/_mock/health")


def put_account(url: str, key: str, profile: Profile) -> dict[str, Any]:
    """Makes or resets the account; returns its effective profile. Raises UsageError for a profile the mock refuses."""
    return _call("PUT", url, key, json=dict(profile))


def get_account(url: str, key: str, what: str) -> dict[str, Any]:
    """``contacts``, ``journal`` or ``counters`` of the account, as the mock's admin API gives them."""
    return _call("GET", url, f"{key}/{what}")


def delete_account(url: str, key: str) -> None:
    """Removes the account and its whole store."""
    _call("DELETE", url, key)


def _call(method: str, url: str, path: str, json: Any = None) -> dict[str, Any]:
    with requests.Session() as session:
        session.trust_env = False  # no proxy between the harness and loopback
        try:
            reply = session.request(method, f"{url}/_mock/accounts/{path}", json=json, timeout=30)
        except requests.RequestException as error:
            raise HarnessError(f"the mocked OpenPhone at {url} did not answer {method} {path}: {error}") from error
    if reply.status_code == 400:
        raise UsageError(f"the mocked OpenPhone refused the profile: {_detail(reply)}")
    if not reply.ok:
        raise HarnessError(f"the mocked OpenPhone answered {method} {path} with {reply.status_code}: {_detail(reply)}")
    body: dict[str, Any] = reply.json() if reply.content else {}
    return body


def _detail(reply: requests.Response) -> str:
    try:
        body = reply.json()
    except ValueError:
        return reply.text[:200]
    return str((isinstance(body, dict) and body.get("detail")) or body)
