"""The side that hands out: in Locust's master, or in the one process of a plain run."""

import logging
import time
from typing import Any

import gevent  # type: ignore[import-untyped]
from locust.env import Environment
from locust.runners import STATE_MISSING, STATE_STOPPED, STATE_STOPPING, MasterRunner

from loadtest.scenarios.desk import AREA, END, GIVE_UP, TAKE
from loadtest.scenarios.handout import Handout

POLL_SECONDS = 0.05
WATCH_SECONDS = 1.0


class Coordinator:
    """Answers the desks' messages from *handout*, and ends the test when that is complete.

    A test that ends (the last upload, --run-time, the page's stop) waits for uploads under way, each for up to
    *patience* seconds; SIGTERM and Ctrl-C only for --stop-timeout.
    """

    def __init__(self, environment: Environment, handout: Handout, patience: float) -> None:
        assert environment.runner is not None  # noqa: S101 - Locust makes it before it says init
        self._environment = environment
        self._runner = environment.runner
        self._handout = handout
        self._patience = patience
        self._quitting_since: float | None = None
        self._started = self._running = False
        for word, listener in ((TAKE, self._take), (END, self._end), (GIVE_UP, self._give_up)):
            self._runner.register_message(word, listener)
        events = environment.events
        events.test_start.add_listener(self._test_start)  # type: ignore[no-untyped-call]
        events.test_stopping.add_listener(self._test_stopping)  # type: ignore[no-untyped-call]
        events.quitting.add_listener(self._quitting)  # type: ignore[no-untyped-call]
        if isinstance(self._runner, MasterRunner):
            self._runner.greenlet.spawn(self._watch)

    def _take(self, msg: Any, **_: Any) -> None:
        try:
            area = self._handout.give(msg.node_id, msg.data["ticket"])
        except (OSError, ValueError) as error:
            logging.error("no area to hand out: %s", error)  # noqa: TRY400 - one line for a person
            area = None
            self._give_up()
        self._runner.send_message(AREA, {"ticket": msg.data["ticket"], "area": area}, client_id=msg.node_id)

    def _end(self, msg: Any, **_: Any) -> None:
        self._handout.end(msg.node_id, msg.data["ticket"])
        if self._handout.complete:
            self._stop()

    def _give_up(self, **_: Any) -> None:
        self._environment.process_exit_code = 1
        self._stop()

    def _stop(self) -> None:
        """Ends the test, and the process with it unless there is a web page: that stays, to say why."""
        if not self._running:
            return
        self._running = False
        self._handout.close()
        stop = self._runner.quit if self._environment.web_ui is None else self._runner.stop
        # Not here: this is where the messages arrive that stopping waits for.
        gevent.spawn(stop)

    def _test_start(self, **_: Any) -> None:
        self._started = self._running = True
        self._handout.open()

    def _test_stopping(self, **_: Any) -> None:
        self._running = False
        self._handout.close()
        if isinstance(self._runner, MasterRunner):
            self._runner.update_state(STATE_STOPPING)  # a second stop has nothing to do
        while self._handout.under_way and time.monotonic() < self._deadline():
            gevent.sleep(POLL_SECONDS)
            self._drop_the_gone()
        if self._handout.under_way:
            logging.error("%d uploads are cut: they got no answer in time", self._handout.under_way)
            self._environment.process_exit_code = 1

    def _deadline(self) -> float:
        if self._quitting_since is not None:
            return self._quitting_since + self._environment.stop_timeout
        return self._handout.newest + self._patience

    def _quitting(self, **_: Any) -> None:
        self._quitting_since = time.monotonic()

    def _watch(self) -> None:
        """Without it, a worker that is killed would keep the others' test from its end."""
        while True:
            gevent.sleep(WATCH_SECONDS)
            self._drop_the_gone()
            if self._handout.complete:
                self._stop()
            # Locust itself stops a test whose last worker is gone, and stays.
            if self._started and self._environment.web_ui is None and self._runner.state == STATE_STOPPED:
                gevent.spawn(self._runner.quit)

    def _drop_the_gone(self) -> None:
        if not isinstance(self._runner, MasterRunner):
            return
        for worker in self._handout.workers:
            node = self._runner.clients.get(worker)
            if node is None or node.state == STATE_MISSING:
                lost = self._handout.drop(worker)
                logging.error("worker %s is gone, and what became of %d uploads is not known", worker, lost)
                self._environment.process_exit_code = 1
