"""The pictures of what a run has learned: their specs find their data, and the data add up."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from lossviz.charts import gradient_norms, landscape, loss_histogram, range_test, reliability
from tests.charts.test_picture import named_data

LOSSES = pd.DataFrame(
    {"loss": [9.0, 2.0, 0.5, 0.1, 0.0], "right": [False, False, True, True, True], "carried": [0.8] * 5}
)


def table(confidence: float, accuracy: float) -> pd.DataFrame:
    """Two bins, the lower one empty."""
    return pd.DataFrame(
        {"images": [0, 7], "confidence": [np.nan, confidence], "accuracy": [np.nan, accuracy]}
    )


def test_reliability_has_a_line_a_run_and_leaves_out_empty_bins() -> None:
    data = reliability.datasets({"CE": table(0.9, 0.8), "MSE": table(0.6, 0.7)})
    assert named_data(reliability.spec()) == set(data)
    assert data["points"][["run", "confidence", "accuracy", "images"]].to_dict("records") == [
        {"run": "CE", "confidence": 0.9, "accuracy": 0.8, "images": 7},
        {"run": "MSE", "confidence": 0.6, "accuracy": 0.7, "images": 7},
    ]
    assert data["points"]["role"].nunique() == 2
    assert len(reliability.datasets({})["points"]) == 0
    with pytest.raises(ValueError, match="At most 4"):
        reliability.datasets({str(i): table(0.5, 0.5) for i in range(5)})


def test_the_histogram_counts_every_image_once_and_shares_add_to_one() -> None:
    data = loss_histogram.datasets(LOSSES, "FashionMNIST")
    assert named_data(loss_histogram.spec()) == set(data)
    assert data["images"]["images"].sum() == 5
    assert data["images"].groupby("kind")["images"].sum().to_dict() == {"right": 3, "wrong": 2}
    assert data["shares"]["share"].sum() == pytest.approx(1)
    assert data["shares"]["share"].iloc[-1] == pytest.approx(9 / 11.6)
    assert data["about"].to_dict("records") == [{"text": "FashionMNIST", "mean": 2.32, "label": "mean 2.320"}]


def test_infinite_losses_are_counted_in_words() -> None:
    losses = LOSSES.assign(loss=[np.inf, 2.0, 0.5, 0.1, 0.0])
    data = loss_histogram.datasets(losses, "drawn garments")
    assert data["about"]["text"].iloc[0] == "drawn garments · 1 infinite"
    assert data["images"]["images"].sum() == 5
    assert np.isfinite(data["shares"]["share"]).all()


RATES = [10.0 ** (place / 10 - 6) for place in range(70)]
FALLS = [2.3 - min(1.8, max(0.0, place - 20) * 0.1) + max(0.0, place - 50) ** 2 for place in range(70)]


def a_range_test(losses: list[float]) -> pd.DataFrame:
    """A range test whose losses are smooth already."""
    return pd.DataFrame({"rate": RATES[: len(losses)], "loss": losses, "smoothed": losses})


def test_a_range_test_ends_where_it_leaves_the_picture() -> None:
    data = range_test.datasets(
        a_range_test(FALLS), "FashionMNIST", suggestion=1e-3, lowest=1e-2, diverges=0.1
    )
    assert named_data(range_test.spec()) == set(data)
    top = data["frame"]["value"].max()
    assert top == pytest.approx(2.3 * 1.4)
    assert len(data["mean"]) < len(FALLS)
    assert data["mean"]["value"].iloc[-1] == top
    assert data["marks"]["text"].tolist() == ["suggestion 0.001", "lowest 0.01", "diverges 0.1"]
    assert data["marks"]["after"].tolist() == [False, False, True]
    assert data["marks"]["share"].is_monotonic_increasing


def test_a_range_test_that_has_only_begun_or_breaks_can_be_drawn() -> None:
    for losses in ([], [2.3], [2.3, math.nan, math.inf], [math.nan] * 5):
        data = range_test.datasets(a_range_test(losses), "FashionMNIST")
        assert np.isfinite(data["mean"].to_numpy(dtype=float)).all()
        assert np.isfinite(data["frame"].to_numpy(dtype=float)).all()
        assert len(data["marks"]) == 0


def test_gradients_have_a_line_a_layer_and_no_zero_on_a_logarithmic_axis() -> None:
    norms = pd.DataFrame(
        {"epoch": [0, 0, 1, 1], "layer": ["1 Conv2d", "4 Linear"] * 2, "norm": [0.5, 2.0, 0.0, math.inf]}
    )
    data = gradient_norms.datasets(norms, 3, "FashionMNIST")
    assert named_data(gradient_norms.spec()) == set(data)
    assert data["points"][["epoch", "layer", "norm"]].to_dict("records") == [
        {"epoch": 0.0, "layer": "1 Conv2d", "norm": 0.5},
        {"epoch": 0.0, "layer": "4 Linear", "norm": 2.0},
    ]
    assert data["names"]["layer"].tolist() == ["1 Conv2d", "4 Linear"]
    assert data["names"]["role"].nunique() == 2
    assert data["frame"]["epoch"].tolist() == [0.0, 3.0]
    assert len(gradient_norms.datasets(norms.iloc[:0], 3, "")["points"]) == 0


AXIS = np.linspace(-1, 1, 5)
BOWL = 0.1 + 10 * (AXIS[:, None] ** 2 + AXIS[None, :] ** 2)


def test_the_landscape_covers_its_square_once_in_bands_of_equal_factors() -> None:
    data = landscape.datasets(BOWL, AXIS, 0.1, "FashionMNIST")
    assert named_data(landscape.spec()) == set(data)
    cells = data["cells"]
    area = ((cells["right"] - cells["left"]) * (cells["top"] - cells["bottom"])).sum()
    assert area == pytest.approx((2 + 2 / 80) ** 2)
    edges = landscape.band_edges(BOWL)
    assert edges[[0, -1]] == pytest.approx([0.1, 20.1])
    assert np.ptp(np.diff(np.log(edges))) < 1e-9
    centre = cells.loc[
        (cells["left"] < 0) & (cells["right"] > 0) & (cells["bottom"] < 0) & (cells["top"] > 0)
    ]
    assert centre["band"].tolist() == [0]
    assert set(cells["role"]) == {"loss"}


def test_the_landscape_says_what_is_not_finite_and_leaves_out_what_was_not_measured() -> None:
    broken = BOWL.copy()
    broken[0, 0], broken[4, 4] = math.inf, math.nan
    cells = landscape.datasets(broken, AXIS, 0.1, "")["cells"]
    corner = cells.loc[(cells["left"] < -1) & (cells["bottom"] < -1)]
    assert corner["words"].tolist() == ["not finite"]
    assert not len(cells.loc[(cells["right"] > 1) & (cells["top"] > 1)])
    assert np.isfinite(landscape.band_edges(broken)).all()


def test_a_landscape_without_a_logarithm_or_without_hills_can_be_drawn() -> None:
    negative = landscape.band_edges(BOWL - 5)
    assert np.ptp(np.diff(negative)) < 1e-9
    for losses in (np.ones((3, 3)), np.full((3, 3), math.nan), np.full((3, 3), math.inf)):
        data = landscape.datasets(losses, np.linspace(-1, 1, 3), 1.0, "")
        assert np.isfinite(
            data["cells"][["left", "right", "bottom", "top", "shade"]].to_numpy(dtype=float)
        ).all()
