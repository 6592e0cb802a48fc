import re
import subprocess
import sys

import click
import pytest

import config
from benchmarks import __main__ as benchmarks
from benchmarks import peers, sticks
from benchmarks.yardsticks.bench import LeftOutError
from benchmarks.yardsticks.peer import PeerStick
from loadtest.errors import UsageError


def bench(*arguments, through=("-m", "loadtest.cli", "bench")):
    done = subprocess.run(
        [sys.executable, *through, *arguments], cwd=config.ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


def test_timeoutlab_bench_is_python_m_benchmarks_with_its_arguments_and_exit_code():
    directly = bench("run", "--only", "nothing,heap", through=("-m", "benchmarks"))
    assert directly == bench("run", "--only", "nothing,heap")
    code, out, err = directly
    assert (code, out) == (2, "")
    assert err.startswith("error: --only: nothing is not known; there are: heap, limit, floor, timeoutlab, ")


@pytest.mark.parametrize("name", benchmarks.COMMANDS)
def test_help_shows_how_to_use_the_command(name):
    command = benchmarks.cli.get_command(click.Context(benchmarks.cli), name)
    assert all(parameter.help for parameter in command.params)
    assert f"python -m benchmarks {name} --" in command.get_help(click.Context(command, info_name=name))


def test_the_list_of_commands_loads_none_of_them():
    code, out, _ = bench("--help", through=("-m", "benchmarks"))
    assert code == 0
    assert re.findall(r"(?m)^  ([\w-]+) {2,}\S", out.partition("Commands:")[2]) == list(benchmarks.COMMANDS)


def test_the_harness_runs_it_and_never_imports_it():
    found = subprocess.run(
        ["grep", "-rnE", r"^\s*(from|import) (benchmarks|app)\b", "loadtest", "fixtures"],
        cwd=config.ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.stdout == ""


def test_peers_can_be_asked_for_all_at_once():
    assert list(sticks.choose(["peers"])) == list(peers.NAMES)
    assert list(sticks.choose(["timeoutlab", "heap", "heap"])) == ["heap", "timeoutlab"]
    with pytest.raises(UsageError, match="--only:  is not known"):
        sticks.choose([""])


@pytest.mark.parametrize("name", peers.NAMES)
def test_a_peer_says_what_it_is_and_what_it_does_not_do_even_where_it_is_not_installed(name):
    peer = peers.find(name)
    assert peer.DESCRIPTION
    assert {"validation", "phone validation"} & set(peer.LACKS)
    assert "resume" in peer.LACKS
    assert set(peer.LACKS) <= {"validation", "phone validation", "duplicates", "update", peers.OTHER_TABLES, "resume"}
    assert 1_000 <= peer.ROWS <= 50_000


def test_what_writes_all_that_the_import_writes_does_not_lack_it():
    whole = [name for name in peers.NAMES if peers.OTHER_TABLES not in peers.find(name).LACKS]
    assert whole == ["bulk_insert_mappings_whole"]


def test_a_peer_that_is_not_installed_is_left_out_with_what_to_do(monkeypatch):
    monkeypatch.setattr(peers.find("csvsql"), "REQUIRES", "no_such_module")
    monkeypatch.setattr(peers.find("pgloader"), "REQUIRES", "no-such-program")
    for name, install in (("csvsql", "make peers"), ("pgloader", "apt-get install pgloader")):
        with pytest.raises(LeftOutError, match=f"not installed: {install}"):
            next(PeerStick(name).measure(None))
