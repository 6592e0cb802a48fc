import re
import subprocess
from pathlib import Path

import pytest

import config
from loadtest import cli
from loadtest.errors import UsageError
from loadtest.report import readme

ROOT = Path(config.__file__).parent
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", ["README.md", "docs/sizing.md"])
def test_the_tables_are_those_of_the_recorded_results(name):
    text = (ROOT / name).read_text()
    assert readme.with_tables(text) == text


def test_a_table_is_made_anew_from_what_its_marker_names():
    text = f"{readme.BEGIN.format('sizing-local')}\nold\n{readme.END}"
    assert "| 1,000 | guide |" in readme.with_tables(text)
    with pytest.raises(UsageError, match="nothing"):
        readme.with_tables(text.replace("sizing-local", "nothing"))


def test_a_file_without_markers_is_refused():
    with pytest.raises(ValueError, match="are not there"):
        readme.with_tables("# nothing")


def test_every_make_target_it_names_is_there():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\b(?= |`|$|\n)", README)) - {"docs"} <= targets


def test_every_command_of_timeoutlab_is_in_it():
    for name in cli.COMMANDS:
        assert f"timeoutlab {name}" in README or f"make {name}" in README


def test_every_file_it_points_to_is_there():
    paths = re.findall(r"\]\(([^)#:]+)\)|`((?:app|loadtest|fixtures|docs|tests)/[\w./-]*)`", README)
    for link, code in paths:
        assert (ROOT / (link or code)).exists(), link or code


def test_no_environment_variable_is_read_outside_of_config():
    reads = subprocess.run(
        ["grep", "-rnE", r"os\.(environ|getenv)", "app", "fixtures", "loadtest", "--include=*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert reads.stdout == ""
