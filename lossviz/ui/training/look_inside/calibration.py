"""Whether a classifier is as sure as it is right."""

from __future__ import annotations

import math
from typing import Final

import streamlit as st

from lossviz.charts import reliability as chart
from lossviz.training.calibration import BINS, expected_calibration_error, reliability
from lossviz.training.jobs import RunSnapshot
from lossviz.training.results import Predictions
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.look_inside.answers import about, what_they_are
from lossviz.ui.training.look_inside.beside import picture_beside_words

_SURE: Final = 0.005
"""Confidence and accuracy that are nearer than this count as one."""


def show(snapshot: RunSnapshot, predictions: Predictions) -> None:
    """The reliability diagram and the expected calibration error."""
    table = reliability(predictions)
    picture, words = picture_beside_words(chart.spec(), chart.datasets({"this run": table}), chart.ALT)
    with picture:
        st.caption(f"{plain(about(snapshot, predictions))}. A larger dot stands for more images.")
    with words:
        st.markdown(calibration_words(predictions))
        what_they_are(snapshot)
        st.caption(
            f"Expected calibration error: the distance between confidence and accuracy, averaged over {BINS} bins of "
            "the confidence, each weighted by its images (Guo et al. 2017). Confidence: the probability of the class "
            "that the network names. A bin with few images jumps about."
        )


def calibration_words(predictions: Predictions) -> str:
    """What the reliability diagram says, by the run's own numbers, in Markdown."""
    error = expected_calibration_error(predictions)
    if not math.isfinite(error):
        return "There are no validation images to judge by."
    confidence = float(predictions.probabilities.max(axis=1).mean())
    right = float((predictions.predicted == predictions.labels).mean())
    if abs(confidence - right) < _SURE:
        verdict = "On the whole it is as sure as it is right"
    elif confidence > right:
        verdict = "It is **too sure of itself**"
    else:
        verdict = "It is **not sure enough**"
    return (
        f"{verdict}: its mean confidence is {wording.percent(confidence)}, and {wording.percent(right)} are right.\n\n"
        f"Confidence and accuracy differ by {error * 100:.1f} percentage points on average: an expected calibration "
        f"error of {error:.3f}."
    )
