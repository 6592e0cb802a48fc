"""Requests to one host: what is the same for all of them is done once, what none of them needs is left out."""

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse


class _Whole(HTTPConnection):
    """Sends head and body in one piece: one system call, and one TLS record, in place of two."""

    _held: list[bytes] | None = None

    def request(self, *args: Any, **options: Any) -> None:
        held: list[bytes] = []
        self._held = held
        try:
            super().request(*args, **options)
        finally:
            self._held = None
        super().send(b"".join(held))

    def send(self, data: Any) -> None:
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)


class _WholeTls(_Whole, HTTPSConnection):
    pass


class Transport(HTTPAdapter):
    """The requests library's own sending (pooled connections, TLS, time limits, errors), to *base_url* alone.

    No proxies, cookies, redirects or netrc; of an answer there are status, headers and body. Not for several threads at
    once, but for abort().
    """

    def __init__(self, base_url: str, headers: Mapping[str, str]) -> None:
        super().__init__()
        self._base_url = base_url.rstrip("/")
        self._own_headers = headers
        self._connection: HTTPConnection | None = None
        self._aborted = False

    @cached_property
    def _root(self) -> requests.PreparedRequest:
        """What a session makes of a request without a body. Raises requests' InvalidURL."""
        with requests.Session() as session:
            session.trust_env = False
            session.headers.update(self._own_headers)
            return session.prepare_request(requests.Request("GET", self._base_url))

    @cached_property
    def _headers(self) -> dict[str, str]:
        return dict(self._root.headers)

    @cached_property
    def _pool(self) -> Any:
        pool: Any = super().get_connection_with_tls_context(self._root, verify=True)
        super().cert_verify(pool, self._base_url, verify=True, cert=None)  # type: ignore[no-untyped-call]
        pool.ConnectionCls = self._connect
        return pool

    def _connect(self, **options: Any) -> HTTPConnection:
        self._connection = (_WholeTls if self._pool.scheme == "https" else _Whole)(**options)
        return self._connection

    def prepare(
        self, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None
    ) -> requests.PreparedRequest:
        """A request below the base URL. *path* is quoted, *body* is sent as JSON."""
        prepared = requests.PreparedRequest()
        prepared.method = method
        prepared.url = f"{self._base_url}{path}?{urlencode(params)}" if params else f"{self._base_url}{path}"
        headers = self._headers.copy()
        if body is not None:
            prepared.body = json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
            headers["Content-Type"] = "application/json"
        if method != "GET":
            headers["Content-Length"] = str(len(prepared.body or b""))
        prepared.headers = headers  # type: ignore[assignment] # what sends it needs no more than a dict
        return prepared

    def exchange(self, prepared: requests.PreparedRequest, timeout: tuple[float, float]) -> requests.Response:
        """The answer, read to its end. *timeout*: seconds for the connection, and for each read.

        Raises requests.RequestException.
        """
        self._aborted = False
        response = self.send(prepared, timeout=timeout)
        response.content  # noqa: B018 - reads it
        if self._aborted:
            # An answer that breaks off within its headers passes for a whole one without a body.
            raise requests.ConnectionError("another thread has ended the call", request=prepared)
        return response

    def abort(self) -> None:
        """For another thread: what waits for an answer gets an error in its place, however slowly one comes."""
        self._aborted = True
        sock = self._connection.sock if self._connection else None
        if sock is not None:
            with suppress(OSError):
                # The socket's own way, below TLS: that one's state is the other thread's.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        """The one pool that there is."""
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Nothing: the pool has been told."""

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        """No proxy is to have the whole URL."""
        return request.path_url

    def build_response(self, req: requests.PreparedRequest, resp: "BaseHTTPResponse") -> requests.Response:
        """Without cookies."""
        response = requests.Response()
        response.status_code, response.reason = resp.status, resp.reason or ""
        response.headers = resp.headers  # type: ignore[assignment] # case-insensitive as well
        response.request, response.url, response.raw = req, req.url or "", resp
        return response
