import os
import socket
import subprocess
import sys

import psutil
import pytest

import config
from loadtest.errors import StartError
from loadtest.stack import ports
from loadtest.stack.ports import CLAIMS_KEPT, FIRST, HOST, LAST, free_port, require_free


@pytest.fixture
def taken():
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_free_port_can_be_listened_on():
    with socket.socket() as server:
        server.bind((HOST, free_port()))
        server.listen()


def test_a_port_is_given_out_once():
    given = [free_port() for _ in range(200)]
    assert len(set(given)) == 200
    assert all(FIRST <= port < LAST for port in given)


def test_what_one_process_was_given_no_other_is_until_it_ends(monkeypatch):
    monkeypatch.setattr(ports, "_given", set())  # the other may well be given what another test here was
    code = "import sys; from loadtest.stack.ports import free_port; print(free_port(), flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=config.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        port = int(other.stdout.readline())
        monkeypatch.setattr(ports, "FIRST", port)
        monkeypatch.setattr(ports, "LAST", port + 1)
        with pytest.raises(StartError, match="no free port"):
            free_port()
    assert free_port() == port


def test_claims_do_not_add_up_to_too_many_open_files():
    for _ in range(CLAIMS_KEPT + 20):
        free_port()
    open_files = psutil.Process().num_fds()
    for _ in range(20):
        free_port()
    assert psutil.Process().num_fds() == open_files


def test_a_port_in_use_is_refused_with_its_number_its_holder_and_the_remedy(taken):
    with pytest.raises(StartError) as refused:
        require_free(taken, "try another")
    assert f"port {taken} on 127.0.0.1 is in use by pid {os.getpid()} (" in str(refused.value)
    assert str(refused.value).endswith("): try another")
    assert refused.value.exit_code == 4


def test_a_port_nobody_listens_on_is_accepted(taken):
    require_free(free_port(), "")


def test_closing_connections_of_an_earlier_server_do_not_count():
    port = free_port()
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((HOST, port))
        server.listen()
        with socket.create_connection((HOST, port)) as client:
            accepted, _ = server.accept()
            accepted.close()  # the server's side closes first and stays in TIME_WAIT
            assert client.recv(1) == b""
    require_free(port, "")
