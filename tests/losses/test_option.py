"""What the formulas see of an option."""

from __future__ import annotations

from lossviz.losses.option import Code, Option


def test_code_has_a_number_if_it_is_given_one() -> None:
    distance = Option("distance", "d", {"a": Code("f", 0), "b": Code("g", 1), "c": Code("h")}, "a", "")
    assert [distance.numbers(label) for label in distance.choices] == [{"distance": 0}, {"distance": 1}, {}]
    assert distance.symbols == {"distance": "d"}
