import shutil
import subprocess
import sys

import pytest

import config
from benchmarks.gate.checkout import LOCK, interpreter
from loadtest.errors import StartError


def test_a_tree_with_the_same_lock_file_runs_with_this_interpreter(tmp_path):
    shutil.copy(config.ROOT / LOCK, tmp_path)
    said = []
    assert str(interpreter(tmp_path / LOCK, tmp_path, said.append)) == sys.executable
    assert said == []


def test_a_tree_with_another_gets_an_environment_of_its_own_once(tmp_path):
    lock = tmp_path / LOCK
    lock.write_text("# nothing at all\n")
    said = []
    python = interpreter(lock, tmp_path, said.append)
    prefix = subprocess.run([python, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True)
    assert prefix.stdout.strip() == str(python.parents[1])
    assert python.parents[1].parent == tmp_path / "gate" / "venvs"
    assert interpreter(lock, tmp_path, said.append) == python
    assert len(said) == 1
    lock.write_text("# something else\n")
    assert interpreter(lock, tmp_path, said.append) != python


def test_one_that_can_t_be_installed_is_said_and_not_kept(tmp_path):
    lock = tmp_path / LOCK
    lock.write_text("no requirement at all\n")
    for _ in range(2):
        with pytest.raises(StartError, match="Invalid requirement"):
            interpreter(lock, tmp_path, lambda _: None)
