import re

import pytest
from sizing_examples import GUIDE, kill, killed, measurement, of_kind, only, property_run, recording, run

from loadtest.report import markdown, terminal
from loadtest.sizing import findings
from loadtest.sizing import verdict as verdicts
from loadtest.sizing.record import NotRun

LOST = only(
    measurement(1000, runs=[run(1000, call_ms=17), run(1000, call_ms=17, contacts_db=928)]),
    measurement(5000, runs=[killed(5000, 180)]),
    sizes=(1000, 5000, 70000),
    kills=(kill(lost=1),),
)
EMPTY = only(sizes=(1000,), not_run=(NotRun("measurement", "a service ended"),), interrupted=True)


def shown(made, **options):
    verdict = verdicts.judge(made, GUIDE)
    return terminal.text(verdict, findings.find(verdict), **options)


def marked(made):
    verdict = verdicts.judge(made, GUIDE)
    return markdown.text(verdict, findings.find(verdict))


def flat(text):
    return " ".join(text.split())


def test_the_terminal_table_reads_from_claim_to_what_to_do():
    lines = shown(recording()).splitlines()[5:]
    assert " ".join(lines[0].split()) == ("rows guide says took source n claim timeout verdict set instead holds up to")
    assert [" ".join(found.split()) for found in lines[2:8]] == [
        "1,000 10-20 s 16.3 s measured 1 within* 60 s HOLDS keep 39.9 ms/row",
        "5,000 50-100 s 81.2 s measured 1 within* 180 s HOLDS keep 23.9 ms/row",
        "10,000 100-200 s 162 s predicted - within* 300 s HOLDS keep 19.9 ms/row",
        "15,000 - 243 s predicted - - 300 s TIGHT 370 s 13.3 ms/row",
        "25,000 250-500 s 406 s predicted - within* 600 s TIGHT 610 s 16.0 ms/row",
        "50,000 500-1000 s 811 s predicted - within* 1,200 s TIGHT 1,220 s 16.0 ms/row",
    ]


def test_every_profile_has_its_table_and_the_judged_one_is_named():
    text = shown(recording(judged="openphone"))
    assert "openphone (judged): the vendor's limit: 10 requests per second per API key" in text
    assert "\noffline: no OpenPhone at all" in text


def test_the_last_lines_are_the_verdict_and_what_its_exit_code_means():
    *_, first, reason, other = shown(recording()).splitlines()
    assert first.startswith("VERDICT: PASS, exit code 0: the judged profile falsified no timeout")
    assert reason.startswith("- no timeout of the guide is too low under profile guide (2 measured, 4 predicted")
    assert "under profile openphone 6 of 6" in other


def test_a_failed_run_says_what_was_lost_and_where():
    text = flat(shown(LOST))
    assert "HOLDS !" in text
    assert "! not everything is accounted for." in text
    assert "1,000 rows: the database has 928 contacts, the manifest 930; 2 lost." in text
    assert "> 181 s measured 1 slower 180 s TOO LOW" in text
    assert "WRONG 1,000 rows under a timeout of 13 s" in text
    assert "Wrong: after the resume 1 lost." in text
    assert "VERDICT: FAIL, exit code 1" in text


def test_a_row_without_a_verdict_says_why():
    text = flat(shown(EMPTY))
    assert "1,000 10-20 s - - - - 60 s NOT RUN - -" in text
    assert "1,000 rows: a service ended." in text
    assert "VERDICT: INCONCLUSIVE, exit code 3: what was measured is not enough for a verdict." in text
    assert "by construction" not in text


def test_a_size_beyond_the_guide_has_no_verdict_but_a_timeout_to_set():
    assert re.search(r"70,000 - [\d,]+ s predicted - - - - [\d,]+ s -", flat(shown(LOST)))
    assert "the guide says nothing about files of this size" in shown(LOST)


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("made", [recording(), LOST, EMPTY])
def test_no_line_is_wider_than_asked_for_and_no_figure_is_cut(made, width):
    text = shown(made, width=width)
    assert max(len(found) for found in text.splitlines()) <= width
    assert "…" not in text
    assert not any(found != found.rstrip() for found in text.splitlines())


def test_nothing_is_said_by_colour_alone():
    coloured = shown(recording(), color=True)
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert flat(plain) == flat(shown(recording()))
    assert "\x1b" not in shown(recording())


def test_the_report_does_not_depend_on_where_it_is_made(monkeypatch):
    before = shown(recording())
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown(recording()) == before


def test_square_brackets_are_text_and_no_markup():
    failed = run(1000, outcome="failed", layer="openphone", seconds=1.0, detail="[red]400[/red]")
    assert "  1,000 rows: failed after 1.0 s (openphone): [red]400[/red]." in shown(
        only(measurement(1000, runs=[failed]))
    )


def test_the_markdown_table_marks_every_figure_as_measured_or_predicted():
    text = marked(recording())
    assert (
        "| 1,000 | guide | 10-20 s | 16.3 s (measured, n=1) | within\\* | 60 s | **HOLDS** | keep | 39.9 ms/row |"
        in text
    )
    assert (
        "| 50,000 | openphone | 500-1000 s | 4,689 s (predicted) | slower | 1,200 s | **TOO LOW** | 7,035 s |" in text
    )
    table = [found for found in text.splitlines() if found.startswith("| ") and " s (" in found]
    assert len(table) == 18
    assert all(("measured" in found) != ("predicted" in found) for found in table)


@pytest.mark.parametrize("made", [recording(), LOST, EMPTY])
def test_every_line_of_the_markdown_table_has_the_same_cells(made):
    table = [found for found in marked(made).splitlines() if found.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", found)) for found in table} == {10}


def test_the_markdown_starts_with_the_verdict_and_ends_with_the_machine():
    text = marked(recording())
    assert text.startswith("**PASS** (exit code 0): no timeout of the guide is too low")
    assert text.rstrip().endswith("workers 4, repeat 1, seed 1.")


def test_markup_in_a_message_stays_text_in_markdown():
    failed = run(1000, outcome="failed", layer="openphone", seconds=1.0, detail="a|b <i> *x* `y`")
    assert "a\\|b \\<i> \\*x\\* \\`y\\`" in marked(only(measurement(1000, runs=[failed])))


def test_another_kind_than_contacts_is_named_with_its_contacts_per_row():
    made = of_kind("propertyradar", property_run(1000))
    line = "Imported: CSV files of kind propertyradar, 1.20 contacts a row."
    assert shown(made).splitlines()[1] == line
    assert f"\n\n{line}\n\n" in marked(made)
    assert "of kind campaign." in shown(of_kind("campaign"))
    assert "of kind" not in shown(recording()) + marked(recording())


def test_a_kill_tells_of_its_properties_too():
    counts = {"properties_expected": 930, "properties_after_resume": 929, "links_expected": 1203}
    text = flat(shown(recording(kills=(kill(**counts),))))
    assert "930 of 930 contacts, 0 lost, 0 doubled, 929 of 930 properties, - of 1,203 links." in text
    assert "members" not in text
