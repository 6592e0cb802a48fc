from app.imports.phones import Phones
from app.imports.source import Rows


def rows(first, count):
    return Rows(first, [["x"]] * count)


def test_phones_are_those_of_the_rows_with_which_they_were_kept():
    kept = Phones()
    kept.keep(rows(1, 2), {"primary": ["+1404", ""], "secondary": ["", ""]})
    kept.keep(rows(3, 1), {"primary": [""], "secondary": ["+1405"]})
    assert kept.of(rows(1, 2)) == {"primary": ["+1404", ""], "secondary": ["", ""]}
    assert kept.of(rows(3, 1)) == {"primary": [""], "secondary": ["+1405"]}
    for others in (rows(1, 1), rows(2, 2), rows(3, 2), rows(4, 1)):
        assert kept.of(others) == {}


def test_there_is_room_for_some_and_never_for_a_part_of_a_column():
    kept = Phones(13)
    for first in (1, 2, 3):
        kept.keep(rows(first, 1), {"phone": ["+1404"]})
    assert [len(kept.of(rows(first, 1))) for first in (1, 2, 3)] == [1, 1, 0]
