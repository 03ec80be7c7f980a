"""Whether a network's probabilities mean what they say: reliability and expected calibration error. Knows no torch.

What a loss's numbers are, probabilities or only made to look so, `lossviz.training.confidence` says.

Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", https://arxiv.org/abs/1706.04599.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lossviz.training.results import Predictions

BINS = 10
"""Bins of equal width between 0 and 1."""


def reliability(predictions: Predictions, bins: int = BINS) -> pd.DataFrame:
    """How often the network is right when it claims a confidence.

    Args:
        predictions: The network's answers.
        bins: How many bins of equal width the confidences from 0 to 1 are sorted into.

    Returns:
        A row a bin, lowest first: low, high (its ends; a confidence on an end belongs to the bin below), images,
        confidence (their mean probability of the predicted class) and accuracy (the share of them that is right);
        both NaN where there is no image. Images whose probabilities are not finite, as a diverged run leaves them,
        are in no bin.

    Raises:
        ValueError: There is no bin.
    """
    if bins < 1:
        raise ValueError("Reliability needs at least one bin.")
    confidence = predictions.probabilities.max(axis=1).astype(np.float64)
    right = predictions.predicted == predictions.labels
    known = np.isfinite(confidence)
    confidence, right = confidence[known], right[known]
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    images = np.bincount(place, minlength=bins)
    empty = np.full(bins, np.nan)
    with_images = images > 0
    return pd.DataFrame(
        {
            "low": np.arange(bins) / bins,
            "high": np.arange(1, bins + 1) / bins,
            "images": images,
            "confidence": np.divide(
                np.bincount(place, confidence, bins), images, out=empty.copy(), where=with_images
            ),
            "accuracy": np.divide(
                np.bincount(place, right, bins), images, out=empty.copy(), where=with_images
            ),
        }
    )


def expected_calibration_error(predictions: Predictions, bins: int = BINS) -> float:
    """The mean distance between confidence and accuracy over the bins, weighted by their images.

    Args:
        predictions: The network's answers.
        bins: As for `reliability`.

    Returns:
        Between 0 (calibrated, as far as the bins show) and 1; NaN if there is no image.

    Raises:
        ValueError: There is no bin.
    """
    table = reliability(predictions, bins)
    total = int(table["images"].sum())
    if not total:
        return float("nan")
    distance = (table["accuracy"] - table["confidence"]).abs()
    return float((distance * table["images"]).sum() / total)


def sample_losses(predictions: Predictions) -> pd.DataFrame:
    """The cross-entropy of each image, and what share of the mean it carries.

    Args:
        predictions: The network's answers.

    Returns:
        A row an image, largest loss first: loss (-ln of the true class's probability; inf where that is 0), right
        (whether the image is classified rightly) and carried (the share of the sum of all losses that this image
        and those above it carry; NaN if the sum is not finite or 0).
    """
    rows = np.arange(len(predictions.labels))
    with np.errstate(divide="ignore"):
        loss = -np.log(predictions.probabilities[rows, predictions.labels].astype(np.float64)) + 0.0
    order = np.argsort(-loss, kind="stable")
    total = loss.sum()
    usable = np.isfinite(total) and total > 0
    return pd.DataFrame(
        {
            "loss": loss[order],
            "right": (predictions.predicted == predictions.labels)[order],
            "carried": np.cumsum(loss[order]) / total if usable else np.full(len(loss), np.nan),
        }
    )
