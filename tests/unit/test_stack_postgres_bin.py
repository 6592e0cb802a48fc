import pytest

import config
from loadtest.errors import StartError
from loadtest.stack import pgfiles


def fake(directory, says):
    program = directory / "postgres"
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    return directory


@pytest.mark.parametrize(
    ("says", "version"),
    [("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 15), ("postgres (PostgreSQL) 19devel", 19)],
)
def test_the_version_is_what_the_program_says(tmp_path, says, version):
    assert pgfiles._version(fake(tmp_path, says)) == version


@pytest.mark.parametrize("says", ["postgres (PostgreSQL) 14.9", "something else", ""])
def test_a_postgresql_that_is_too_old_is_named(tmp_path, says):
    with pytest.raises(StartError) as error:
        pgfiles._version(fake(tmp_path, says))
    assert str(error.value) == f"TIMEOUTLAB_POSTGRES_BIN: PostgreSQL 15 or newer is needed, this is {says!r}"


def test_a_directory_without_postgresql_is_named(tmp_path):
    with pytest.raises(StartError, match=f"TIMEOUTLAB_POSTGRES_BIN: {tmp_path}/postgres could not be run"):
        pgfiles._version(tmp_path)


def test_the_directory_must_be_an_absolute_path():
    with pytest.raises(config.ConfigError, match="TIMEOUTLAB_POSTGRES_BIN='bin': must be an absolute path"):
        config.load_harness_settings({"TIMEOUTLAB_POSTGRES_BIN": "bin"})
