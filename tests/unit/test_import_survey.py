import pytest

from app.imports.budget import Budget
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
