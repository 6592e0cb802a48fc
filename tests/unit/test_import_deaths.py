import os
from types import SimpleNamespace

import pytest

from app import gunicorn_hooks
from app.imports.deaths import collect, note, process_name


def test_ends_are_read_once_in_their_order(tmp_path):
    path = str(tmp_path / "deaths")
    note(path, 7, timeout=True)
    note(path, 8, timeout=False)
    assert [(death.process, death.kind) for death in collect(path)] == [
        (process_name(7), "timeout"),
        (process_name(8), "exit"),
    ]
    assert collect(path) == []
    note(path, 9, timeout=False)
    assert [death.process for death in collect(path)] == [process_name(9)]


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path):
    path = tmp_path / "deaths"
    path.write_text('{"process": "a:1", "ki\n{"process": "a:2", "kind": "exit", "at": 1.0}\n[]\n')
    assert [death.process for death in collect(str(path))] == ["a:2"]


def test_a_file_that_can_not_be_written_never_stops_the_arbiter(tmp_path):
    note(str(tmp_path / "nowhere" / "deaths"), 1, timeout=True)
    assert collect(str(tmp_path / "nowhere" / "deaths")) == []


@pytest.mark.parametrize(("aborted", "kind"), [(True, "timeout"), (False, "exit")])
def test_the_hook_tells_a_timeout_from_another_end(tmp_path, monkeypatch, aborted, kind):
    path = str(tmp_path / "deaths")
    monkeypatch.setattr(gunicorn_hooks, "_deaths_file", lambda: path)
    gunicorn_hooks.child_exit(None, SimpleNamespace(pid=os.getpid(), aborted=aborted))
    assert [(death.process, death.kind) for death in collect(path)] == [(process_name(), kind)]
