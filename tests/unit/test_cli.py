import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

import config
from loadtest import cli
from loadtest import commands as command_line
from loadtest.errors import HarnessError, StackDied, StartError, UsageError


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """`run("sizing", "--rows", "1")`: exit code, stdout, stderr, in this process."""
    monkeypatch.setenv("TIMEOUTLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def main(*arguments):
        monkeypatch.setattr(sys, "argv", ["cli.py", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return left.value.code, *capsys.readouterr()

    return main


@pytest.fixture
def boom(monkeypatch, run):
    """`boom(error)`: runs a command that raises it."""

    def main(error):
        def callback():
            if isinstance(error, BaseException):
                raise error
            return error

        monkeypatch.setitem(cli.COMMANDS, "boom", ("made_up", "fails"))
        monkeypatch.setitem(sys.modules, "made_up", SimpleNamespace(boom=click.Command("boom", callback=callback)))
        return run("boom")

    return main


def commands(group=cli.cli, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = dict(commands())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("GUNICORN_TIMEOUT='x': must be a number"), 2),
        (config.ConfigError("GUNICORN_TIMEOUT='x': must be a number"), 2),
        (HarnessError("no kill was seen"), 3),
        (StackDied("db ended half way"), 3),
        (StartError("port 8080 on 127.0.0.1 is in use"), 4),
    ],
)
def test_every_error_of_the_harness_is_one_line_and_its_exit_code(boom, error, code):
    assert boom(error) == (code, "", f"error: {error}\n")


@pytest.mark.parametrize("result", [None, 0, 1, 3])
def test_what_a_command_returns_is_the_exit_code(boom, result):
    assert boom(result) == (result or 0, "", "")


def test_an_unexpected_error_is_one_line_that_says_where_its_traceback_is(boom, monkeypatch, tmp_path):
    monkeypatch.setattr(command_line.tempfile, "tempdir", str(tmp_path))
    code, out, err = boom(ZeroDivisionError("division by zero\nsecond line"))
    assert (code, out) == (3, "")
    said = re.fullmatch(
        r"error: unexpected ZeroDivisionError: division by zero; please report it with its traceback: (\S+)\n", err
    )
    written = Path(said[1]).read_text()
    assert written.startswith("Traceback")
    assert "in callback" in written


def test_where_no_file_can_be_written_an_unexpected_error_is_one_line_all_the_same(boom, monkeypatch, tmp_path):
    monkeypatch.setattr(command_line.tempfile, "tempdir", str(tmp_path / "nowhere"))
    code, _, err = boom(RuntimeError())
    assert code == 3
    assert re.fullmatch(r"error: unexpected RuntimeError: ; its traceback could not be written: .*\n", err)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_ctrl_c_is_130_and_one_line(boom, error):
    code, out, err = boom(error)
    assert (code, out) == (130, "")
    # click ends the line that the terminal's ^C is on
    assert err.strip() == "stopped by Ctrl-C; everything that was started has been stopped"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_that_end_a_command_are_named(boom, number):
    code, _, err = boom(command_line.Stopped(number.name))
    assert code == 130
    assert err.strip() == f"stopped by {number.name}; everything that was started has been stopped"


SLEEPER = """
import signal, sys, time, types, click
from loadtest import cli, commands as command_line
def sleep():
    try:
        print("asleep", flush=True)
        time.sleep(60)
    finally:
        print("cleared up", flush=True)
cli.COMMANDS["sleep"] = ("made_up", "")
sys.modules["made_up"] = types.SimpleNamespace(sleep=click.Command("sleep", callback=sleep))
sys.argv[1:] = ["sleep"]
"""


def asleep(before=""):
    process = subprocess.Popen(
        [sys.executable, "-c", f"{SLEEPER}\n{before}\ncli.main()"],
        cwd=config.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout.readline() == "asleep\n"
    return process


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_lets_a_command_clear_up(name):
    with asleep() as process:
        process.send_signal(signal.Signals[name])
        out, err = process.communicate()
    assert (process.returncode, out) == (130, "cleared up\n")
    by = "Ctrl-C" if name == "SIGINT" else name
    assert err.strip() == f"stopped by {by}; everything that was started has been stopped"


def test_nohup_is_respected():
    with asleep("signal.signal(signal.SIGHUP, signal.SIG_IGN); cli.main.__globals__") as process:
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert "stopped by SIGTERM" in process.communicate()[1]


@pytest.mark.parametrize("path", [(), *ALL], ids=" ".join)
def test_help_shows_how_to_use_the_command_and_does_nothing_else(run, path, tmp_path):
    code, out, err = run(*path, "--help")
    assert (code, err) == (0, "")
    *_, description = out.partition("\n\n")
    assert " ".join(("timeoutlab", *path)) in description.partition("Options:")[0], "an example"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_option_is_explained(path):
    for parameter in ALL[path].params:
        assert parameter.help, parameter.name


def test_without_a_command_the_help_is_shown_and_nothing_is_done(run):
    code, out, err = run()
    assert (code, out) == (2, "")
    assert err.startswith("Usage: timeoutlab [OPTIONS] COMMAND")


def test_the_list_of_commands_is_the_commands(run):
    shown = run("--help")[1]
    assert list(cli.COMMANDS) == re.findall(r"(?m)^  (\w+) {2,}\S", shown.partition("Commands:")[2])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sizng"], "No such command 'sizng'. (see timeoutlab --help)"),
        (["sizing", "--jsn"], "No such option '--jsn'. Did you mean '--json'? (see timeoutlab sizing --help)"),
        (["sizing", "1000"], "Got unexpected extra argument (1000) (see timeoutlab sizing --help)"),
        (["up", "--port", "0"], "Invalid value for '--port': 0 is not in the range 1<=x<=65535. (see timeoutlab up"),
        (["fixtures", "make", "--rows", "5"], "Missing option '-o' / '--output'. (see timeoutlab fixtures make"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line_that_names_it_and_where_to_read_on(run, arguments, said, tmp_path):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {said}")
    assert err.count("\n") == 1
    assert not (tmp_path / "home").exists()


class Forbidden:
    def __init__(self, *_, **__):
        raise AssertionError("something was started")


@pytest.fixture
def sizing(run, monkeypatch):
    monkeypatch.setattr("loadtest.stack.choice.LocalStack", Forbidden)
    monkeypatch.setattr("loadtest.sizing.command.fixture", Forbidden)
    for name in config.variables():
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: run("sizing", *arguments)


def refused(result, *said):
    code, out, err = result
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    for text in said:
        assert text in err


NO_SIZES = ["", "0", "-5", "abc", "1000,", ",", "1000,,5000", "1e3", "1_000", " 1000", "1.5", "2000001", "9" * 5000]
NO_SIZES += ["\N{ARABIC-INDIC DIGIT ONE}"]


@pytest.mark.parametrize("rows", NO_SIZES)
def test_sizes_that_are_none_are_refused_before_anything_is_started(sizing, rows):
    refused(sizing(f"--rows={rows}"), "'--rows'", "whole numbers of rows from 1 to 2,000,000")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--profile", "gide"], "no profile 'gide': choose one of"),
        (["--profile", "./nowhere.toml"], "nowhere.toml: cannot be read as a profile"),
        (["--profile", "guide", "--profile", "guide"], "name each profile once"),
        (["--judge", "degraded"], "--judge degraded: not among the profiles that are run (guide, offline, openphone)"),
        (["--kind", "people"], "'people' is not one of 'contacts', 'propertyradar', 'campaign'"),
        (["--repeat", "0"], "'--repeat'"),
        (["--repeat", "x"], "'--repeat'"),
        (["--workers", "1"], "'--workers'"),
        (["--json", "/nowhere/at/all.json"], "/nowhere/at/all.json: cannot be written: No such file or directory"),
        (["--markdown", "/proc/out.md"], "/proc/out.md: cannot be written"),
        (["--record", "/"], "'--record'"),
        (["--json", "one.out", "--markdown", "one.out"], "one.out: named for two results"),
    ],
)
def test_a_bad_option_is_refused_before_anything_is_started(sizing, arguments, said):
    refused(sizing(*arguments), said)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ("OPENPHONE_RATE = '10'", "profile mine: env.OPENPHONE_RATE: the app has no such setting"),
        ("OPENPHONE_RATE_PER_SECOND = '2.5'", "profile mine: OPENPHONE_RATE_PER_SECOND='2.5': must be a whole number"),
        ("OPENPHONE_SYNC = 'later'", "profile mine: OPENPHONE_SYNC='later': must be background or inline"),
        ("OPENPHONE_SYNC = 'background'", "profile mine: OPENPHONE_SYNC=background: needs the worker"),
    ],
)
def test_a_profiles_setting_that_the_app_would_refuse_is_refused_at_once(sizing, tmp_path, env, said):
    path = tmp_path / "mine.toml"
    path.write_text(f"[mock]\nlimit = {{ per_second = 0 }}\n[env]\n{env}\n")
    refused(sizing("--profile", str(path)), said)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GUNICORN_TIMEOUT", "300s", "GUNICORN_TIMEOUT='300s': must be a whole number"),
        ("GUNICORN_WORKERS", "1", "GUNICORN_WORKERS=1: must be 2 or more"),
        ("GUNICORN_CMD_ARGS", "--timeout 5", "GUNICORN_CMD_ARGS='--timeout 5': must not be set"),
        ("TIMEOUTLAB_KIND", "people", "TIMEOUTLAB_KIND='people': must be contacts or propertyradar or campaign"),
        ("TIMEOUTLAB_ROWS", "many", "TIMEOUTLAB_ROWS='many': must be a whole number"),
    ],
)
def test_a_bad_setting_of_the_callers_is_refused_before_anything_is_started(sizing, monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    refused(sizing(), said)


def test_verify_with_nothing_up_is_no_verdict(run, tmp_path):
    assert run("verify") == (
        3, "", "error: nothing is up; start the stack with `make up` (or timeoutlab up), then verify it\n",
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_verify_of_a_web_that_has_ended_is_no_verdict(run, monkeypatch):
    ended = SimpleNamespace(
        stack="local", process=lambda _: None, log_path=lambda service: f"/runs/1/{service}.log", settings={}
    )
    monkeypatch.setattr("loadtest.verify.command.state.Up", SimpleNamespace(load=lambda _: ended))
    assert run("verify") == (3, "", "error: web has ended; see /runs/1/web.log\n")


def test_verify_refuses_a_result_that_cannot_be_written_before_it_looks_at_anything(run):
    refused(run("verify", "--provoke", "--json", "/nowhere/out.json"), "/nowhere/out.json: cannot be written")


def test_a_home_that_cannot_be_used_is_named(run, monkeypatch):
    monkeypatch.setattr("loadtest.stack.choice.LocalStack", Forbidden)
    monkeypatch.setenv("TIMEOUTLAB_HOME", "/proc/home")
    code, _, err = run("sizing", "--rows", "1", "--profile", "offline")
    assert code == 2
    assert err.splitlines()[-1].startswith("error: TIMEOUTLAB_HOME=/proc/home: cannot be used: ")


def test_a_path_that_could_be_written_is_left_alone_when_the_run_is_refused(sizing, tmp_path):
    kept = tmp_path / "kept.json"
    kept.write_text("{}")
    refused(sizing("--json", str(kept), "--markdown", str(tmp_path / "new.md"), "--record", "/proc/x"))
    assert kept.read_text() == "{}"
    assert list(tmp_path.iterdir()) == [kept]
