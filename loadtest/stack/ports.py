"""Ports on loopback."""

import errno
import os
import secrets
import socket
import threading
from collections import deque

import psutil

from loadtest.errors import StartError

HOST = "127.0.0.1"
# Below the ports that Linux gives to outgoing connections (net.ipv4.ip_local_port_range, 32768 and up by default):
# the load of a run opens thousands of those, and one of them could take a port before its service does.
FIRST, LAST = 20_000, 32_000
# More than a stack starts at a time; all of them would in time be more files than a process may have open.
CLAIMS_KEPT = 100
_given: set[int] = set()
_claims: deque[int] = deque()
_lock = threading.Lock()


def free_port() -> int:
    """A port nobody listens on, given out once in the life of this process and not to another harness meanwhile."""
    with _lock:
        for _ in range(10_000):
            port = FIRST + secrets.randbelow(LAST - FIRST)
            if port not in _given and _claimed(port) and _can_listen(port):
                _given.add(port)
                return port
    raise StartError(f"no free port between {FIRST} and {LAST} on {HOST}: end some of the programs that listen there")


def require_free(port: int, remedy: str) -> None:
    """Raises StartError, naming who may hold the port and then the *remedy*, if it cannot be listened on."""
    if not _can_listen(port):
        raise StartError(f"port {port} on {HOST} is in use{holder(port)}: {remedy}")


def holder(port: int) -> str:
    """`` by pid N (command)`` for the process that listens on the port, or nothing when it cannot be told."""
    try:
        listening = psutil.net_connections("tcp")
    except (psutil.Error, OSError):
        return ""
    for connection in listening:
        # Elsewhere than on Linux, and for other users' sockets, the pid stays unknown.
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (port,) and connection.pid:
            try:
                command = " ".join(psutil.Process(connection.pid).cmdline())
            except psutil.Error:
                return f" by pid {connection.pid}"
            return f" by pid {connection.pid} ({command[:120]})"
    return ""


def _claimed(port: int) -> bool:
    """Whether this process has it now: between being given out and being listened on a port looks free to all others.

    The claim is the UDP port of the same number, which nothing here uses. It ends with the process by itself.
    """
    claim = socket.socket(type=socket.SOCK_DGRAM)
    try:
        claim.bind((HOST, port))
    except OSError as error:
        claim.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            return False
        raise
    _claims.append(claim.detach())
    if len(_claims) > CLAIMS_KEPT:
        os.close(_claims.popleft())
    return True


def _can_listen(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections of an earlier server that are still closing must not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
                return False
            raise
    return True
