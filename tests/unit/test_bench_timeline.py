import re
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import stages
from app.stages import STAGES
from benchmarks.timeline import spans, svg, tape, text
from benchmarks.timeline.recording import Interval, Timeline
from benchmarks.timeline.tape import Tape, TapedClock

MACHINE = {"processor": "Intel(R) Xeon(R) CPU @ 2.80GHz", "cores": 2, "python": "3.11.7", "load_before": 0.31}
TWO_CHUNKS = Timeline(
    "contacts",
    200,
    again=False,
    seconds=10.0,
    intervals=(
        Interval("import", "store", 0.0, 1.0),
        Interval("import", "waits", 1.0, 9.0),
        Interval("import", "other", 9.0, 10.0),
        Interval("reading", "read", 1.0, 2.0),
        Interval("reading", "normalise", 2.0, 4.0),
        Interval("reading", "waits", 4.0, 4.25),
        Interval("reading", "read", 4.25, 7.0),
        Interval("merge 2", "merge", 6.0, 7.5),
        Interval("merge 2", "waits", 7.5, 8.0),
        Interval("merge 1", "copy", 4.0, 5.0),
        Interval("merge 1", "merge", 5.0, 9.0),
        Interval("PostgreSQL", "COPY", 4.0, 5.0),
        Interval("PostgreSQL", "statement", 5.0, 8.25),
        Interval("PostgreSQL", "statement", 5.5, 6.0),
        Interval("PostgreSQL", "commit", 8.25, 9.0),
    ),
)

some_spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8)).map(lambda span: (span[0], span[0] + span[1])))


def instants(of):
    return {at for begin, end in of for at in range(begin, end)}


@given(some_spans, some_spans)
def test_what_spans_have_in_common_is_what_both_have_at_an_instant(some, others):
    found = spans.common(some, others)
    assert instants(found) == instants(some) & instants(others)
    assert spans.seconds(found) == len(instants(found))


@given(some_spans)
def test_a_union_has_every_instant_once_and_in_order(some):
    found = spans.union(some)
    assert instants(found) == instants(some)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    assert spans.seconds(some) == len(instants(some))


def test_the_figures_say_who_worked_and_who_waited():
    found = TWO_CHUNKS.figures()
    assert (found.total, found.import_worked, found.import_waited) == (10.0, 2.0, 8.0)
    assert (found.reading_worked, found.reading_waited) == (5.75, 0.25)
    assert found.postgresql_worked == 5.0, "a statement beside another counts once"
    assert (found.merging_worked, found.merging_at_once) == (5.0, 1.5)
    assert found.at_once == 2.75, "from 4.25 to 7: before, nothing is merged, or the reading waits"


@pytest.fixture
def hand(monkeypatch):
    now = [100.0]
    for module in (stages, tape):
        monkeypatch.setattr(module, "perf_counter", lambda: now[0])

    def move(seconds):
        now[0] += seconds

    return move


def test_a_clocks_lane_has_no_gap_and_an_inner_stage_interrupts_the_outer_one(hand):
    clock = TapedClock(taped := Tape())
    hand(1)
    with clock.stage("merge"):
        hand(2)
        with clock.stage("copy"):
            hand(4)
        hand(8)
    hand(16)
    clock.waited(4.0, {"read": 1.0})
    hand(32)
    assert clock.stop() == 163.0
    assert taped.between(100.0, 163.0) == [
        ("import", "other", 0.0, 1.0),
        ("import", "merge", 1.0, 3.0),
        ("import", "copy", 3.0, 7.0),
        ("import", "merge", 7.0, 15.0),
        ("import", "other", 15.0, 27.0),
        ("import", "waits", 27.0, 31.0),
        ("import", "other", 31.0, 63.0),
    ]


def test_it_counts_a_stages_seconds_as_the_apps_clock_does(hand):
    clock = TapedClock(Tape())
    with clock.stage("merge"):
        hand(2)
    clock.waited(3.0, {"read": 1.0, "normalise": 2.0})
    assert clock.seconds == dict.fromkeys(STAGES, 0.0) | {"merge": 2.0, "read": 1.0, "normalise": 2.0}


def test_the_other_thread_waits_from_one_chunks_end_to_the_next_ones_beginning(hand):
    clock = TapedClock(taped := Tape())
    for seconds in (1, 2):
        beside = clock.beside("reading")
        with beside.stage("read"):
            hand(seconds)
        hand(10)
        assert beside.seconds["read"] == seconds
    assert taped.between(100.0, 200.0) == [
        ("reading", "read", 0.0, 1.0),
        ("reading", "waits", 1.0, 11.0),
        ("reading", "read", 11.0, 13.0),
    ]
    assert set(clock.seconds.values()) == {0.0}


def test_what_was_before_is_cut_off(hand):
    taped = Tape()
    taped.add("reading", "read", 1.0, 2.0)
    taped.add("reading", "read", 2.5, 4.0)
    assert taped.between(3.0, 9.0) == [("reading", "read", 0.0, 1.0)]


def test_every_stage_of_an_import_that_nobody_syncs_has_a_colour_and_a_character_of_its_own():
    occurring = set(STAGES) - {"openphone", "limit"}
    assert occurring <= svg.COLORS.keys() == text.MARKS.keys()
    assert set(Counter(text.MARKS.values()).values()) == {1}


def test_a_bars_character_is_what_most_of_its_time_went_to():
    bars = {lane: text.bar(TWO_CHUNKS.of(lane), 10.0, 10) for lane in TWO_CHUNKS.lanes}
    assert bars == {
        "import": "s........-", "reading": " rnnrrr   ", "merge 1": "    cmmmm ", "merge 2": "      mm  ",
        "PostgreSQL": "    C###! ",
    }  # fmt: skip


def test_the_text_fits_a_hundred_columns_and_has_every_figure():
    said = text.text(TWO_CHUNKS, MACHINE)
    assert max(map(len, said.splitlines())) <= 100
    assert "contacts, 200 rows: 10.00 s, 20 rows/s\n" in said
    assert "worked: import 2.00 s (20%), reading 5.75 s (57%), PostgreSQL 5.00 s (50%)\n" in said
    assert "merged for 5.00 s (50%), several at once for 1.50 s, beside the reading for 2.75 s\n" in said
    assert "waited for other threads: import 8.00 s, reading 0.25 s" in said
    assert "load 0.31 before" in said


NS = "{http://www.w3.org/2000/svg}"


def drawn(timeline):
    """The picture's root, and the interval's rectangles: (name, x, y, width)."""
    root = ET.fromstring(svg.svg(timeline))
    found = []
    for rect in root.iter(f"{NS}rect"):
        said = rect.find(f"{NS}title")
        if said is not None:
            found.append((said.text.partition(":")[0], *(float(rect.get(name)) for name in ("x", "y", "width"))))
    return root, found


def lasting(seconds):
    """The same in another time, with as much to say in a line as there may be."""
    intervals = [
        each._replace(begin=each.begin * seconds / 10, end=each.end * seconds / 10) for each in TWO_CHUNKS.intervals
    ]
    return Timeline("propertyradar", 2_000_000, again=True, seconds=seconds, intervals=intervals)


@pytest.mark.parametrize("seconds", [0.3, 2.0, 10.0, 99.9])
def test_every_interval_is_within_the_picture_at_its_time_and_in_its_lane(seconds):
    timeline = lasting(seconds)
    root, found = drawn(timeline)
    _, _, width, height = map(float, root.get("viewBox").split())
    assert width == 900
    assert Counter(name for name, *_ in found) == Counter(each.name for each in timeline.intervals)
    inside = width - svg.LEFT - svg.RIGHT
    for lane, y in zip(timeline.lanes, sorted({y for _, _, y, _ in found}), strict=True):
        expected = [
            (each.name, svg.LEFT + inside * each.begin / seconds, inside * (each.end - each.begin) / seconds)
            for each in timeline.intervals
            if each.lane == lane
        ]
        lane_drawn = [(name, x, wide) for name, x, at, wide in found if at == y]
        assert [name for name, *_ in lane_drawn] == [name for name, *_ in expected]
        for one, other in zip(lane_drawn, expected, strict=True):
            assert one[1:] == pytest.approx(other[1:], abs=0.02)
        assert y + svg.BAR < height
    assert "again with 10% changed" in root.find(f"{NS}title").text


@pytest.mark.parametrize("seconds", [0.3, 2.0, 10.0, 99.9])
def test_no_text_of_a_row_runs_into_the_next_or_out_of_the_picture(seconds):
    root, _ = drawn(lasting(seconds))
    rows = {}
    for each in root.iter(f"{NS}text"):
        wide = len(each.text) * 0.6 * float(each.get("font-size", root.get("font-size")))
        x = float(each.get("x")) - (wide / 2 if each.get("text-anchor") == "middle" else 0)
        rows.setdefault(each.get("y"), []).append((x, x + wide))
    for row in rows.values():
        row.sort()
        assert row[0][0] >= 0
        assert row[-1][1] <= svg.WIDTH
        assert all(one[1] <= other[0] for one, other in pairwise(row))


@pytest.mark.parametrize(("seconds", "ticks"), [(0.31, 7), (2.0, 11), (6.44, 7), (10.0, 11), (99.9, 10)])
def test_the_axis_has_round_seconds(seconds, ticks):
    root, _ = drawn(Timeline("contacts", 200, again=False, seconds=seconds, intervals=()))
    found = [each.text for each in root.iter(f"{NS}text") if re.fullmatch(r"[\d.]+ s", each.text)]
    assert len(found) == ticks
    assert found[0] == "0 s"
    assert len({len(each) for each in found}) <= 3
