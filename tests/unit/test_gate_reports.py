import json
from xml.etree import ElementTree

import pytest
from gate_examples import recording

from benchmarks.gate import as_json, junit, markdown, terminal
from benchmarks.gate.samples import TASKS

WILD = (0.6, 1.5, 0.9, 1.4, 0.7, 1.2, 0.8, 1.3, 1.0, 1.1)


def interrupted():
    found = recording()
    found.trouble = ("db ended half way", 3)
    return found


SLOWER, FASTER, SAME, NOISY = recording(1.2), recording(0.7), recording(), recording(noise=WILD)
EMPTY, SHORT, INTERRUPTED = recording(samples=[]), recording(rounds=3), interrupted()
ALL = [SLOWER, FASTER, SAME, NOISY, EMPTY, SHORT, INTERRUPTED]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (SLOWER, ["VERDICT: REGRESSION, exit code 1", "- contacts: 19.6% slower (+18.0% to +22.1%)"]),
        (
            FASTER,
            [
                "VERDICT: PASS, exit code 0",
                "- contacts: 30.2% faster (-31.1% to -28.8%)",
                "- nothing got worse by 10% or more",
            ],
        ),
        (SAME, ["VERDICT: PASS, exit code 0", "- nothing got worse by 10% or more"]),
        (NOISY, ["VERDICT: INCONCLUSIVE, exit code 3", "more rounds would settle it", "try --max-rounds"]),
        (EMPTY, ["VERDICT: INVALID, exit code 2", "- contacts: no sample of base", "- contacts: no sample of now"]),
        (SHORT, ["VERDICT: INCONCLUSIVE, exit code 3", "about 5 more rounds would settle it", "try --max-rounds 8,"]),
        (INTERRUPTED, ["VERDICT: INCONCLUSIVE, exit code 3", "- db ended half way"]),
    ],
)
def test_a_person_reads_the_verdict_and_why(found, said):
    text = terminal.text(found)
    for words in said:
        assert words in text
    assert "nothing got worse" not in text or "PASS" in text
    assert max(map(len, text.splitlines())) <= 120


def test_a_person_reads_what_was_compared_and_where_the_time_went():
    text = terminal.text(recording(1.1, normalise=0.35, tasks=TASKS))
    assert "base: main (111111111111); now: the working tree (222222222222 and what is not committed)" in text
    assert "10 rounds of 20,000 rows, seed 1; 2 cores, Linux 6.1, load 0.4 before" in text
    assert "where the time of a contacts import goes" in text
    [line] = {line for line in text.splitlines() if line.strip().startswith("normalise")}
    assert line.split()[:3] == ["normalise", "0.501", "0.772"]
    assert line.endswith("s *")


@pytest.mark.parametrize("found", ALL)
def test_markdown_says_the_same_in_tables_that_hold_together(found):
    text = markdown.text(found)
    verdict = terminal.text(found).partition("VERDICT: ")[2].partition(",")[0]
    assert text.startswith(f"**{verdict}** (exit code ")
    for block in text.split("\n\n"):
        lines = block.splitlines()
        if lines[0].startswith("|"):
            assert {line.replace("\\|", "").count("|") for line in lines} == {lines[0].count("|")}


@pytest.mark.parametrize(
    ("found", "failures", "errors", "type_"),
    [
        (SLOWER, 1, 0, "regression"),
        (FASTER, 0, 0, None),
        (SAME, 0, 0, None),
        (NOISY, 0, 1, "inconclusive"),
        (EMPTY, 0, 2, "invalid"),
        (INTERRUPTED, 0, 2, "invalid"),
    ],
)
def test_junit_has_a_case_for_each_measure_and_no_doubt_passes_for_one(found, failures, errors, type_):
    suite = ElementTree.fromstring(junit.text(found))
    assert [case.get("name") for case in suite] == ["contacts", "contacts memory"]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", str(failures), str(errors))
    assert {each.get("type") for each in suite.iter() if each.tag in ("failure", "error")} == (
        {type_} if type_ else set()
    )


@pytest.mark.parametrize("found", ALL)
def test_json_is_strict_and_has_the_verdict_and_every_sample(found):
    read = json.loads(as_json.text(found), parse_constant=pytest.fail)
    assert f"VERDICT: {read['verdict'].upper()}, exit code {read['exit_code']}" in terminal.text(found)
    assert len(read["samples"]) == len(found.samples)
    assert read["settings"]["threshold"] == 0.1
    assert "/base" not in as_json.text(found)
