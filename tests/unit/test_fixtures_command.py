import json

import pytest
from click.testing import CliRunner

from fixtures import checksums, command
from fixtures.manifest import Manifest


def run(*arguments):
    return CliRunner().invoke(command.fixtures, [str(argument) for argument in arguments])


def test_make_writes_the_csv_and_its_manifest_and_says_the_truth(tmp_path):
    path = tmp_path / "list.csv"
    result = run("make", "--kind", "contacts", "--rows", 100, "--seed", 3, "--area", 2, "-o", path)
    assert result.exit_code == 0
    assert "93 contacts, 5 invalid rows and 2 duplicates" in result.stdout
    assert result.stderr == ""
    manifest = Manifest.load(tmp_path / "list.manifest.json")
    assert (manifest.kind, manifest.rows, manifest.seed, manifest.area) == ("contacts", 100, 3, 2)
    assert path.stat().st_size == manifest.bytes


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("propertyradar", "contacts, 93 properties, {links} links between them, 5 invalid rows and 2 duplicates"),
        ("campaign", "93 contacts, 93 members of the campaign, 5 invalid rows and 2 duplicates"),
    ],
)
def test_make_says_what_else_a_kind_brings(tmp_path, kind, said):
    result = run("make", "--kind", kind, "--rows", 100, "-o", tmp_path / "list.csv")
    assert result.exit_code == 0
    manifest = Manifest.load(tmp_path / "list.manifest.json")
    assert manifest.kind == kind
    assert said.format(links=manifest.links_expected) in result.stdout


def test_help_of_make_lists_the_kinds():
    assert "contacts, propertyradar, campaign." in run("make", "--help").stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rows", "0"], "rows must be 1 to 2,000,000, not 0"),
        (["--rows", "many"], "'many' is not a valid integer"),
        (["--rows", "1", "--area", "10000"], "areas are 0 to 9999"),
        (["--rows", "1", "--seed", "-1"], "seed must be 0 or more"),
        (["--rows", "1", "--kind", "postcards"], "the kinds are: contacts, propertyradar, campaign"),
        ([], "Missing option '--rows'"),
    ],
)
def test_a_bad_option_is_a_usage_error_that_says_what_is_allowed(tmp_path, options, said):
    result = run("make", *options, "-o", tmp_path / "list.csv")
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_not_there_is_a_usage_error(tmp_path):
    result = run("make", "--rows", 1, "-o", tmp_path / "nowhere" / "list.csv")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


def test_help_shows_an_example_as_a_line_to_copy():
    for arguments in ([], ["make"], ["checksums"]):
        lines = run(*arguments, "--help").stdout.splitlines()
        assert any(line.startswith("    timeoutlab fixtures ") for line in lines), lines


def small(monkeypatch, tmp_path):
    """The sums of small files, somewhere else."""
    monkeypatch.setattr(checksums, "PATH", tmp_path / "checksums.json")
    monkeypatch.setattr(checksums, "SAMPLES", tmp_path)
    monkeypatch.setattr(checksums, "STANDARD_ROWS", (3, 5))


def test_checksums_written_are_found_equal_until_one_is_changed(monkeypatch, tmp_path):
    small(monkeypatch, tmp_path)
    assert run("checksums", "--write").exit_code == 0
    for kind in ("contacts", "propertyradar", "campaign"):
        assert (tmp_path / f"{kind}-1000.csv").exists()
    agreed = run("checksums")
    assert (agreed.exit_code, agreed.stdout) == (0, "all 6 files are as in checksums.json\n")

    written = json.loads((tmp_path / "checksums.json").read_text())
    written["sha256"]["contacts-5"] = "00"
    (tmp_path / "checksums.json").write_text(json.dumps(written))
    differing = run("checksums")
    assert differing.exit_code == 1
    assert "contacts-5: made" in differing.stderr


def test_a_bar_shows_only_on_a_terminal_and_past_the_quiet_time(monkeypatch, capsys):
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setattr(command, "_QUIET_SECONDS", 3600)
    with command._progress("making rows", 10) as show:
        show(10)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(command, "_QUIET_SECONDS", -1)
    with command._progress("making rows", 10) as show:
        show(10)
    assert "making rows" in capsys.readouterr().err
