import re

import click
import pytest
import yaml

import config
from benchmarks.gate.command import gate
from benchmarks.gate.options import plan
from benchmarks.gate.self_test import self_test
from loadtest.errors import UsageError

DOC = (config.ROOT / "docs" / "gate.md").read_text()
WORKFLOW = config.ROOT / ".github" / "workflows" / "bench.yml"


def options(command):
    return {name for parameter in command.params for name in parameter.opts}


def test_every_option_is_in_the_docs_and_none_that_is_not_there():
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", DOC)) - {"--unshallow"}
    assert used - {"--repeats"} == options(gate)
    assert {"--repeats"} <= options(self_test)


@pytest.mark.parametrize("text", [DOC, WORKFLOW.read_text()], ids=["docs", "workflow"])
def test_every_command_line_would_be_understood(text):
    lines = re.findall(r"-m benchmarks (gate|self-test) ([^#`&|]*)", text.replace("\\\n", " "))
    assert lines
    for name, line in lines:
        command = gate if name == "gate" else self_test
        assert set(re.findall(r"--[a-z-]+", line)) <= options(command)


def test_the_workflow_s_actions_are_pinned_by_their_major_version():
    steps = [step for job in yaml.safe_load(WORKFLOW.read_text())["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"actions/[a-z-]+@v[0-9]+", name)] == []


def test_at_most_so_many_rounds_are_not_less_than_at_least():
    assert plan(100, 1, 5, 5, ()).tasks == ("contacts", "propertyradar", "phone")
    assert plan(100, 1, 5, 5, ("phone", "contacts")).tasks == ("contacts", "phone")
    with pytest.raises(UsageError, match="--max-rounds 4: must not be less than --rounds 5"):
        plan(100, 1, 5, 4, ())


def test_a_self_test_needs_an_import_as_the_delay_is_one_of_imports():
    with pytest.raises(UsageError, match="--measure"):
        self_test.main(["--measure", "phone"], standalone_mode=False)


def test_a_result_that_can_t_be_written_is_said_before_anything_is_measured(tmp_path):
    with pytest.raises(click.BadParameter, match="no-such-directory"):
        gate.main(["--base", "HEAD", "--json", str(tmp_path / "no-such-directory" / "x")], standalone_mode=False)
