import threading

import pytest

from loadtest.scenarios.areas import Areas


def test_without_a_file_every_start_counts_from_the_first():
    for _ in range(2):
        areas = Areas(3)
        assert [areas.take() for _ in range(3)] == [3, 4, 5]


def test_with_a_file_a_later_start_goes_on_behind_the_earlier_one(tmp_path):
    path = tmp_path / "home" / "next-area"
    first = Areas(0, path)
    assert [first.take(), first.take()] == [0, 1]
    second = Areas(0, path)
    assert [second.take(), first.take(), second.take()] == [2, 3, 4]


def test_the_first_area_is_where_it_begins_and_never_leads_back(tmp_path):
    path = tmp_path / "next-area"
    assert Areas(100, path).take() == 100
    assert Areas(7, path).take() == 101
    assert Areas(999_999, path).take() == 999_999
    assert Areas(0, path).take() == 1_000_000


def test_no_area_is_taken_twice_however_many_take(tmp_path):
    path = tmp_path / "next-area"
    taken = []

    def take():
        areas = Areas(0, path)
        taken.extend(areas.take() for _ in range(200))

    takers = [threading.Thread(target=take) for _ in range(4)]
    for each in takers:
        each.start()
    for each in takers:
        each.join()
    assert sorted(taken) == list(range(800))


def test_a_file_that_holds_something_else_is_named_and_left_alone(tmp_path):
    path = tmp_path / "next-area"
    path.write_text("phones")
    with pytest.raises(ValueError, match="next-area: holds b'phones' where the next area should be; remove it"):
        Areas(0, path)
    assert path.read_text() == "phones"
