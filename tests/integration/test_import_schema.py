import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from importing import until
from sqlalchemy import create_engine, inspect, text

import config
from app.imports.kinds import campaign
from app.imports.kinds.propertyradar import ROLES
from app.imports.status import Status
from app.imports.targets import TARGETS
from app.storage.engine import driver_url, make_engine
from app.storage.migrate import LOCK, alembic_config, upgrade
from app.storage.models import Base
from app.storage.revision import WANTED, is_current

pytestmark = pytest.mark.postgresql

STATEMENT_TIMEOUT_MS = 300


@pytest.fixture
def empty(stack):
    stack.sql("DROP DATABASE IF EXISTS schema_test WITH (FORCE)", database="postgres")
    stack.sql("CREATE DATABASE schema_test", database="postgres")
    yield f"{stack.url('db').rpartition('/')[0]}/schema_test"
    stack.sql("DROP DATABASE schema_test WITH (FORCE)", database="postgres")


@pytest.fixture
def engine(empty):
    settings = {"DATABASE_URL": empty, "OPENPHONE_SYNC": "off", "DB_STATEMENT_TIMEOUT_MS": str(STATEMENT_TIMEOUT_MS)}
    made = make_engine(config.load_settings(settings))
    yield made
    made.dispose()


@pytest.fixture
def migrated(offline):
    engine = create_engine(driver_url(offline.trial.env["DATABASE_URL"]))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_migrations_make_what_the_models_say(migrated):
    context = MigrationContext.configure(migrated, opts={"compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, Base.metadata) == []
    assert is_current(migrated)
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [WANTED]


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("imports_status", set(Status)),
        ("openphone_outbox_state", {"pending", "done", "failed"}),
        ("campaign_members_status", set(campaign.STATUSES)),
        ("property_contacts_role", set(ROLES)),
    ],
)
def test_a_state_may_be_stored_exactly_if_it_is_in_the_code(migrated, constraint, values):
    # Both as PostgreSQL has it and as the models do: compare_metadata does not look at CHECKs.
    stored = migrated.scalar(
        text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"), {"name": constraint}
    )
    [model] = [
        str(check.sqltext)
        for table in Base.metadata.tables.values()
        for check in table.constraints
        if check.name == constraint
    ]
    assert set(re.findall(r"'(\w+)'", stored)) == set(re.findall(r"'(\w+)'", model)) == values


def test_uploads_are_stored_uncompressed_and_keys_sorted_by_their_bytes(migrated):
    storage = (
        "SELECT attstorage::text FROM pg_attribute WHERE attrelid = 'upload_pieces'::regclass AND attname = 'data'"
    )
    assert migrated.scalar(text(storage)) == "e"
    collation = (
        "SELECT collname FROM pg_attribute JOIN pg_collation c ON c.oid = attcollation"
        " WHERE attrelid = CAST(:table AS regclass) AND attname = :column"
    )
    for table, column in (("contacts", "phone"), ("properties", "key"), ("held_records", "key")):
        assert migrated.scalar(text(collation), {"table": table, "column": column}) == "C"


def test_what_an_import_may_write_has_its_column_and_every_column_is_written(migrated):
    tables = inspect(migrated)
    of_no_file = {"id", "import_number", "created_at", "updated_at", "extra"}
    for target in TARGETS.values():
        columns = {column["name"] for column in tables.get_columns(target.table)} - of_no_file
        assert {*target.unique, *target.fields} == columns


def test_several_starts_at_once_migrate_an_empty_database_once(empty):
    env = {**os.environ, "DATABASE_URL": empty, "OPENPHONE_SYNC": "off"}
    migrate = [sys.executable, "-m", "app.admin", "migrate"]
    started = [
        subprocess.Popen(migrate, cwd=config.ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    assert [(process.communicate()[0], process.returncode) for process in started] == [("", 0)] * 2


def test_a_start_waits_for_anothers_migration_longer_than_a_statement_may_take(engine):
    other = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    other.execute(text(LOCK))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(upgrade, engine)
        waited = "SELECT extract(epoch FROM now() - query_start) FROM pg_stat_activity WHERE wait_event = 'advisory'"
        until(lambda: (other.scalar(text(waited)) or 0) > 2 * STATEMENT_TIMEOUT_MS / 1000)
        assert not waiting.done()
        other.detach()
        other.close()
        waiting.result()


def test_a_migration_is_done_once_and_can_be_taken_back(engine):
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO lists (name) VALUES ('kept')"))
    upgrade(engine)
    with engine.begin() as connection:
        assert is_current(connection)
        assert connection.scalar(text("SELECT name FROM lists")) == "kept"
        settings = alembic_config()
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")
        assert not is_current(connection)
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade(engine)
