import pytest

from app.imports.budget import Budget
from app.imports.columns import WRONG
from app.imports.kinds import KINDS
from app.imports.layout import match
from app.imports.normalise import Normaliser
from app.imports.source import Rows
from app.imports.survey import SHORT_ROWS, Survey

CONTACTS = KINDS["contacts"]


@pytest.mark.parametrize("rows", [SHORT_ROWS, SHORT_ROWS + 1])
def test_repeats_are_found_in_any_file_and_phones_kept_of_a_short_one(rows):
    normaliser = Normaliser(CONTACTS, match(("phone",), CONTACTS), "US", 100)
    batch = Rows(1, [["(404) 555-0123"], ["404-555-0124"], ["404.555.0123"]])
    found = Survey.begun(rows).read([batch], normaliser, Budget())
    assert [("contacts", f"+140455501{end}") in found.repeats for end in (23, 24)] == [True, False]
    assert bool(found.phones.of(batch)) is (rows == SHORT_ROWS)


def test_phones_are_those_of_the_very_same_rows_and_wrong_ones_are_known_as_such():
    normaliser = Normaliser(CONTACTS, match(("phone", "notes"), CONTACTS), "US", 100)
    batch = Rows(501, [["404-555-0123", ""], ["12", ""], ["404-555-0124"]])
    found = Survey.begun(1000).read([batch], normaliser, Budget())
    assert found.phones.of(batch) == {"phone": ["+14045550123", WRONG, WRONG]}
    assert found.phones.of(Rows(501, batch.cells[:2])) == {}
