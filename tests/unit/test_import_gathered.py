from app.imports import gathered
from app.imports.chunk import Held
from app.imports.gathered import Gathered
from app.imports.kinds import KINDS

RADAR = KINDS["propertyradar"]


def held(target, key, number, **said):
    return Held(target, key, number, {"key": key, **said})


FIRST = [held("properties", "apn:1", 1, city="Rome"), held("contacts", "+1", 1, email="a@b.co")]
LATER = [held("properties", "apn:1", 7, city="Oslo"), held("contacts", "+1", 7, email=None), held("contacts", "+2", 8)]


def test_what_chunks_hold_comes_to_a_chunk_for_each_target_folded_in_the_order_of_the_rows():
    found = Gathered(RADAR, wanted=True)
    found.add(FIRST)
    found.add([])
    found.add(LATER)
    contacts, properties = found.chunks()
    assert [contacts.settles, properties.settles] == ["contacts", "properties"]
    assert contacts.values == {"contacts": {"+1": {"key": "+1", "email": "a@b.co"}, "+2": {"key": "+2"}}}
    assert properties.values == {"properties": {"apn:1": {"key": "apn:1", "city": "Oslo"}}}
    assert [(chunk.rows, chunk.duplicates) for chunk in (contacts, properties)] == [(0, 0), (0, 1)]
    # A lane may yet have to write out what the first row said.
    assert [one.values for one in FIRST] == [{"key": "apn:1", "city": "Rome"}, {"key": "+1", "email": "a@b.co"}]


def test_all_is_left_to_the_database_once_it_is_too_much_and_where_it_is_not_wanted(monkeypatch):
    monkeypatch.setattr(gathered, "MOST", 4)
    found, others = Gathered(RADAR, wanted=True), Gathered(RADAR, wanted=False)
    for each in (FIRST, LATER, FIRST):
        found.add(each)
        others.add(each)
    assert list(found.chunks()) == list(others.chunks()) == []
