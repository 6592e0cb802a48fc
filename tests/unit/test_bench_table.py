import re
from xml.etree import ElementTree

from bench_examples import WHOLE, recording, samples

from benchmarks import markdown, plot, table
from benchmarks.sticks import PEERS, YARDSTICKS

NAME, RATE, SHARE, SECONDS, N, LACKS = range(6)


def test_the_fastest_comes_first_and_imports_of_the_changed_file_at_the_end():
    names = [cells[NAME] for cells in table.rows(WHOLE, "contacts")]
    assert [name.partition(":")[0] for name in names] == [
        "heap", "limit", "floor", "timeoutlab", "SQLAlchemy Session.bulk_insert_mappings",
        "SQLAlchemy ORM, add and flush per row, 100 rows", "floor", "timeoutlab", "pgloader", "csvsql",
    ]  # fmt: skip
    assert names[-3].endswith(", 10% changed")


def test_a_row_says_rate_share_spread_and_what_is_left_out():
    found = {cells[NAME].partition(":")[0]: cells for cells in table.rows(WHOLE, "contacts")[:6]}
    assert found["timeoutlab"][RATE:] == ("800", "40.0%", "1.25 (1.20-9.00)", "3", "-")
    assert found["floor"][NAME].endswith("(anti-join)")
    assert (
        found["SQLAlchemy Session.bulk_insert_mappings"][LACKS]
        == "validation, duplicates, update, outbox and list, resume"
    )
    assert found["SQLAlchemy ORM, add and flush per row, 100 rows"][RATE] == "50"


def test_the_text_says_which_goals_are_missed_and_what_could_not_be_measured():
    said = table.text(WHOLE)
    assert "rate_over_limit 0.4 (wanted: at least 0.5; missed)" in said
    assert "time_over_floor 1.136 (wanted: at most 1.25)\n" in said
    assert re.search(r"(?m)^pgloader +(- +){4}not installed: make peers$", said)
    assert re.search(r"(?m)^csvsql +(- +){4}failed: boom$", said)
    assert said.count("pgloader") == 1
    assert max(map(len, said.splitlines())) <= 120


def test_markdown_has_as_many_cells_in_every_line():
    lines = markdown.table(WHOLE, "contacts").splitlines()
    assert {line.count("|") for line in lines} == {len(table.COLUMNS) + 1}
    assert any(line.startswith("| **timeoutlab: ") for line in lines)
    assert len(lines) == 2 + len(table.rows(WHOLE, "contacts"))


def test_ratios_stand_beside_what_is_wanted_of_them():
    lines = markdown.goals(WHOLE).splitlines()
    assert lines[0] == "| ratio | wanted | contacts |"
    assert "| `time_over_floor` | at most 1.25 | 1.14 |" in lines
    assert "| `rate_over_django_import_export` | at least 50 | - |" in lines


def bars(recorded):
    tree = ElementTree.fromstring(plot.svg(recorded, "contacts"))
    space = "{http://www.w3.org/2000/svg}"
    return [float(bar.get("width")) for bar in tree.findall(f"{space}rect")[1:]], tree.findall(f"{space}text")


def test_in_the_plot_ten_times_the_rate_is_always_the_same_length():
    widths, texts = bars(
        recording(samples("heap", 0.01), samples("limit", 0.1), samples("floor", 1), samples("timeoutlab", 10))
    )
    assert widths[0] - widths[1] == widths[1] - widths[2]
    assert widths == sorted(widths, reverse=True)
    assert {"100,000", "10,000", "1,000", "100", "timeoutlab"} <= {text.text for text in texts}


def test_a_plot_of_one_bar_or_none_is_one_too():
    assert len(bars(recording(samples("heap", 1)))[0]) == 1
    assert bars(recording())[0] == []


def test_in_the_plot_there_is_room_for_the_longest_name():
    names = [YARDSTICKS[name].DESCRIPTION for name in PEERS]
    assert max(map(len, names)) <= plot.LABEL_MAX_CHARS
