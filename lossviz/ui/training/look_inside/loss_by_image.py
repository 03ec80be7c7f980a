"""How the loss is spread over the images."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from lossviz.charts import loss_histogram as chart
from lossviz.training.calibration import sample_losses
from lossviz.training.jobs import RunSnapshot
from lossviz.training.results import Predictions
from lossviz.ui.training import wording
from lossviz.ui.training.look_inside.answers import about, what_they_are
from lossviz.ui.training.look_inside.beside import picture_beside_words

LARGEST_SHARE: Final = 0.05
"""The share of the images with the largest loss that is spoken of."""


def show(snapshot: RunSnapshot, predictions: Predictions) -> None:
    """The histogram of the losses, and how much of their mean the largest carry."""
    losses = sample_losses(predictions)
    _, words = picture_beside_words(
        chart.spec(), chart.datasets(losses, about(snapshot, predictions)), chart.ALT
    )
    with words:
        st.markdown(loss_words(losses))
        what_they_are(snapshot)
        st.caption(
            "The loss of an image is here the cross-entropy of these probabilities, minus the logarithm of the true "
            "class's, whatever the run was trained with: so runs with different losses can be looked at alike. The "
            "number of images is drawn on a square-root axis: otherwise the few with a large loss would not be seen."
        )


def loss_words(losses: pd.DataFrame) -> str:
    """How much of the mean the images with the largest loss carry, by the run's own numbers, in Markdown.

    Args:
        losses: What `sample_losses` gives.
    """
    if not len(losses):
        return "There are no validation images to judge by."
    infinite = int((~np.isfinite(losses["loss"])).sum())
    if infinite:
        return (
            f"{wording.count(infinite, 'image has', 'images have')} an infinite loss: the network gave the true "
            "class a probability of 0. The mean over all images is infinite, whatever the others are."
        )
    count = max(1, math.ceil(LARGEST_SHARE * len(losses)))
    carried = float(losses["carried"].iloc[count - 1])
    if not math.isfinite(carried):
        return "Every image has a loss of 0."
    wrong = int((~losses["right"].iloc[:count].astype(bool)).sum())
    median = float(losses["loss"].median())
    mean = float(losses["loss"].mean())
    return (
        f"The **{_whole(count / len(losses))} of images with the largest loss carry {_whole(carried)} of the mean**: "
        f"{wording.count(count, 'image', 'images')}, {wrong:,} of them classified wrongly.\n\n"
        f"The mean is {mean:.3f}, the median {median:.3f}: half of the images have a loss below that."
    )


def _whole(share: float) -> str:
    """A share as a whole percentage, or below one per cent with a digit."""
    return f"{share * 100:.0f} %" if share >= 0.0095 else f"{share * 100:.1f} %"
