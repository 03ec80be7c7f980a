"""The images that a classifier is most wrong about."""

from __future__ import annotations

import streamlit as st

from lossviz.charts.pictures import sheet
from lossviz.training.data.dataset import Dataset
from lossviz.training.results import Predictions, worst_mistakes
from lossviz.ui.messages import plain
from lossviz.ui.training import wording


def show(predictions: Predictions, dataset: Dataset) -> None:
    """The validation images whose true class the network thought least likely."""
    mistakes = worst_mistakes(predictions)
    if not len(mistakes):
        st.markdown("No mistakes on the validation images.")
        return
    st.markdown(
        f"The validation images ({plain(dataset.name)}) whose true class the network thought least likely."
    )
    rows = mistakes.to_dict("records")
    st.image(
        [sheet(dataset.train_images[row["index"]][None], 1, times=8, gap=14) for row in rows],
        caption=[
            f"is {row['true_class']}: {wording.percent(row['true_probability'])}, "
            f"called {row['predicted_class']}: {wording.percent(row['predicted_probability'])}"
            for row in rows
        ],
        width=150,
        alt=[
            f"{row['true_class']}, {dataset.name}, validation image number {row['index']}, "
            f"called {row['predicted_class']}"
            for row in rows
        ],
    )
