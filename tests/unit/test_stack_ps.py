import os
import sys

from loadtest.stack.base import ProcessInfo
from loadtest.stack.ps import parse, processes_below

OUTPUT = """\
    PID    PPID COMMAND
      1       0 /sbin/init
    900       1 /venv/bin/python3 /venv/bin/gunicorn --timeout=300 --workers=2 app:create_app()
    950     900 /venv/bin/python3 /venv/bin/gunicorn --timeout=300 --workers=2 app:create_app()
    901     900 /venv/bin/python3 /venv/bin/gunicorn --timeout=300 --workers=2 app:create_app()
    800       1 /venv/bin/python3 /venv/bin/gunicorn --timeout=30 --workers=1 app:create_app()
    801     800 /venv/bin/python3 /venv/bin/gunicorn --timeout=30 --workers=1 app:create_app()
    960     901 sh -c true
    970     900
"""


def test_only_the_master_and_what_descends_from_it_is_found():
    assert [(each.pid, each.kind) for each in parse(OUTPUT, 900)] == [
        (900, "master"),
        (950, "worker"),
        (901, "worker"),
        (970, "worker"),
        (960, "worker"),
    ]


def test_the_command_line_is_kept_whole():
    args = "/venv/bin/python3 /venv/bin/gunicorn --timeout=30 --workers=1 app:create_app()"
    assert parse(OUTPUT, 800) == [ProcessInfo(800, 1, args, "master"), ProcessInfo(801, 800, args, "worker")]


def test_a_master_that_is_gone_has_no_processes():
    assert parse(OUTPUT, 12345) == []


def test_a_process_that_is_its_own_parent_does_not_make_the_search_endless():
    assert [each.pid for each in parse("0 0 [swapper]\n2 0 [kthreadd]\n", 0)] == [0, 2]


def test_ps_of_this_process_shows_it_as_it_was_started():
    master = processes_below(os.getpid())[0]
    assert (master.pid, master.ppid, master.kind) == (os.getpid(), os.getppid(), "master")
    assert sys.argv[0] in master.args or "pytest" in master.args


def test_a_text_picks_the_processes_whose_command_line_has_it():
    assert processes_below(os.getpid(), "no such program runs here") == []
