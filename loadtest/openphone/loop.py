"""The event loop of the mock: asyncio's own, with timers as fine as the kernel's."""

import asyncio
import select
import selectors


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A loop whose timers are late by tenths of a millisecond. Where there is no epoll, asyncio's default is that."""
    if hasattr(selectors, "EpollSelector"):
        return asyncio.SelectorEventLoop(_FineEpoll())
    return asyncio.new_event_loop()


class _FineEpoll(selectors.EpollSelector):
    """epoll counts in whole milliseconds and rounds up; select() waits for its descriptor in microseconds."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout > 0:
            select.select((self.fileno(),), (), (), timeout)
            timeout = 0
        return super().select(timeout)
