"""Which classes are taken for which."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lossviz.charts import confusion as chart
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.jobs import RunSnapshot
from lossviz.training.results import Predictions, by_class, confusion
from lossviz.ui.training import wording
from lossviz.ui.training.look_inside.answers import about
from lossviz.ui.training.look_inside.beside import picture_beside_words


def show(snapshot: RunSnapshot, predictions: Predictions) -> None:
    """The confusion matrix, with recall and precision by class."""
    counts = confusion(predictions)
    _, words = picture_beside_words(
        chart.spec(CLASS_NAMES), chart.datasets(counts, about(snapshot, predictions)), chart.ALT
    )
    with words:
        classes = by_class(predictions)
        table = pd.DataFrame(
            {
                "class": classes.index,
                "images": classes["images"].map("{:,}".format),
                "recall": [wording.percent(value) for value in classes["recall"]],
                "precision": [wording.percent(value) for value in classes["precision"]],
            }
        )
        st.table(
            table,
            hide_index=True,
            border="horizontal",
            alt="For each class: how many validation images it has, which share of them was recognised (recall), and "
            "which share of the images called by its name belong to it (precision).",
        )
        st.caption(
            "Recall: of the images of the class, how many were called so. Precision: of those called so, how many are."
        )
    with st.expander("The matrix as a table"):
        st.dataframe(
            counts, alt="The confusion matrix as numbers: true classes in the rows, predicted in the columns."
        )
