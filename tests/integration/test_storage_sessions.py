"""A session that goes back to the pool is used again, and has no lock; one that can't be told so of has ended."""

import gc

import pytest
from importing import until
from sqlalchemy.exc import DBAPIError

import config
from app.storage.engine import make_engine, statement_limit, unlock_on_return

pytestmark = pytest.mark.postgresql
LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"


@pytest.fixture
def engine(offline):
    made = make_engine(config.load_settings(offline.trial.env))
    yield made
    made.dispose()


def locked(engine):
    connection = engine.connect()
    unlock_on_return(connection)
    connection.exec_driver_sql("SELECT pg_advisory_lock(1, 2), pg_advisory_lock(3)")
    assert connection.exec_driver_sql(LOCKS).scalar() == 2
    return connection, connection.connection.dbapi_connection.info.backend_pid


def again(engine):
    """The pid of the next session from the pool, which has no lock and is in no transaction."""
    with engine.connect() as connection:
        assert connection.exec_driver_sql(LOCKS).scalar() == 0
        return connection.connection.dbapi_connection.info.backend_pid


def is_gone(app, pid):
    return app.sql("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", (pid,)) == [(0,)]


def test_it_is_used_again_without_its_locks(engine):
    connection, pid = locked(engine)
    connection.close()
    assert again(engine) == pid


def test_so_is_one_that_was_only_forgotten(engine):
    connection, pid = locked(engine)
    del connection
    gc.collect()
    assert again(engine) == pid


def test_so_is_one_whose_transaction_has_failed(engine):
    connection, pid = locked(engine)
    with pytest.raises(DBAPIError):
        connection.exec_driver_sql("SELECT 1 / 0")
    connection.close()
    assert again(engine) == pid


def test_so_is_one_that_has_no_time_for_a_statement(engine):
    def used_up():
        raise TimeoutError

    connection, pid = locked(engine)
    limited = statement_limit.set(used_up)
    connection.close()
    statement_limit.reset(limited)
    assert again(engine) == pid


def test_one_that_is_lost_is_no_harm_to_the_next(offline, engine):
    connection, pid = locked(engine)
    connection.commit()
    offline.sql("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    connection.close()
    assert again(engine) != pid


def test_one_that_was_taken_out_of_the_pool_ends(offline, engine):
    connection, pid = locked(engine)
    connection.detach()
    connection.close()
    until(lambda: is_gone(offline, pid))
    assert again(engine) != pid
