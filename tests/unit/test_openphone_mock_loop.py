import asyncio
import select
import selectors
import socket

import pytest

from loadtest.openphone.loop import new_event_loop

pytestmark = pytest.mark.skipif(not hasattr(selectors, "EpollSelector"), reason="only where there is epoll")


@pytest.fixture
def loop():
    made = new_event_loop()
    yield made
    made.close()


def test_timers_are_waited_for_by_select_and_by_nothing_else(loop, monkeypatch):
    waited = []
    monkeypatch.setattr(select, "select", lambda *arguments: waited.append(arguments[3]))
    assert loop._selector.select(3600.0005) == []  # epoll would sit there for an hour
    assert waited == [3600.0005]


def test_a_socket_that_is_ready_ends_the_wait_for_a_timer(loop):
    async def echo():
        one, other = socket.socketpair()
        with one, other:
            one.setblocking(False)
            timer = loop.call_later(3600, print)
            loop.call_later(0.01, other.send, b"x")
            got = await loop.sock_recv(one, 1)
            timer.cancel()
        return got

    assert loop.run_until_complete(echo()) == b"x"


def test_another_threads_call_ends_the_wait_too(loop):
    async def call():
        return await asyncio.to_thread(lambda: 7)

    assert loop.run_until_complete(call()) == 7
