import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.budget import Budget, HandOffError
from app.imports.chunk import Chunk
from app.imports.kinds import KINDS
from app.imports.layout import ERROR_COLUMNS, match
from app.imports.making import Maker
from app.imports.normalise import Normaliser, RowProblem
from app.imports.phones import Phones
from app.imports.repeats import Repeats
from app.imports.source import Rows
from app.imports.staging import tables
from app.imports.survey import Survey
from app.imports.targets import TARGETS

ADA, BO = "404-555-0123", "+1 404 555 0124"
CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "", ADA, BO, "[clear]", " [CLEAR] ", "a@b.co", "Ada Lovelace", "Love, Ada", "1", "0", "$1,200.50"]
    ),
    st.sampled_from(["2026-05-04", "5/4/2026", "05/04/2026", "sent", "\0", "x" * 101, "Phone", "=1", "'n"]),
)
HEADERS = {
    "contacts": ["Phone", "email", "notes", "name", "Phone?"],
    "propertyradar": [
        *("Type", "Address", "City", "ZIP", "APN", "Beds", "Owner Occ?", "Purchase Date", "x"),
        *("Primary Name", "Primary Phone1", "Primary Email1", "Primary Email 1 Status"),
        *("Secondary Name", "Secondary Phone1", "Secondary Email1", "Secondary Email 1 Status"),
    ],
    "campaign": ["Phone", "name", "status", "message_sent_at", "x"],
}
PHONES = {"contacts": [0], "propertyradar": [10, 14], "campaign": [0]}


def normaliser(kind, lead=False):
    return Normaliser(
        KINDS[kind], match([*(ERROR_COLUMNS if lead else ()), *HEADERS[kind]], KINDS[kind]), "US", cell_max_chars=100
    )


def row_by_row(rows, kept):
    chunk = Chunk(kept.kind)
    for row in rows:
        chunk.add(kept.one(row))
    return chunk


def by_column(rows, kept):
    survey, maker = Survey().read([rows], kept, Budget()), Maker(kept, "update", Budget())
    return maker.chunk(maker.parts(rows, survey.phones), survey.repeats, is_whole=True)


def staged(chunk):
    """What is staged of each target, whatever the order."""
    return {
        name: sorted(line for part in tables(TARGETS[name], chunk) for line in part.split(b"\n")[:-1])
        for name in chunk.kind.targets
    }


@st.composite
def rows(draw, kind):
    width = len(HEADERS[kind])
    found = draw(st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=6))
    for cells in found:
        for place in PHONES[kind]:  # else hardly a row would be a good one
            if draw(st.booleans()):
                cells[place] = draw(st.sampled_from([ADA, BO, "(404) 555-0123", "4045550125.0", "404 555 0126"]))
        if draw(st.integers(0, 9)) == 0:
            cells.pop()
        if draw(st.integers(0, 19)) == 0:
            cells[:] = HEADERS[kind]
    return Rows(5, found)


@pytest.mark.parametrize("lead", [False, True], ids=["file", "errors.csv"])
@pytest.mark.parametrize("kind", HEADERS)
@given(data=st.data())
def test_rows_read_by_column_say_what_they_say_one_by_one(kind, lead, data):
    found = data.draw(rows(kind))
    if lead:
        found = Rows(found.first, [["1", "", "", "", "", *cells] for cells in found.cells])
    kept = normaliser(kind, lead)
    one, other = row_by_row(found, kept), by_column(found, kept)
    assert staged(other) == staged(one)
    assert (other.rows, other.duplicates, other.problems) == (one.rows, one.duplicates, one.problems)
    assert [other.count(name) for name in kept.kind.targets] == [one.count(name) for name in kept.kind.targets]


@pytest.mark.parametrize("kind", HEADERS)
@given(data=st.data())
def test_a_row_is_known_again_by_its_lines(kind, data):
    """Text that COPY writes in another way, too."""
    kept = normaliser(kind)
    found = data.draw(rows(kind))
    part = Maker(kept, "update", Budget()).part(found)
    good = set(range(len(found))) - part.apart.keys()
    for at, again in part.one_by_one(good, kept.kind.about).items():
        one = kept.one(found[at])
        assert (again.number, again.identity) == (one.number, one.identity)
        assert said(again) == said(one)


def said(row):
    """What it says, without what it says nothing of."""
    return {
        (target, key, name): value
        for target, by_key in row.values.items()
        for key, values in by_key.items()
        for name, value in values.items()
        if value
    }


@pytest.mark.parametrize("kind", HEADERS)
@given(data=st.data())
def test_whatever_good_rows_have_in_common_is_found(kind, data):
    kept = normaliser(kind)
    found = data.draw(rows(kind))
    halves = [Rows(found.first, found.cells[:2]), Rows(found.first + 2, found.cells[2:])]
    repeats, known = Survey().read(halves, kept, Budget()).repeats, Repeats()
    for half in halves:
        known.add([*Maker(kept, "update", Budget()).part(half).shared])
    times = {}
    for row in found:
        said = kept.one(row)
        if not isinstance(said, RowProblem):
            for target in ("contacts", "properties"):
                for key in said.values.get(target, {}):
                    times[target, key] = times.get((target, key), 0) + 1
    assert [key for key, count in times.items() if count > 1 and key not in repeats] == []
    assert [key for key in times if key in known] == [key for key, count in times.items() if count > 1]


def test_rows_that_are_alone_and_good_are_taken_by_column_and_no_others():
    kept = normaliser("contacts")
    cells = [[ADA, "", "", "Ada", ""], [BO, "", "", "Bo", ""], [BO, "", "", "Bo B", ""], ["1", "", "", "", ""]]
    chunk = by_column(Rows(1, cells), kept)
    assert chunk.lines == {"contacts": ["+14045550123\tAda" + "\t" * 11]}
    assert ([*chunk.values["contacts"]], [problem.number for problem in chunk.problems]) == (["+14045550124"], [4])
    assert (chunk.rows, chunk.rejected, chunk.duplicates) == (4, 1, 1)


@pytest.mark.parametrize("kind", HEADERS)
def test_reading_by_column_asks_often_how_much_time_is_left(kind):
    class Counted(Budget):
        left = 3

        def check(self):
            self.left -= 1
            if not self.left:
                raise HandOffError("up")

    kept = normaliser(kind)
    many = Rows(1, [[""] * len(HEADERS[kind])] * 10_000)
    with pytest.raises(HandOffError):
        Survey().read([many], kept, Counted())
    with pytest.raises(HandOffError):
        Maker(kept, "update", Counted()).parts(many, Phones())
