"""What the looks at a classifier's answers share: whether there are any, what they are of, how they came about."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lossviz.training.confidence import confidence
from lossviz.training.jobs import RunSnapshot
from lossviz.training.results import Predictions
from lossviz.ui.training.run_view import title


def answers(predictions: Predictions) -> bool:
    """Whether the network still says something: a diverged one gives no finite probabilities."""
    return bool(np.isfinite(predictions.probabilities).all())


def no_answers() -> None:
    """Say that a diverged network has nothing to show."""
    st.info(
        "The network has diverged: its probabilities are not finite numbers, so it names no class. Take a smaller "
        "learning rate, and train again."
    )


def about(snapshot: RunSnapshot, predictions: Predictions) -> str:
    """What the answers are of: the data's name and how many images.

    Returns:
        Plain text, to be shown as such.
    """
    return f"{title(snapshot)}, {len(predictions.labels):,} validation images"


def what_they_are(snapshot: RunSnapshot) -> None:
    """Say how the probabilities came about: not every loss makes some."""
    said = confidence(snapshot.settings)
    if said is None:
        return
    if said.kind == "scores":
        st.warning(said.sentence, icon=":material/warning:")
    else:
        st.caption(said.sentence)
