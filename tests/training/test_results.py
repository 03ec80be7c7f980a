"""What a run left is read as it was written, and counted rightly."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from lossviz.training.results import (
    Predictions,
    ResultsError,
    by_class,
    confusion,
    load_predictions,
    save_predictions,
    worst_mistakes,
)


def predictions(rows: list[tuple[int, int, float]]) -> Predictions:
    """Rows of true class, predicted class, probability of the true class (of the predicted: the rest)."""
    probabilities = np.zeros((len(rows), 10), np.float32)
    for row, (true, predicted, probability) in enumerate(rows):
        probabilities[row, predicted] = 1 - probability
        probabilities[row, true] = max(probability, 1 - probability) if true == predicted else probability
    return Predictions(np.arange(len(rows)) + 100, np.array([row[0] for row in rows]), probabilities)


LEFT = predictions([(0, 0, 0.9), (0, 6, 0.4), (0, 6, 0.0), (6, 6, 0.8), (6, 0, 0.1)])


def test_predictions_come_back(tmp_path: Path) -> None:
    save_predictions(LEFT, tmp_path / "run" / "predictions.npz")
    again = load_predictions(tmp_path / "run" / "predictions.npz")
    for name in ("indices", "labels", "probabilities"):
        np.testing.assert_array_equal(getattr(again, name), getattr(LEFT, name))
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["predictions.npz"]


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04"])
def test_a_bad_file_is_said(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "predictions.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ResultsError, match="Train again"):
        load_predictions(path)


def test_arrays_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    save_predictions(Predictions(LEFT.indices, LEFT.labels[:2], LEFT.probabilities), tmp_path / "p.npz")
    with pytest.raises(ResultsError, match="fit together"):
        load_predictions(tmp_path / "p.npz")


def test_confusion_has_true_classes_in_rows() -> None:
    counts = confusion(LEFT)
    assert counts.loc["T-shirt/top", "Shirt"] == 2
    assert counts.loc["Shirt", "T-shirt/top"] == 1
    assert counts.to_numpy().sum() == 5
    assert (counts.index.name, counts.columns.name) == ("true", "predicted")


def test_recall_and_precision_by_class() -> None:
    frame = by_class(LEFT)
    assert frame.loc["T-shirt/top", "recall"] == 1 / 3
    assert frame.loc["T-shirt/top", "precision"] == 1 / 2
    assert math.isnan(float(frame["recall"]["Bag"]))


def test_the_worst_mistakes_come_first() -> None:
    worst = worst_mistakes(LEFT, 2)
    assert list(worst["index"]) == [102, 104]
    assert worst["loss"][0] == math.inf
    assert worst["loss"][1] == pytest.approx(-math.log(0.1), rel=1e-6)
    assert list(worst["predicted_class"]) == ["Shirt", "T-shirt/top"]


def test_no_mistakes_are_no_rows() -> None:
    assert len(worst_mistakes(predictions([(1, 1, 1.0)]))) == 0
