"""A loss with a knob that stands still says what the whole loss says there."""

from __future__ import annotations

import numpy as np
import pytest

from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.held import held
from lossviz.losses.lattice import lattice, row_of

WHOLE = catalogue()["SmoothL1Loss"]


def test_the_knobs_that_are_left_span_the_slice_of_the_whole_lattice() -> None:
    still = held(WHOLE, "target")
    assert [knob.key for knob in still.knobs] == ["prediction", "beta"]
    assert still.defaults == WHOLE.defaults | {"target": "0"}
    settings = [
        {"prediction": prediction, "target": 0.0, "beta": beta}
        for beta in still.knobs[1].values
        for prediction in still.axis.values
    ]
    rows = [row_of(WHOLE.knobs, setting) for setting in settings]
    for column in ("loss", "gradient", "segment"):
        there = lattice(still)[column].to_numpy()
        assert np.array_equal(there, lattice(WHOLE)[column].to_numpy()[rows])


def test_a_single_call_takes_the_held_knob_too() -> None:
    said = exact(held(WHOLE, "beta"), {"prediction": 3.0, "target": 1.0, "beta": "1"})
    assert (said.loss, said.gradient) == (1.5, 1.0)


def test_the_axis_cannot_stand_still_and_no_other_name_can() -> None:
    with pytest.raises(ValueError, match="SmoothL1Loss: prediction is the axis of the curve"):
        held(WHOLE, "prediction")
    with pytest.raises(KeyError, match="delta"):
        held(WHOLE, "delta")
