import json
import signal

import jsonschema
import pytest
from running_cli import TWENTY_MS, start

from loadtest.report.as_json import SCHEMA

# A whole run of each kind: its counts come from the database and the mock, its promises from the manifest.
ROWS = 200


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Home and command by kind, side by side: most of the time they wait for the mock."""
    commands = {}
    for kind in ("propertyradar", "campaign"):
        home = tmp_path_factory.mktemp(kind)
        (home / "slow.toml").write_text(f'latency_per = "row"\n{TWENTY_MS}')
        commands[kind] = home, start(
            home, "sizing", "--kind", kind, "--rows", ROWS, "--profile", home / "slow.toml",
            "--profile", "offline", "--workers", "2", "--json", home / "out.json", "--markdown", home / "out.md",
        )  # fmt: skip
    yield commands
    for _, process in commands.values():
        with process:
            if process.poll() is None:  # a test failed before it was read
                process.send_signal(signal.SIGINT)
                process.communicate()


@pytest.fixture(scope="module", params=["propertyradar", "campaign"])
def sized(request, runs):
    home, process = runs[request.param]
    out, err = process.communicate()
    assert process.returncode == 0, out + err
    return request.param, out, (home / "out.md").read_text(), json.loads((home / "out.json").read_text())


def test_everything_of_another_kind_is_counted_against_its_manifest(sized):
    kind, _, _, report = sized
    jsonschema.validate(report, json.loads(SCHEMA.read_text()), jsonschema.Draft202012Validator)
    assert {row["kind"] for row in report["rows"]} == {kind}
    mine, others = (
        (("properties", "links"), ("members",)) if kind == "propertyradar" else (("members",), ("properties",))
    )
    for row in report["rows"]:
        assert (row["source"], row["rows_total"], row["lost"], row["duplicated"]) == ("measured", ROWS, 0, 0)
        assert 0 < row["contacts_expected"] == row["contacts_db"]
        assert row["contacts_openphone"] in (None, row["contacts_expected"])
        for name in mine:
            assert 0 < row[f"{name}_expected"] == row[f"{name}_db"]
        for name in others:
            assert row[f"{name}_expected"] is row[f"{name}_db"] is None


def test_a_row_takes_its_latency_once_however_many_contacts_it_has(sized):
    kind, _, _, report = sized
    (slow,) = [row for row in report["rows"] if row["profile"] == "slow"]
    calls = slow["openphone_calls"]
    assert calls == slow["contacts_expected"]
    assert (calls > ROWS) == (kind == "propertyradar")
    # The clock of the mock adds up to a millisecond a call.
    assert slow["injected_seconds"] == pytest.approx(min(calls, ROWS) * 0.020, rel=0.06)


def test_an_import_of_another_kind_that_is_killed_is_whole_after_its_resume(sized):
    kind, _, _, report = sized
    (kill,) = report["kills"]
    assert kill["problems"] == []
    for name in ("properties", "links") if kind == "propertyradar" else ("members",):
        assert 0 < kill[f"{name}_expected"] == kill[f"{name}_after_resume"]


def test_the_reports_name_the_kind(sized):
    kind, terminal, markdown, _ = sized
    for text in (terminal, markdown):
        assert f"Imported: CSV files of kind {kind}" in text
