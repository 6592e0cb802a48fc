import re
import subprocess
from pathlib import Path

import pytest

import config
from loadtest import cli
from loadtest.report import readme
from loadtest.sizing import record

ROOT = Path(config.__file__).parent
README = (ROOT / "README.md").read_text()


def test_the_table_is_that_of_the_recorded_results():
    recording = record.load(ROOT / "docs" / "results" / "sizing-local.json")
    assert readme.with_table(README, recording) == README


def test_a_readme_without_the_markers_is_refused():
    recording = record.load(ROOT / "docs" / "results" / "sizing-local.json")
    with pytest.raises(ValueError, match="must be there once"):
        readme.with_table("# nothing", recording)


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
