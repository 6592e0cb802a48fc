import gzip
import json
import shutil
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from app.openphone.client import Client
from app.openphone.errors import OpenPhoneDownError
from app.openphone.throttle import Unlimited
from app.openphone.transport import Transport
from app.stages import StageClock

OWN = {"Authorization": "key", "Accept": "application/json"}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    context = None

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.peers, self.dripping = [], set(), threading.Event()

    def get_request(self):
        sock, peer = super().get_request()
        return (self.context.wrap_socket(sock, server_side=True) if self.context else sock), peer

    def handle_error(self, *_):
        pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        self.server.peers.add(self.client_address)
        if self.path.endswith("/slow"):
            self.drip()
            return
        answer = gzip.compress(json.dumps({"data": "zoë"}).encode())
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Set-Cookie", "session=theirs")
        self.end_headers()
        self.wfile.write(answer)

    def drip(self):
        """A letter of a header now and then, for as long as somebody listens."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        for _ in range(3000):
            self.wfile.write(b"x")
            self.server.dripping.set()
            time.sleep(0.02)

    def log_message(self, *_):
        pass


for method in ("GET", "POST", "PATCH"):
    setattr(Handler, f"do_{method}", Handler.answer)


@pytest.fixture
def serving():
    """``serving(context=None)``: a server, whose ``asked`` says what it was asked; with *context* by TLS."""
    started = []

    def start(context=None):
        server = Server()
        server.context = context
        server.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        started.append((server, thread))
        return server

    yield start
    for server, thread in started:
        server.shutdown()
        server.server_close()
        thread.join()


def client_of(url, timeout=5):
    return Client(url, "key", timeout=timeout, max_attempts=1, throttle=Unlimited())


@pytest.mark.parametrize(
    ("method", "json_body", "params"),
    [
        ("POST", {"name": "Zoë", "role": None}, None),
        ("PATCH", {}, None),
        ("GET", None, {"externalIds": "a b&c", "maxResults": 50}),
        ("POST", None, None),
    ],
)
@pytest.mark.parametrize("base", ["", "/", "/a b/ö/"])
def test_the_same_is_sent_as_by_a_session_of_the_library(serving, method, json_body, params, base):
    server = serving()
    client_of(server.url + base).call(method, "/v1/contacts", StageClock(), json=json_body, params=params)
    with requests.Session() as session:
        session.headers.update(OWN)
        url = f"{server.url}{base.rstrip('/')}/v1/contacts"
        session.request(method, url, json=json_body, params=params, timeout=5)
    ours, theirs = server.asked
    assert ours[:2] == theirs[:2]
    assert {name: value for name, value in ours[2].items() if name != "Content-Length"} == {
        name: value for name, value in theirs[2].items() if name != "Content-Length"
    }
    assert (ours[3] == theirs[3] == b"") or json.loads(ours[3]) == json.loads(theirs[3]) == json_body


def test_calls_share_a_connection_and_no_cookies(serving):
    server, clock = serving(), StageClock()
    client = client_of(server.url)
    assert [client.call("POST", "/", clock, json={}).data for _ in range(3)] == ["zoë"] * 3
    assert len(server.peers) == 1
    assert not any("Cookie" in headers for _, _, headers, _ in server.asked)


def test_an_environments_proxy_and_netrc_do_not_end_up_in_a_call(serving, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    server = serving()
    assert client_of(server.url).call("GET", "/", StageClock()).data == "zoë"
    assert server.asked[0][2]["Authorization"] == "key"


@pytest.fixture
def certified(serving, tmp_path):
    """A server by TLS, and the file of its certificate, which nobody has signed but itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", tmp_path / "key", "-out", tmp_path / "cert"]
    subprocess.run([openssl, "req", "-x509", *name, *made], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    return serving(context), tmp_path / "cert"


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_key_is_sent(certified):
    server, _ = certified
    with pytest.raises(OpenPhoneDownError, match="SSLError"):
        client_of(server.url).call("GET", "/", StageClock())
    assert server.asked == []


def test_calls_by_tls_share_a_connection_too(certified, monkeypatch):
    server, trusted = certified
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(trusted))
    client = client_of(server.url)
    assert [client.call("POST", "/", StageClock(), json={"a": 1}).data for _ in range(3)] == ["zoë"] * 3
    assert [json.loads(body) for _, _, _, body in server.asked] == [{"a": 1}] * 3
    assert len(server.peers) == 1


def test_a_url_that_no_request_can_be_made_of_is_told_at_the_first_call_not_at_the_start():
    client = client_of("http://*.example.com")
    with pytest.raises(requests.exceptions.InvalidURL):
        client.call("GET", "/", StageClock())


@pytest.mark.parametrize("by", ["serving", "certified"])
def test_a_call_is_ended_by_another_thread_though_every_drop_of_its_answer_comes_in_time(request, monkeypatch, by):
    server = request.getfixturevalue(by)
    if by == "certified":
        server, trusted = server
        monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(trusted))
    else:
        server = server()
    transport = Transport(server.url, OWN)
    transport.abort()  # nothing to end yet
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(transport.exchange, transport.prepare("GET", "/slow"), (5, 5))
        assert server.dripping.wait(5)
        assert not under_way.done()
        transport.abort()
        assert isinstance(under_way.exception(5), requests.ConnectionError)
    assert transport.exchange(transport.prepare("GET", "/"), (5, 5)).json() == {"data": "zoë"}
