import pytest
from bench_examples import WHOLE

import config
from benchmarks import docs, plot, record

BLOCK = f"before\n{docs.BEGIN.format('ratios')}\nold\n{docs.END}\nafter\n"


@pytest.mark.parametrize("name", ["README.md", "docs/speed.md"])
def test_the_figures_are_those_of_the_recorded_run(name):
    text = (config.ROOT / name).read_text()
    assert docs.with_blocks(text, record.load(docs.RECORDED)) == text


def test_the_plot_is_that_of_the_recorded_run():
    assert docs.PLOT.read_text() == plot.svg(record.load(docs.RECORDED), "contacts")


def test_the_recorded_run_has_all_that_was_to_be_measured():
    recorded = record.load(docs.RECORDED)
    assert set(recorded.rows) == {"contacts", "propertyradar"}
    assert not [each for each in recorded.missing if each.failed]


def test_a_block_is_made_anew_from_what_its_marker_names():
    made = docs.with_blocks(BLOCK, WHOLE)
    assert "old" not in made
    assert "| `rate_over_limit` | at least 0.5 | 0.40 |" in made
    assert made.startswith("before\n")
    assert made.endswith("\nafter\n")
    assert docs.with_blocks(made, WHOLE) == made


def test_a_block_that_there_is_not_and_a_file_without_any_are_refused():
    with pytest.raises(KeyError, match="weather"):
        docs.with_blocks(BLOCK.replace("ratios", "weather"), WHOLE)
    with pytest.raises(ValueError, match="are not there"):
        docs.with_blocks("# nothing", WHOLE)
