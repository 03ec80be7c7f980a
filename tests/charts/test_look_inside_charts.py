"""The pictures of what a run has learned: their specs find their data, and the data add up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lossviz.charts import loss_histogram, reliability
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
