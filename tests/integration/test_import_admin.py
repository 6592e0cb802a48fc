import pytest
from sqlalchemy import text

import config
from app import admin
from app.storage.engine import make_engine

NAME = "admin_test"


@pytest.fixture
def empty(stack):
    """The settings of an app with an empty database, and a way to run SQL there."""
    stack.sql(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", database="postgres")
    stack.sql(f"CREATE DATABASE {NAME}", database="postgres")
    yield f"{stack.url('db').rpartition('/')[0]}/{NAME}"
    stack.sql(f"DROP DATABASE {NAME} WITH (FORCE)", database="postgres")


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a command on a database; its exit code and what it printed."""
    for name in config.variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENPHONE_SYNC", "off")
    monkeypatch.setenv("DATABASE_WAIT_SECONDS", "0")

    def command(database, *arguments):
        monkeypatch.setenv("DATABASE_URL", database)
        code = admin.main(list(arguments))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


@pytest.mark.parametrize("arguments", [("create-key", "Ada"), ("list-keys",), ("revoke-key", "1")])
def test_a_database_without_tables_is_answered_with_the_command_that_makes_them(empty, run, arguments):
    code, out, error = run(empty, *arguments)
    assert (code, out) == (4, "")
    assert error.count("\n") == 1
    assert error.startswith(f"{arguments[0]}: ")
    assert "run `python -m app.admin migrate` first" in error


def test_a_schema_that_this_code_does_not_know_is_left_alone(empty, run):
    assert run(empty, "migrate") == (0, "", "")
    engine = make_engine(config.load_settings({"DATABASE_URL": empty, "OPENPHONE_SYNC": "off"}))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'tomorrow'"))
    engine.dispose()
    code, out, error = run(empty, "migrate")
    assert (code, out, error.count("\n")) == (4, "", 1)
    assert "newer than this code" in error
    assert "tomorrow" in error


def test_what_postgresql_refuses_is_said_in_its_words_without_the_statement(stack, empty, run):
    assert run(empty, "migrate")[0] == 0
    stack.sql(f"ALTER DATABASE {NAME} SET default_transaction_read_only = on", database="postgres")
    code, out, error = run(empty, "create-key", "Ada")
    assert (code, out) == (4, "")
    assert (
        error == "create-key: PostgreSQL refuses: cannot execute INSERT in a read-only transaction (SQLSTATE 25006)\n"
    )


@pytest.mark.parametrize("arguments", [("migrate",), ("list-keys",)])
def test_without_postgresql_the_cause_is_one_line(stack, run, arguments):
    nobody = stack.url("db").rpartition("/")[0] + "/no_such_database"
    for database in ("postgresql://ada:hunter2@127.0.0.1:1/none", nobody):
        code, out, error = run(database, *arguments)
        assert (code, out, error.count("\n")) == (4, "", 1)
        assert error.startswith(f"{arguments[0]}: DATABASE_URL: no connection to PostgreSQL: ")
        assert "hunter2" not in error


def test_a_bad_setting_is_one_line(run):
    code, out, error = run("postgresql://ada:hunter2@host:port/none", "list-keys")
    assert (code, out, error.count("\n")) == (2, "", 1)
    assert error.startswith("DATABASE_URL=(not shown): must be ")


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "\udcff"])
def test_a_name_that_would_spoil_the_list_of_keys_is_refused(run, name, capsys):
    with pytest.raises(SystemExit) as stopped:
        run("postgresql://127.0.0.1:1/none", "create-key", name)
    assert stopped.value.code == 2
    assert "printable" in capsys.readouterr().err
