"""Knobs and their lattice."""

from __future__ import annotations

import pytest

from lossviz.losses.knob import Knob


def knob(**changes: float) -> Knob:
    """A knob from -1 to 1 in steps of 0.1, changed at will."""
    fields = {"low": -1, "high": 1, "step": 0.1, "default": 0} | changes
    return Knob("prediction", "x", help="", **fields)


def test_the_values_are_free_of_rounding_error() -> None:
    values = knob().values
    assert values[0] == -1
    assert values[3] == -0.7
    assert values[10] == 0
    assert str(values[10]) == "0.0"
    assert values[-1] == 1
    assert len(values) == knob().count == 21


def test_every_value_is_its_own_nearest() -> None:
    assert all(knob().snap(value) == value for value in knob().values)
    assert knob().snap(0.149) == 0.1
    assert knob().snap(99) == 1
    assert knob().snap(-99) == -1


def test_not_a_number_has_no_place() -> None:
    with pytest.raises(ValueError, match="prediction is not a number"):
        knob().snap(float("nan"))


@pytest.mark.parametrize("bad", [{"low": 2}, {"step": 0}, {"step": 0.3}, {"default": 0.05}, {"default": 7}])
def test_a_knob_that_contradicts_itself_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="prediction"):
        knob(**bad)
