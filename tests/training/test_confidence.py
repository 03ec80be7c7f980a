"""Every loss that classifies leaves numbers that can be judged, and what they are is said."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lossviz.training.calibration import expected_calibration_error, reliability, sample_losses
from lossviz.training.confidence import confidence
from lossviz.training.objective import objective
from lossviz.training.objectives import catalogue
from lossviz.training.results import Predictions
from lossviz.training.settings import Settings


@pytest.mark.parametrize("loss", catalogue.losses("classify"))
def test_the_numbers_of_a_loss_can_be_judged(loss: str) -> None:
    settings = Settings.parse({"loss": loss})
    torch.manual_seed(0)
    judged = objective(settings, 32)
    output = torch.randn(50, 32 if settings.spec.takes == "features" else 10) * 3
    with torch.inference_mode():
        scores = judged.answer(output)
        probabilities = judged.probabilities(scores)
    predictions = Predictions(np.arange(50), np.arange(50) % 10, probabilities.numpy())
    np.testing.assert_allclose(predictions.probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(predictions.predicted, scores.argmax(dim=1).numpy())
    assert reliability(predictions)["images"].sum() == 50
    assert 0 <= expected_calibration_error(predictions) <= 1
    assert len(sample_losses(predictions)) == 50
    said = confidence(settings)
    assert said is not None
    assert said.sentence.endswith(".")


def test_the_sigmoids_of_one_against_all_are_divided_by_their_sum() -> None:
    logits = torch.randn(5, 10)
    found = objective(Settings(loss="BCEWithLogitsLoss")).probabilities(logits)
    torch.testing.assert_close(found, logits.sigmoid() / logits.sigmoid().sum(dim=1, keepdim=True))


def test_a_perfect_one_hot_answer_has_the_softmax_that_is_said() -> None:
    perfect = torch.eye(10)[:1].softmax(dim=1).max().item()
    assert perfect == pytest.approx(math.e / (math.e + 9))
    said = confidence(Settings(loss="MSELoss"))
    assert said is not None
    assert f"{perfect:.2f}" in said.sentence
    assert said.kind == "scores"


def test_what_bends_the_probabilities_is_said() -> None:
    def kind(**values: object) -> str:
        said = confidence(Settings.parse(values))
        return said.kind if said else "none"

    assert kind() == "probabilities"
    assert kind(mistake="softmax-first") == "scores"
    assert kind(arguments={"weight": [2, 1, 1, 1, 1, 1, 1, 1, 1, 1]}) == "rescaled"
    assert kind(task="embed") == "none"


def test_a_diverged_run_is_in_no_bin() -> None:
    nothing = np.full((3, 10), np.nan, dtype=np.float32)
    predictions = Predictions(np.arange(3), np.arange(3), nothing)
    assert reliability(predictions)["images"].sum() == 0
    assert math.isnan(expected_calibration_error(predictions))
