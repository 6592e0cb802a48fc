from app.imports.layout import COLUMNS_MAX
from app.imports.problems import KEPT_CHARS, kept, visible


def test_a_rejected_row_is_kept_as_it_was_up_to_a_bound():
    assert list(kept(["a", "", "é" * KEPT_CHARS])) == ["a", "", "é" * KEPT_CHARS]
    assert list(kept(["x" * KEPT_CHARS + "y", "z", ""])) == ["x" * KEPT_CHARS + "... (cut)", "z", ""]
    assert len(list(kept([""] * (COLUMNS_MAX + 5)))) == COLUMNS_MAX


def test_a_nul_byte_is_shown_as_a_sign_that_postgresql_can_hold():
    assert visible("a\0b") == "a\u2400b"
