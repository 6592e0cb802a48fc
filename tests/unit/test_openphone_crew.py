import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app import stopping
from app.imports.budget import Budget, HandOffError, RequestBudget
from app.imports.errors import FencedError
from app.openphone.client import Client
from app.openphone.crew import Crew
from app.openphone.errors import CallFailedError, OpenPhoneDownError, RejectedError
from app.openphone.throttle import Unlimited
from app.stages import StageClock


@pytest.fixture(scope="module")
def server():
    """Does what a contact's company says: a status, "drip" (an answer without an end), or 201; notes who asked."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fields = body["defaultFields"]
            server.asked.append(fields["firstName"])
            wanted = fields["company"]
            if wanted == "drip":
                self.drip()
                return
            status = int(wanted or 201)
            answer = json.dumps({"data": {"id": f"theirs of {fields['firstName']}"}}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            if status == 429:
                self.send_header("Retry-After", "60")
            self.end_headers()
            self.wfile.write(answer)

        def drip(self):
            self.wfile.write(b"HTTP/1.1 201 Created\r\nX-Long: ")
            for _ in range(3000):
                self.wfile.write(b"x")
                time.sleep(0.02)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_):
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Telling:
    """A crew of four, and what came of its work."""

    def __init__(self, url, throttle, max_attempts):
        def client(gate):
            return Client(url, "key", timeout=5, max_attempts=max_attempts, throttle=gate)

        self.crew = Crew(client, 4, throttle)
        self.clock = StageClock()
        self.noted = {}

    def tell(self, *companies, budget=None, ready=lambda: None):
        names = {"last_name": None, "email": None, "title": None, "phone": "+14045550123", "openphone_id": None}
        contacts = [
            {"id": number, "first_name": str(number), "company": company, **names}
            for number, company in enumerate(companies)
        ]
        with self.crew.within(budget or Budget(), self.clock):
            self.crew.tell(contacts, ready, self.noted.__setitem__)


@pytest.fixture
def telling(server):
    server.asked = []

    def made(throttle=None, max_attempts=1):
        return Telling(server.url, throttle or Unlimited(), max_attempts)

    yield made
    assert not [thread for thread in threading.enumerate() if thread.name == "openphone"]


def test_every_contact_is_told_once_whatever_comes_of_it(telling, server):
    made = telling()
    made.tell(None, "400", "503", *[None] * 20)
    assert sorted(server.asked, key=int) == [str(number) for number in range(23)]
    assert made.crew.calls == 23
    assert made.crew.cpu > 0
    assert (type(made.noted.pop(1)), type(made.noted.pop(2))) == (RejectedError, CallFailedError)
    assert made.noted == {number: f"theirs of {number}" for number in (0, *range(3, 23))}


def test_nobody_to_tell_of_is_no_work(telling, server):
    telling().tell()
    assert server.asked == []


def test_an_answer_that_comes_drop_by_drop_ends_with_the_budget_and_the_others_are_noted(telling, server):
    made = telling()
    with pytest.raises(HandOffError):
        made.tell("drip", *[None] * 9, "drip", budget=RequestBudget(time.monotonic(), 2, 0.5))
    assert sorted(made.noted) == list(range(1, 10))
    assert len(server.asked) == 11


def test_behind_the_end_of_the_budget_no_call_is_made(telling, server):
    made, budget = telling(), RequestBudget(time.monotonic() - 10, 10, 0.5)
    with pytest.raises(HandOffError):
        made.tell(*[None] * 9, budget=budget, ready=budget.check)
    assert (server.asked, made.noted) == ([], {})


def test_when_no_call_may_go_any_more_those_under_way_are_noted_and_no_other_is_made(telling, server):
    asked = []

    def ready():
        asked.append(threading.current_thread())
        if len(asked) > 2:
            raise FencedError

    made = telling()
    with pytest.raises(FencedError):
        made.tell(*[None] * 9, ready=ready)
    assert len(server.asked) == len(made.noted) == 2
    assert asked == [threading.main_thread()] * 3  # the claim's connection is this thread's


def test_what_ends_the_work_does_not_wait_for_anothers_pause(telling, server):
    made = telling(max_attempts=5)
    with pytest.raises(OpenPhoneDownError, match="OPENPHONE_API_KEY"):
        made.tell("429", None, "401", *[None] * 9)
    assert server.asked.count("0") == 1
    assert set(made.noted.values()) <= {f"theirs of {number}" for number in server.asked}


def test_a_pace_that_can_not_be_kept_lets_nothing_go(telling, server):
    class Gone:
        def wait(self, _):
            raise OpenPhoneDownError("Redis does not answer")

    with pytest.raises(OpenPhoneDownError, match="Redis"):
        telling(Gone()).tell(*[None] * 9)
    assert server.asked == []


def test_a_stop_ends_the_work(telling, server):
    budget = Budget()
    stopping.watch(lambda: len(server.asked) >= 4)
    try:
        with pytest.raises(HandOffError):
            telling().tell(*[None] * 99, budget=budget, ready=budget.check)
    finally:
        stopping.watch(lambda: False)
    assert 4 <= len(server.asked) <= 8


def test_after_work_that_ended_badly_the_next_is_done(telling, server):
    made = telling()
    with pytest.raises(OpenPhoneDownError):
        made.tell("401", *[None] * 9)
    made.noted.clear()
    made.tell(*[None] * 9)
    assert len(made.noted) == 9


def test_the_wait_for_the_limit_is_not_the_apis_time(telling):
    class Slow:
        def wait(self, _):
            made.clock.seconds["limit"] += 100

    made = telling(Slow())
    with made.clock.stage("openphone"):
        made.tell(None, None)
    assert made.clock.seconds["limit"] > 200 > made.clock.seconds["openphone"]
