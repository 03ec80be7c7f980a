"""The picture of two vectors: cells that the hand drags, and the angles that the rim and the arc are made of."""

from __future__ import annotations

import numpy as np
import pytest

from lossviz.charts import vectors
from lossviz.charts.knob_params import expression
from lossviz.losses.catalogue import catalogue

COSINE = catalogue()["CosineEmbeddingLoss"]


def test_a_cell_has_the_angle_and_the_length_of_its_middle() -> None:
    cells = vectors.datasets(COSINE, COSINE.chosen({}), ())["vectors_cells"]
    x, y = (cells["left"] + cells["right"]) / 2, (cells["bottom"] + cells["top"]) / 2
    above = cells[(y > 0) & (np.hypot(x, y) < 3)]
    exact = np.degrees(np.arctan2(y.loc[above.index].to_numpy(), x.loc[above.index].to_numpy()))
    assert np.abs(above["angle"].to_numpy() - exact).max() <= 0.5
    assert set(cells["angle"]) <= set(COSINE.axis.values)
    assert set(cells["length"]) <= set(COSINE.knobs[2].values)


def test_below_the_line_the_nearer_end_is_meant() -> None:
    cells = vectors.datasets(COSINE, COSINE.chosen({}), ())["vectors_cells"]
    below = cells[cells["top"] <= 0]
    assert set(below[below["left"] >= 0]["angle"]) == {0.0}
    assert set(below[below["right"] <= 0]["angle"]) == {180.0}


def test_the_picture_stays_vector_graphics() -> None:
    # Streamlit takes a canvas for more than 2,000 marks, and then nothing in the picture can be read out.
    assert sum(map(len, vectors.datasets(COSINE, COSINE.chosen({}), ()).values())) < 1_500


def test_every_angle_is_on_the_unit_circle() -> None:
    angles = vectors.datasets(COSINE, COSINE.chosen({}), ())["vectors_angles"]
    assert len(angles) == COSINE.axis.count
    assert np.hypot(angles["unit_x"].to_numpy(), angles["unit_y"].to_numpy()) == pytest.approx(1)


def test_vega_has_another_name_for_the_inverse_of_a_cosine() -> None:
    written = expression("arccos(margin) * arctan(angle)", COSINE.knobs)
    assert written == "acos(margin_knob_margin) * atan(angle_knob_angle)"
