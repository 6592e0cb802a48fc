import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from importing import until

import config
from app import create_app
from loadtest.stack.valkey import Valkey

PER_MINUTE = 4
# redis-py by itself would try four times, five seconds each; what is waited for here takes two.
FAR_TOO_LONG_SECONDS = 8


@contextmanager
def client_of(trial, **env):
    """The app in this process, with the trial's database."""
    limits = {
        "API_RATE_PER_MINUTE": str(PER_MINUTE),
        "REDIS_PREFIX": f"{trial.env['REDIS_PREFIX']}{os.urandom(4).hex()}",
    }
    made = create_app(config.load_settings({**trial.env, **limits, **env}))
    yield made.test_client()
    made.extensions["engine"].dispose()
    made.extensions["redis"].close()


@pytest.fixture
def client(offline):
    with client_of(offline.trial) as made:
        yield made


def statuses(client, count, headers, **options):
    return [client.get("/api/imports", headers=headers, **options).status_code for _ in range(count)]


def guess(number):
    return {"Authorization": f"Bearer tl_guess{number}"}


def test_a_new_guess_at_a_key_is_no_new_client(client):
    asked = [statuses(client, 1, guess(number))[0] for number in range(PER_MINUTE + 2)]
    assert asked == [401] * PER_MINUTE + [429] * 2
    assert statuses(client, 1, {}) == [429]


def test_guesses_are_counted_by_address(client):
    assert set(statuses(client, PER_MINUTE, guess(1))) == {401}
    elsewhere = {"environ_base": {"REMOTE_ADDR": "127.0.0.2"}}
    assert statuses(client, 1, guess(1), **elsewhere) == [401]
    assert statuses(client, 1, guess(1)) == [429]


def test_a_key_in_force_is_counted_by_itself_whatever_its_address_guesses(offline, client):
    assert statuses(client, PER_MINUTE + 1, guess(1))[-1] == 429
    assert statuses(client, PER_MINUTE + 1, offline.auth) == [200] * PER_MINUTE + [429]
    elsewhere = {"environ_base": {"REMOTE_ADDR": "127.0.0.2"}}
    assert statuses(client, 1, offline.auth, **elsewhere) == [429]


@pytest.fixture
def hung(stack):
    """``hung()`` stops a Valkey of the test's own in its tracks; ``hung(False)`` lets it go on."""
    valkey = Valkey(stack.run)
    valkey.name = "redis-hung"
    valkey.start()

    def stop(stopped=True):
        os.kill(valkey.service.pid, signal.SIGSTOP if stopped else signal.SIGCONT)

    stop.url = valkey.url
    yield stop
    stop(False)
    valkey.stop()


def test_a_redis_that_hangs_holds_no_request_up_and_the_limit_is_kept_by_each_worker(offline, hung):
    with client_of(offline.trial, REDIS_URL=hung.url) as client, ThreadPoolExecutor(1) as pool:
        assert statuses(client, 1, offline.auth) == [200]
        assert client.get("/readyz").status_code == 200
        hung()
        try:
            first = pool.submit(statuses, client, 1, offline.auth).result(FAR_TOO_LONG_SECONDS)
            more = pool.submit(statuses, client, PER_MINUTE, offline.auth).result(FAR_TOO_LONG_SECONDS)
            ready = pool.submit(client.get, "/readyz").result(FAR_TOO_LONG_SECONDS)
        finally:
            hung(False)
        assert (first, more) == ([200], [200] * (PER_MINUTE - 1) + [429])
        assert (ready.status_code, ready.json["failed"]) == (503, ["Redis does not answer"])
        until(lambda: client.get("/readyz").status_code == 200)


def forwarded(addresses):
    return {**guess(1), "X-Forwarded-For": addresses}


def test_behind_a_proxy_each_address_it_saw_has_a_limit_of_its_own(offline):
    with client_of(offline.trial, PROXY_HOPS="1") as client:
        # What stands further left came with the request: anyone can write that.
        for made_up in range(PER_MINUTE):
            assert statuses(client, 1, forwarded(f"198.51.100.{made_up}, 203.0.113.1")) == [401]
        assert statuses(client, 1, forwarded("198.51.100.99, 203.0.113.1")) == [429]
        assert statuses(client, 1, forwarded("203.0.113.2")) == [401]


def test_without_a_proxy_a_forged_address_is_no_new_client(offline):
    with client_of(offline.trial, PROXY_HOPS="0") as client:
        asked = [statuses(client, 1, forwarded(f"203.0.113.{number}"))[0] for number in range(PER_MINUTE + 1)]
        assert asked == [401] * PER_MINUTE + [429]
