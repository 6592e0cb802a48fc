import csv
import io
import json
import signal
import sys
import time

import pytest
from importing import UNLIMITED, App, csv_of, numbers, people
from relay import Relay
from running_cli import start, until

from fixtures.cache import fixture
from loadtest import cli
from loadtest.stack.ports import HOST, free_port


def variables(app, url=None):
    return {"TIMEOUTLAB_API_KEY": app.trial.api_key, "TIMEOUTLAB_HOST": url or app.url}


@pytest.fixture
def send(monkeypatch, capsys, tmp_path):
    """`send(app, path, *options)`: exit code, stdout, stderr and --json of `timeoutlab import`, in this process."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    found = tmp_path / "result.json"

    def main(app, path, *options, url=None, kind="contacts"):
        for name, value in {"TIMEOUTLAB_HOME": tmp_path, **variables(app, url)}.items():
            monkeypatch.setenv(name, str(value))
        arguments = ["import", path, "--kind", kind, "--json", found, *options]
        monkeypatch.setattr(sys, "argv", ["cli.py", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        result = json.loads(found.read_text()) if found.exists() else None
        return left.value.code, *capsys.readouterr(), result

    return main


def imports(app, **where):
    """(id, rows) of each import, in order; those to a list if it is named."""
    query = "SELECT imports.id::text, rows_total FROM imports LEFT JOIN lists ON lists.id = list_id"
    named = " WHERE lists.name = %s" if where else ""
    return app.sql(f"{query}{named} ORDER BY number", tuple(where.values()))


def file_of(home, rows, area, kind="contacts"):
    path, manifest = fixture(kind, rows, area=area, cache_dir=home / "fixtures")
    mine = home / f"{kind}-{area}.csv"
    mine.write_bytes(path.read_bytes())
    return mine, manifest


@pytest.fixture
def app(stack, make_trial):
    env = {"OPENPHONE_RATE_PER_SECOND": "0", "GUNICORN_WORKERS": "3", "API_RATE_PER_MINUTE": "0"}
    return App(stack, make_trial(env, UNLIMITED))


def test_a_client_that_is_killed_goes_on_where_it_was_and_sends_no_part_twice(send, app, tmp_path):
    path, manifest = file_of(tmp_path, 3000, area=40)
    options = (path, "--kind", "contacts", "--chunk-rows", "500")
    with start(tmp_path, "import", *options, **variables(app)) as killed:
        until(killed, lambda: len(imports(app)) == 3)
        killed.send_signal(signal.SIGKILL)
    journals = list((tmp_path / "imports").iterdir())
    assert len(journals) == 1
    assert len(json.loads(journals[0].read_text())["imports"]) == 2

    code, out, err, result = send(app, path, "--chunk-rows", 500, "--errors", tmp_path / "errors.csv")
    assert code == 0, err
    assert [rows for _, rows in imports(app)] == [500] * 6
    assert [part["uploaded"] for part in result["parts"]] == [False, False, True, True, True, True]
    assert [part["import_id"] for part in result["parts"]] == [import_id for import_id, _ in imports(app)]
    assert (result["verdict"], result["rows_total"], result["rows_rejected"]) == (
        "complete", manifest.rows, manifest.rows_invalid,
    )  # fmt: skip
    assert result["contacts_failed"] == 0
    assert len(app.stored()) == manifest.contacts_expected
    assert app.stored() == app.synced()
    assert "3,000 of 3,000 rows in 6 parts" in out
    assert "part 1 of 6: rows 1-500 of 3,000, " in err

    # Every rejected row with its number in the whole file, and as it was in it.
    rejected = list(csv.reader(io.StringIO((tmp_path / "errors.csv").read_text("utf-8-sig"), newline="")))
    assert [int(row[0]) for row in rejected[1:]] == [row["row"] for row in manifest.invalid_rows]
    assert rejected[0][:2] == ["error_row", "error_column"]

    # Once more: everything is in already, nothing is sent.
    code, _, err, again = send(app, path, "--chunk-rows", 500)
    assert (code, len(imports(app))) == (0, 6), err
    assert not any(part["uploaded"] for part in again["parts"])
    assert {**again, "parts": [], "seconds": 0} == {**result, "parts": [], "seconds": 0}


def test_a_part_whose_worker_is_killed_at_its_timeout_is_resumed(send, stack, make_trial, tmp_path):
    env = {
        "GUNICORN_TIMEOUT": "2", "GUNICORN_WORKERS": "2", "OPENPHONE_RATE_PER_SECOND": "0",
        "DB_STATEMENT_TIMEOUT_MS": "60000", "API_RATE_PER_MINUTE": "0",
    }  # fmt: skip
    app = App(stack, make_trial(env, UNLIMITED))
    app.profile(latency={"kind": "fixed", "ms": 30})
    path, manifest = file_of(tmp_path, 130, area=41)
    # 120 rows make over 105 contacts, 30 ms each: 3.2 s at the least, and a kill comes after 3 s at the most.
    code, _, err, result = send(app, path, "--chunk-rows", 120, "--attempts", 3)
    assert code == 0, err
    assert "WORKER TIMEOUT" in app.trial.logs()
    assert "HTTP 500: the worker was killed, most likely at its timeout; again in" in err
    assert "was interrupted at row 120: going on" in err
    assert [rows for _, rows in imports(app)] == [120, 10]
    assert (result["verdict"], result["contacts_synced"]) == ("complete", result["contacts_to_sync"])
    assert app.stored() == app.synced()
    assert len(app.stored()) == app.mock("counters")["created"] == manifest.contacts_expected


def small_file(home, count=6, name="small"):
    phones = numbers(count)
    path = home / f"{name}.csv"
    path.write_bytes(people(phones))
    return path, phones


@pytest.mark.parametrize(
    ("fault", "said", "seconds"),
    [
        ((429, {"Retry-After": "2"}), "HTTP 429; again in 2 s", 2),
        ("cut", "the connection was cut without an answer", 0),
    ],
)
def test_what_passes_is_waited_for_and_nothing_is_doubled(send, offline, tmp_path, fault, said, seconds):
    path, phones = small_file(tmp_path, name=f"passing {said}".replace(";", ""))
    relay = Relay(offline.url, None, fault)
    began = time.monotonic()
    with relay.running() as url:
        code, _, err, result = send(offline, path, "--chunk-rows", 2, url=url)
    assert code == 0, err
    assert said in err
    assert time.monotonic() - began >= seconds
    assert relay.uploads == 4
    assert (result["created"], len(imports(offline, list=path.stem))) == (6, 3)
    assert offline.stored(phones) == phones


def test_attempts_run_out_and_the_next_run_goes_on(send, offline, tmp_path):
    path, phones = small_file(tmp_path, name="running out")
    relay = Relay(offline.url, None, *[(502, {})] * 2)
    with relay.running() as url:
        code, out, err, result = send(offline, path, "--chunk-rows", 2, "--attempts", 2, url=url)
        assert (code, out) == (3, "")
        assert err.endswith("error: HTTP 502; gave up after 2 attempts in a row that brought nothing\n")
        assert "1 of 3 parts are in; run the same command to go on" in err
        assert (result["verdict"], result["parts_in"], result["parts_total"]) == ("incomplete", 1, 3)
        code, _, err, result = send(offline, path, "--chunk-rows", 2, url=url)
    assert (code, result["created"]) == (0, 6), err
    assert relay.uploads == 1 + 2 + 2
    assert offline.stored(phones) == phones


def test_ctrl_c_says_how_to_go_on(offline, tmp_path):
    path, _ = small_file(tmp_path, name="interrupted")
    relay = Relay(offline.url, None, (429, {"Retry-After": "60"}))
    with relay.running() as url:
        arguments = ("import", path, "--kind", "contacts", "--chunk-rows", "2")
        with start(tmp_path, *arguments, **variables(offline, url)) as command:
            until(command, lambda: relay.uploads == 2)
            command.send_signal(signal.SIGINT)
            _, err = command.communicate()
    assert command.returncode == 130
    assert "1 of 3 parts are in; run the same command to go on" in err


def test_a_restart_sends_everything_again(send, offline, tmp_path):
    path, _ = small_file(tmp_path, name="again")
    results = [send(offline, path, "--chunk-rows", 3, *more)[3] for more in ([], [], ["--restart"])]
    assert [result["created"] for result in results] == [6, 6, 0]
    assert results[2]["unchanged"] == 6
    assert len(imports(offline, list="again")) == 4


def test_without_chunks_the_file_is_one_request_as_it_is(send, offline, tmp_path):
    path, _ = small_file(tmp_path, name="whole")
    code, out, err, _ = send(offline, path, "--list", "somewhere else")
    assert code == 0, err
    assert "6 of 6 rows in one request, list 'somewhere else'" in out
    assert offline.newest()["filename"] == "whole.csv"


@pytest.mark.parametrize("kind", ["contacts", "propertyradar", "campaign"])
def test_to_import_the_parts_is_to_import_the_file(send, offline, tmp_path, kind):
    path, manifest = file_of(tmp_path, 120, {"contacts": 42, "propertyradar": 43, "campaign": 44}[kind], kind)
    code, _, err, result = send(offline, path, "--chunk-rows", 40, kind=kind)
    assert code == 0, err
    rows = (result["rows_total"], result["rows_rejected"], len(result["parts"]))
    assert rows == (manifest.rows, manifest.rows_invalid, 3)
    counts = {target: made["created"] for target, made in result["counts"].items()}
    assert counts["contacts"] == manifest.contacts_expected
    assert counts.get("properties", 0) == manifest.properties_expected
    assert counts.get("members", 0) == manifest.members_expected
    # The whole file in one request has nothing to add to what its parts have brought.
    code, _, err, whole = send(offline, path, kind=kind)
    assert code == 0, err
    assert (whole["created"], whole["updated"], whole["rows_duplicate"]) == (0, 0, manifest.duplicates)


@pytest.mark.parametrize(("options", "expected"), [((), 0), (("--strict",), 1)])
def test_a_rejected_row_is_a_failure_only_if_that_was_asked_for(send, offline, tmp_path, options, expected):
    path = tmp_path / "rejected.csv"
    path.write_bytes(people([*numbers(3), "n/a"]))
    errors = tmp_path / "errors.csv"
    code, out, _, result = send(offline, path, "--chunk-rows", 1, "--errors", errors, *options)
    assert (code, result["verdict"], result["rows_rejected"]) == (expected, "complete", 1)
    assert "1 rejected" in out
    assert errors.read_text("utf-8-sig").splitlines()[1].startswith("4,phone,n/a,")


def test_a_file_of_nothing_but_rejected_rows_is_a_failed_import(send, offline, tmp_path):
    path = tmp_path / "nothing.csv"
    path.write_bytes(people(["n/a", "n/b"]))
    code, out, _, result = send(offline, path, "--chunk-rows", 1)
    assert (code, result["verdict"], result["parts_in"]) == (1, "failed", 2)
    assert "FAIL: no row could be imported" in out


def test_a_duplicate_under_fail_is_a_failed_import(send, offline, tmp_path):
    [phone] = numbers(1)
    path = tmp_path / "twice.csv"
    path.write_bytes(people([phone, phone]))
    code, out, _, _ = send(offline, path, "--on-duplicate", "fail")
    assert code == 1
    assert "FAIL: import " in out
    assert offline.stored([phone]) == []


def test_a_quote_that_is_never_closed_is_found_before_anything_is_sent(send, offline, tmp_path):
    path = tmp_path / "open.csv"
    path.write_bytes(csv_of([[phone, "Ada"] for phone in numbers(4)]) + b'"\n')
    code, _, err, result = send(offline, path, "--chunk-rows", 1)
    assert (code, result) == (2, None)
    assert "line 6: the quote that is opened here is never closed" in err
    assert imports(offline, list="open") == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--api-key", "tl_wrong"], "does not take the API key"),
        (["--campaign", "x"], "--campaign: contacts of kind contacts go to a list; use --list"),
        (["--on-duplicate", "fail", "--chunk-rows", "5"], "leave out --chunk-rows"),
        (["--list", "x" * 201], "HTTP 400: The option list must be a name of 1 to 200 characters"),
        (["--url", "nowhere"], "--url 'nowhere': must be a URL"),
        (["--errors", "/nowhere/at/all.csv"], "cannot be written"),
    ],
)  # fmt: skip
def test_what_cannot_go_well_is_one_line_and_exit_code_2(send, offline, tmp_path, options, said):
    path, _ = small_file(tmp_path, 1)
    code, _, err, _ = send(offline, path, *options)
    assert code == 2
    assert said in err.splitlines()[-1]


def test_nobody_at_the_url_is_exit_code_4(send, offline, tmp_path):
    path, _ = small_file(tmp_path, 1)
    code, _, err, _ = send(offline, path, "--url", f"http://{HOST}:{free_port()}")
    assert code == 4
    assert "(refused); is the app up there?" in err
