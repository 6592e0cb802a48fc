"""Whether an HTTP service on loopback answers."""

import http.client

from loadtest.stack.ports import HOST


def answers_ok(port: int, path: str, timeout_seconds: float = 5.0) -> bool:
    """Whether GET *path* gives a 200 right now."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout_seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
