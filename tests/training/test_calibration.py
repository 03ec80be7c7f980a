"""Calibration on answers whose reliability is known, and against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lossviz.training.calibration import expected_calibration_error, reliability, sample_losses
from lossviz.training.results import Predictions


def answers(confidences: list[float], right: list[bool]) -> Predictions:
    """Images of class 0 that are called class 0 or 1 with a confidence."""
    probabilities = np.zeros((len(right), 10), np.float32)
    for row, (confidence, hit) in enumerate(zip(confidences, right, strict=True)):
        probabilities[row] = (1 - confidence) / 9
        probabilities[row, 0 if hit else 1] = confidence
    labels = np.zeros(len(right), np.int64)
    return Predictions(np.arange(len(right)), labels, probabilities)


def test_a_network_that_is_as_often_right_as_it_says_is_calibrated() -> None:
    predictions = answers([0.75] * 4, [True, True, True, False])
    table = reliability(predictions)
    (row,) = table[table["images"] > 0].to_dict("records")
    assert (row["low"], row["high"], row["images"]) == (0.7, 0.8, 4)
    assert row["confidence"] == row["accuracy"] == 0.75
    assert expected_calibration_error(predictions) == 0


def test_the_error_is_the_distance_weighted_by_images() -> None:
    # Three images at 0.95, one of them right: 0.95 - 1/3. One at 0.55, right: 1 - 0.55.
    predictions = answers([0.95, 0.95, 0.95, 0.55], [True, False, False, True])
    expected = (3 * (0.95 - 1 / 3) + (1 - 0.55)) / 4
    assert expected_calibration_error(predictions) == pytest.approx(expected, abs=1e-6)


def test_an_end_belongs_to_the_bin_below_and_certainty_to_the_last() -> None:
    table = reliability(answers([0.5, 1.0], [True, True]), bins=2)
    assert list(table["images"]) == [1, 1]
    with pytest.raises(ValueError, match="one bin"):
        reliability(answers([0.5], [True]), bins=0)


def test_no_images_have_no_error() -> None:
    assert np.isnan(expected_calibration_error(answers([], [])))


def test_a_samples_loss_is_torchs_and_the_largest_come_first() -> None:
    draw = np.random.default_rng(0)
    logits = draw.normal(size=(50, 10)).astype(np.float32) * 3
    labels = draw.integers(0, 10, 50)
    probabilities = torch.from_numpy(logits).softmax(dim=1).numpy()
    table = sample_losses(Predictions(np.arange(50), labels, probabilities))
    said = torch.nn.CrossEntropyLoss(reduction="none")(torch.from_numpy(logits), torch.from_numpy(labels))
    assert table["loss"].to_numpy() == pytest.approx(np.sort(said.numpy())[::-1], rel=1e-5)
    assert table["carried"].iloc[-1] == pytest.approx(1)
    assert table["carried"].iloc[0] == pytest.approx(float(said.max() / said.sum()), rel=1e-5)


def test_an_impossible_answer_has_an_infinite_loss() -> None:
    table = sample_losses(answers([1.0, 0.9], [False, True]))
    assert table["loss"].iloc[0] == np.inf
    assert table["carried"].isna().all()
