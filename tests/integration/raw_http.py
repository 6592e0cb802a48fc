import json
import socket
from contextlib import contextmanager
from urllib.parse import urlsplit

# A create without a body's length: what follows says it.
CREATE = b"POST /v1/contacts HTTP/1.1\r\nHost: x\r\nAuthorization: %b\r\n"


def create(key, external_id, *more):
    """A whole request as a client writes it."""
    body = json.dumps({"defaultFields": {"firstName": "Ada"}, "externalId": external_id}).encode()
    headers = b"".join(b"%b\r\n" % header for header in (*more, b"Content-Length: %d" % len(body)))
    return CREATE % key.encode() + headers + b"\r\n" + body


def get(path, key="", version="1.1", *more):
    headers = "".join(f"{header}\r\n" for header in (f"Authorization: {key}", "Host: x", *more))
    return f"GET {path} HTTP/{version}\r\n{headers}\r\n".encode()


class Client:
    """Bytes to a server, replies from it."""

    def __init__(self, sock, file):
        self.socket = sock
        self._file = file

    def send(self, *pieces):
        for piece in pieces:
            self.socket.sendall(piece)

    def reply(self, *, body=True):
        """(status, headers, body), or None where the server has closed."""
        line = self._file.readline()
        if not line:
            return None
        status = int(line.split()[1])
        headers = {}
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        length = int(headers.get("content-length", 0)) if body else 0
        return status, headers, self._file.read(length)

    def status(self):
        return self.reply()[0]

    def closed(self):
        return self._file.read() == b""


@contextmanager
def connected(url):
    address = urlsplit(url).hostname, urlsplit(url).port
    with socket.create_connection(address, timeout=10) as sock, sock.makefile("rb") as file:
        yield Client(sock, file)
