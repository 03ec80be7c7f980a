"""Names that students type, and what is typed to break a page."""

from __future__ import annotations

import unicodedata

import pytest

from lossviz.training.run_name import MOST_CHARACTERS, clean_name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("wide network", "wide network"),
        ("  two\n\n lines\tand a tab  ", "two lines and a tab"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("**bold** [link](http://x)", "**bold** [link](http://x)"),
        ("\u202eevil\u2066 \u2069turned", "evil turned"),
        ("null\x00 bell\x07 escape\x1b[31m", "null bell escape[31m"),
        ("half \ud800 of a character", "half of a character"),
        ("e\u0301", "é"),
        ("a\u2028b\u00a0c", "a b c"),
        ("मेरा प्रयोग", "मेरा प्रयोग"),
        ("👩\u200d🔬 run", "👩\u200d🔬 run"),
        ("\u200b\ufeff\u00ad", ""),
        ("'; DROP TABLE runs; --", "'; DROP TABLE runs; --"),
        ("", ""),
    ],
)
def test_a_name_is_one_line_of_plain_text(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["x" * 10**6, "é" * 1_000, "\n" * 10**6 + "late", "a " * 500])
def test_a_name_is_short_whatever_was_typed(typed: str) -> None:
    assert len(clean_name(typed)) <= MOST_CHARACTERS
    assert clean_name(clean_name(typed)) == clean_name(typed)


def test_a_tower_of_accents_is_cut() -> None:
    tower = clean_name("x" + "\u0335\u0336\u0337\u0338" * 50 + "y")
    assert sum(1 for character in tower if unicodedata.combining(character)) == 4
    assert tower.endswith("y")
