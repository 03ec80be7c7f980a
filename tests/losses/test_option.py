"""What the formulas see of an option."""

from __future__ import annotations

import re

import pytest

from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from lossviz.losses.option import Code, Option

every_entry = pytest.mark.parametrize("entry", list(catalogue().values()), ids=lambda entry: entry.name)


def test_code_has_a_number_if_it_is_given_one() -> None:
    distance = Option("distance", "d", {"a": Code("f", 0), "b": Code("g", 1), "c": Code("h")}, "a", "")
    assert [distance.numbers(label) for label in distance.choices] == [{"distance": 0}, {"distance": 1}, {}]
    assert distance.symbols == {"distance": "d"}


@every_entry
def test_what_the_page_says_for_an_option_is_no_code_and_fits_a_line(entry: LossEntry) -> None:
    for option in entry.options:
        words = [option.words(label) for label in option.choices]
        assert len(set(words)) == len(words)
        for text in (option.title, *words):
            assert not re.search(r"_|\d,\d|\de-|True|False|\binf\b", text), text
        # A column of 650 pixels: a letter of a choice takes up to 9, and each choice 26 around it.
        assert sum(9 * len(text) + 26 for text in words) < 650, words


def test_only_a_choice_can_be_spelled_out() -> None:
    with pytest.raises(ValueError, match="none of the choices"):
        Option("p", "p", {"1": 1}, "1", "", spelled={"2": "two"})


def test_links_keep_the_words_of_torch() -> None:
    weight = catalogue()["CrossEntropyLoss"].option("weight")
    assert weight is not None
    assert list(weight.choices) == ["none", "1,1,3", "1,1,9", "9,1,1"]
    assert weight.words("1,1,3") == "class 2 ×3"
