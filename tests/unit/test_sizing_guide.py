import pytest

from loadtest.errors import UsageError
from loadtest.sizing import guide as guides
from loadtest.sizing.claims import Claim

TEXT = guides.GUIDE.read_text(encoding="utf-8")


def written(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def contradictions(tmp_path, *changes):
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return guides.load(written(tmp_path, text)).contradictions()


def test_the_guide_claims_what_its_authors_wrote():
    guide = guides.load()
    assert guide.claims == (
        Claim(1000, 60, (10, 20)),
        Claim(5000, 180, (50, 100)),
        Claim(10000, 300, (100, 200)),
        Claim(15000, 300, None),
        Claim(25000, 600, (250, 500)),
        Claim(50000, 1200, (500, 1000)),
    )
    assert (guide.defaults.timeout, guide.defaults.workers, guide.rules.buffer) == (300, 4, 1.5)


@pytest.mark.parametrize(
    ("rows", "claim"),
    [
        (5000, Claim(5000, 180, (50, 100))),
        (3000, Claim(3000, 180, None)),
        (12000, Claim(12000, 300, None)),
        (1, Claim(1, 60, None)),
        (50000, Claim(50000, 1200, (500, 1000))),
        (50001, None),
    ],
)
def test_a_size_between_two_lines_is_claimed_by_the_next_larger_one_without_its_time(rows, claim):
    assert guides.load().claim_for(rows) == claim


def test_the_guide_contradicts_itself_in_four_places():
    found = guides.load().contradictions()
    assert [item.rows for item in found] == [
        (25000, 50000),
        (15000,),
        (15000, 25000, 50000),
        (5000, 10000, 25000, 50000),
    ]
    buffer, room, background, log = (item.text for item in found)
    assert "500 s x 1.5 = 750 s, but 600 s" in buffer
    assert "1,000 s x 1.5 = 1,500 s, but 1,200 s" in buffer
    assert "20 ms per row they take 300 s: nothing is left" in room
    assert "over 10,000 rows" in background
    assert "good for 15,000" in background
    assert "over 50% of its timeout" in log


def test_a_time_whose_buffer_is_exactly_the_timeout_is_no_contradiction():
    assert not any("10,000 rows: 200 s" in item.text for item in guides.load().contradictions())


def test_contradictions_follow_the_figures_and_are_not_written_down(tmp_path):
    found = contradictions(tmp_path, ("timeout = 600", "timeout = 750"), ("timeout = 1200", "timeout = 1500"))
    assert (25000, 50000) not in [item.rows for item in found]
    found = contradictions(tmp_path, ("up_to_rows = 15000", "up_to_rows = 12000"))
    assert any("only 60 s are left" in item.text for item in found)
    found = contradictions(tmp_path, ("background_over_rows = 10000", "background_over_rows = 50000"))
    assert not any("background job" in item.text for item in found)
    found = contradictions(tmp_path, ("log_over_fraction = 0.5", "log_over_fraction = 1.0"))
    assert not any("logged" in item.text for item in found)


def test_a_larger_file_with_a_shorter_timeout_is_a_contradiction(tmp_path):
    found = contradictions(tmp_path, ("timeout = 1200", "timeout = 500"))
    assert any(item.rows == (25000, 50000) and "fewer than the 600 s" in item.text for item in found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("timeout = 60", "timeout = '60s'", "table[0].timeout: '60s' is not a whole number"),
        ("timeout = 60", "timeout = true", "table[0].timeout: True is not a whole number"),
        ("timeout = 60", "", "table[0].timeout is missing"),
        ("timeout = 60", "timeuot = 60", "table[0].timeuot is not known here"),
        ("timeout = 60", "timeout = 0", "timeout 0 must be above 0"),
        ("seconds = [10, 20]", "seconds = [10]", "table[0].seconds: [10] should have 2 values"),
        ("seconds = [10, 20]", "seconds = 15", "table[0].seconds: 15 is not a list"),
        ("seconds = [10, 20]", "seconds = [20, 10]", "1000 rows: seconds must be [from, to]"),
        ("seconds = [10, 20]", "seconds = [10, inf]", "table[0].seconds[1]: inf is not a finite number"),
        ("rows = 1000", "rows = 6000", "must grow from line to line"),
        ("buffer = 1.5 ", "buffer = 0.5 ", "rules.buffer must be at least 1"),
        ("log_over_fraction = 0.5", "log_over_fraction = 50", "log_over_fraction must be above 0"),
        ("[rules]", "[rulez]", "rulez is not known here"),
        ("[rules]", "[rules", "cannot be read as TOML"),
    ],
)
def test_a_guide_that_makes_no_sense_is_refused_with_file_and_place(tmp_path, old, new, said):
    path = written(tmp_path, TEXT.replace(old, new, 1))
    with pytest.raises(UsageError) as caught:
        guides.load(path)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)


def test_a_guide_without_a_table_is_refused(tmp_path):
    path = written(tmp_path, f"title = 'x'\ntable = []\n{TEXT[TEXT.index('[defaults]') :]}")
    with pytest.raises(UsageError, match="the table has no rows"):
        guides.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"nowhere\.toml"):
        guides.load(tmp_path / "nowhere.toml")
