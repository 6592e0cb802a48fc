import gc
import threading
from uuid import UUID, uuid4

import pytest
from importing import numbers, people
from sqlalchemy.exc import DBAPIError

import config
from app.imports.budget import Budget
from app.imports.chunk import Chunk
from app.imports.claim import take
from app.imports.errors import BusyError, FencedError, FinishedError
from app.imports.kinds import KINDS
from app.imports.layout import match
from app.imports.load import Loader
from app.imports.normalise import Normaliser
from app.imports.run import run
from app.imports.source import Row
from app.imports.staging import prepare
from app.imports.status import Status
from app.stages import StageClock
from app.storage.engine import make_engine

pytestmark = pytest.mark.postgresql

ROWS = 120


@pytest.fixture
def settings(offline):
    return config.load_settings(offline.trial.env)


@pytest.fixture
def engine(settings):
    made = make_engine(settings)
    yield made
    made.dispose()


@pytest.fixture
def unfinished(offline):
    """The id of an import, and the phones of its file, that is as if its worker had died before the first row."""
    phones = numbers(ROWS)
    done = offline.upload(people(phones), list="unfinished").json()
    piece = offline.sql("SELECT count(*) FROM upload_pieces WHERE import_id = %s", (done["id"],))
    assert piece == [(0,)]
    offline.sql("DELETE FROM list_members USING contacts WHERE contact_id = contacts.id AND phone = ANY(%s)", (phones,))
    offline.sql("DELETE FROM contacts WHERE phone = ANY(%s)", (phones,))
    offline.sql(
        "UPDATE imports SET status = 'received', rows_done = 0, created = 0, counts = '{}', finished_at = NULL,"
        " started_at = NULL WHERE id = %s",
        (done["id"],),
    )
    offline.sql("INSERT INTO upload_pieces VALUES (%s, 0, %s)", (done["id"], people(phones)))
    yield UUID(done["id"]), phones
    # Whatever a test left: no other test shall find it unfinished.
    offline.sql("UPDATE imports SET status = 'cancelled', finished_at = now() WHERE finished_at IS NULL")


CONTACTS = KINDS["contacts"]


def chunk_of(phones):
    """Contacts that are new, one that waits for the end of the file, and an error."""
    chunk = Chunk(CONTACTS, repeated={("contacts", phones[0])})
    rows = [Row(number, [phone, "Zombie"]) for number, phone in enumerate(phones, 1)]
    normaliser = Normaliser(CONTACTS, match(("phone", "first_name"), CONTACTS), "US", 100)
    for row in [*rows, Row(len(rows) + 1, ["none", "x"])]:
        chunk.add(normaliser.one(row))
    return chunk


def load(claim, phones):
    prepare(claim.connection, CONTACTS)
    Loader(claim, StageClock(), StageClock(), CONTACTS, "update", True, None, None, Budget()).load(chunk_of(phones))


def everything(app, import_id, phones):
    """All that an import writes."""
    return [
        app.sql("SELECT * FROM imports WHERE id = %s", (str(import_id),)),
        app.sql("SELECT * FROM contacts WHERE phone = ANY(%s) ORDER BY phone", (phones,)),
        app.sql("SELECT * FROM row_errors WHERE import_id = %s", (str(import_id),)),
        app.sql("SELECT * FROM openphone_outbox WHERE import_id = %s", (str(import_id),)),
        app.sql("SELECT * FROM held_records WHERE import_id = %s", (str(import_id),)),
        app.sql("SELECT count(*) FROM list_members"),
        app.sql("SELECT number, md5(data) FROM upload_pieces WHERE import_id = %s", (str(import_id),)),
    ]


def backend(claim):
    return claim.connection.connection.dbapi_connection.info.backend_pid


def status(app, import_id):
    return app.imported(import_id)["status"]


def test_an_import_is_interrupted_exactly_while_nobody_living_holds_it(offline, engine, unfinished):
    import_id, _ = unfinished
    assert status(offline, import_id) == "interrupted"
    with take(engine, import_id) as claim:
        assert status(offline, import_id) == "received"
        claim.start()
        assert status(offline, import_id) == "running"
        with pytest.raises(BusyError):
            take(engine, import_id)
        assert offline.resume(import_id).status_code == 202
    assert status(offline, import_id) == "interrupted"
    assert offline.newest()["status"] == "interrupted"


def test_whoever_lets_go_of_an_import_leaves_it_to_the_next_at_once(engine, unfinished):
    many = "DO $$ BEGIN FOR n IN 1..200 LOOP EXECUTE 'CREATE TEMP TABLE t' || n || ' ()'; END LOOP; END $$"
    with take(engine, unfinished[0]) as claim, claim.connection.begin():
        claim.connection.exec_driver_sql(many)  # gives its backend something to do before it can end
    with take(engine, unfinished[0]) as claim:
        claim.start()


LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"


def test_the_session_of_an_import_is_used_again_without_its_lock(engine, settings, unfinished):
    with take(engine, unfinished[0]) as claim:
        with pytest.raises(BusyError):
            take(engine, unfinished[0])
        run(claim, settings, None, StageClock(), Budget())
        pids = {claim.pid}
    with pytest.raises(FinishedError):
        take(engine, unfinished[0])
    assert engine.pool.checkedout() == 0
    connections = [engine.connect() for _ in range(engine.pool.checkedin())]
    for connection in connections:
        assert connection.exec_driver_sql(LOCKS).scalar() == 0
        pids.discard(connection.connection.dbapi_connection.info.backend_pid)
        connection.close()
    assert not pids


def test_a_claim_whose_session_is_lost_in_a_transaction_ends_without_a_word(offline, engine, unfinished):
    with take(engine, unfinished[0]) as claim:
        claim.connection.begin()
        offline.sql("SELECT pg_terminate_backend(%s, 5000)", (claim.pid,))
    with take(engine, unfinished[0]) as claim:
        claim.start()


def test_a_claim_that_nobody_lets_go_of_is_none_when_it_is_forgotten(offline, engine, unfinished):
    claim = take(engine, unfinished[0])
    assert status(offline, unfinished[0]) == "received"
    del claim
    gc.collect()
    assert status(offline, unfinished[0]) == "interrupted"


def test_a_resume_that_can_not_be_written_down_leaves_the_import_to_the_next(offline, unfinished):
    import_id, phones = unfinished
    offline.sql("ALTER TABLE audit_events ADD CONSTRAINT none CHECK (action <> 'import.resumed') NOT VALID")
    try:
        assert offline.resume(import_id).status_code == 500
        assert status(offline, import_id) == "interrupted"
    finally:
        offline.sql("ALTER TABLE audit_events DROP CONSTRAINT none")
    assert offline.resume(import_id).json()["rows_done"] == len(phones)


def test_the_lock_goes_with_its_backend(offline, engine, unfinished):
    import_id, _ = unfinished
    with take(engine, import_id) as claim:
        claim.start()
        offline.sql("SELECT pg_terminate_backend(%s, 5000)", (backend(claim),))
        assert status(offline, import_id) == "interrupted"
        with take(engine, import_id):
            pass


def test_a_late_worker_that_lost_its_lock_writes_nothing(offline, engine, unfinished):
    import_id, phones = unfinished
    with take(engine, import_id) as late:
        late.start()
        late.check()
        with late.connection.begin():
            # As a connection pooler or a failover would do it: the session lives on, its lock does not.
            late.connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")
        with take(engine, import_id) as successor:
            successor.start()
            assert successor.token == late.token + 1
            before = everything(offline, import_id, phones)

            with pytest.raises(FencedError):
                load(late, phones[:50])
            for write in (
                late.check,
                lambda: late.write("rows_done = rows_total"),
                lambda: late.move(Status.COMPLETED, None),
                lambda: late.move(Status.INTERRUPTED, "down"),
            ):
                with pytest.raises(FencedError):
                    write()
                late.connection.rollback()
            assert everything(offline, import_id, phones) == before


def test_a_late_worker_whose_backend_is_gone_writes_nothing_either(offline, engine, unfinished):
    import_id, phones = unfinished
    with take(engine, import_id) as late:
        late.start()
        offline.sql("SELECT pg_terminate_backend(%s, 5000)", (backend(late),))
        with take(engine, import_id) as successor:
            successor.start()
            before = everything(offline, import_id, phones)
            with pytest.raises(DBAPIError):
                load(late, phones[:50])
            # SQLAlchemy connects anew at the next statement: the token still holds it back.
            with pytest.raises(FencedError):
                load(late, phones[:50])
            assert everything(offline, import_id, phones) == before


def test_a_successor_waits_for_a_checkpoint_under_way_and_goes_on_behind_it(offline, engine, settings, unfinished):
    import_id, phones = unfinished
    with take(engine, import_id) as late:
        late.start()
        started = threading.Event()
        with late.connection.begin():
            late.connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")
            late.write("rows_done = rows_done + 50, created = created + 50")
            successor = take(engine, import_id)

            def carry_on():
                started.set()
                with successor:
                    run(successor, settings, None, StageClock(), Budget())

            thread = threading.Thread(target=carry_on)
            thread.start()
            started.wait()
        thread.join()
    done = offline.imported(import_id)
    assert (done["status"], done["rows_total"], done["created"]) == ("completed", ROWS, ROWS)
    assert offline.stored(phones) == phones[50:]  # the late one's rows are counted as its, here without contacts


def test_a_run_that_fails_half_way_leaves_a_checkpoint_and_the_next_one_goes_on_behind_it(
    offline, engine, settings, unfinished, monkeypatch
):
    import_id, phones = unfinished
    chunks = []
    load_one = Loader.load

    def load_two(loader, *about):
        load_one(loader, *about)
        chunks.append(about)
        if len(chunks) == 2:
            raise SystemExit(1)  # as gunicorn's abort of a worker does it

    monkeypatch.setattr(Loader, "load", load_two)
    with pytest.raises(SystemExit), take(engine, import_id) as claim:
        run(claim, settings, None, StageClock(), Budget())
    found = offline.imported(import_id)
    assert (found["status"], found["rows_total"]) == ("interrupted", ROWS)
    assert found["rows_done"] == found["created"] == 100
    assert offline.stored(phones) == phones[:100]

    assert offline.resume(import_id).status_code == 200
    done = offline.imported(import_id)
    assert (done["status"], done["rows_done"], done["rows_total"], done["created"]) == ("completed", ROWS, ROWS, ROWS)
    assert done["counts"] == {"contacts": {"created": ROWS, "updated": 0, "unchanged": 0}}
    assert offline.stored(phones) == phones
    assert offline.sql("SELECT count(*) FROM upload_pieces WHERE import_id = %s", (str(import_id),)) == [(0,)]


def test_a_chunk_of_a_living_worker_is_written_with_all_that_goes_with_it(offline, engine, unfinished):
    import_id, phones = unfinished
    with take(engine, import_id) as claim:
        claim.start()
        load(claim, phones[:50])
    found = offline.imported(import_id)
    assert [found[name] for name in ("rows_done", "created", "rows_rejected", "contacts_to_sync")] == [51, 49, 1, 49]
    assert offline.stored(phones) == phones[1:50]
    held = offline.sql("SELECT key, row_number, fields ->> 'first_name' FROM held_records")
    assert held == [(phones[0], 1, "Zombie")]
    counted = "SELECT (SELECT count(*) FROM row_errors WHERE import_id = %s), count(*) FROM openphone_outbox"
    assert offline.sql(f"{counted} WHERE import_id = %s", (str(import_id),) * 2) == [(1, 49)]
    for table in ("held_records", "openphone_outbox"):
        offline.sql(f"DELETE FROM {table} WHERE import_id = %s", (str(import_id),))


def test_a_chunk_is_written_whole_or_not_at_all(offline, engine, unfinished, monkeypatch):
    import_id, phones = unfinished
    with take(engine, import_id) as claim:
        claim.start()
        before = everything(offline, import_id, phones)
        monkeypatch.setattr(claim, "write", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("full disk")))
        with pytest.raises(RuntimeError):
            load(claim, phones[:50])
    assert everything(offline, import_id, phones) == before


def test_a_finished_import_can_not_be_taken_and_one_that_is_not_there_is_not_found(offline, engine):
    done = offline.upload(people(numbers(1))).json()
    with pytest.raises(FinishedError):
        take(engine, UUID(done["id"]))
    with pytest.raises(LookupError):
        take(engine, uuid4())


def test_nothing_runs_into_a_state_that_the_table_does_not_lead_to(engine, unfinished):
    with take(engine, unfinished[0]) as claim:
        claim.start()
        with pytest.raises(ValueError, match="running -> received"), claim.connection.begin():
            claim.move(Status.RECEIVED, None)
