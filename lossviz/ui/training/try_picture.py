"""One validation image at a time, with the class probabilities that the network gives it."""

from __future__ import annotations

from typing import cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from lossviz.charts import probabilities as probability_chart
from lossviz.charts.pictures import enlarged
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.data.dataset import Dataset
from lossviz.training.link import checked_argument
from lossviz.training.objectives.argument import Argument
from lossviz.training.results import Predictions
from lossviz.ui.training import wording
from lossviz.ui.training.chart import chart
from lossviz.ui.training.state import TrainingState
from lossviz.ui.training.typed_field import typed_field

_ALL = "All classes"
_MISTAKES = "Mistakes only"
_PLACE = "try/place"
"""Which picture is shown, counted from 0, among those that the class picks."""


@st.fragment
def try_picture(state: TrainingState, predictions: Predictions, dataset: Dataset) -> None:
    """One validation image at a time with its class probabilities."""
    wanted = "training/try/class"
    options = [_ALL, _MISTAKES, *CLASS_NAMES]
    st.session_state[wanted] = state.kept.get("try/class", _ALL)
    place = int(state.kept.get(_PLACE, 0))

    def filtered() -> None:
        state.kept["try/class"] = st.session_state[wanted]
        show(0)

    def show(new: int) -> None:
        state.kept[_PLACE] = new
        state.refuse(_PLACE, "", None)

    def typed(text: str) -> None:
        picture = Argument("picture", "whole", "", 1, low=1, high=len(rows))
        value, problem = checked_argument(picture, text)
        if not state.refuse(_PLACE, text, problem):
            show(cast("int", value) - 1)

    picked = st.selectbox("Show", options, key=wanted, on_change=filtered, width=260)
    rows = _rows(predictions, picked)
    if not len(rows):
        st.markdown("There is no such picture among the validation images.")
        return
    place %= len(rows)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Previous",
            icon=":material/chevron_left:",
            key="training/try/back",
            on_click=show,
            args=(place - 1,),
        )
        typed_field(
            state,
            _PLACE,
            f"Picture, 1 to {len(rows)}",
            str(place + 1),
            typed,
            key="training/try/place",
            width=180,
        )
        st.button(
            "Next", icon=":material/chevron_right:", key="training/try/next", on_click=show, args=(place + 1,)
        )
    row = int(rows[place])
    index, label, said = (
        int(values[row]) for values in (predictions.indices, predictions.labels, predictions.predicted)
    )
    picture, bars = st.columns([1, 3], gap="medium")
    with picture:
        st.image(
            enlarged(dataset.train_images[index], 8),
            caption=f"{dataset.name}, training image no. {index:,}",
            width=224,
            alt=f"{CLASS_NAMES[label]}, {dataset.name}, validation image number {index}",
        )
        right = "Right" if label == said else "Wrong"
        st.markdown(
            f"{right}: it is **{CLASS_NAMES[label]}**, the network says **{CLASS_NAMES[said]}** "
            f"({wording.percent(float(predictions.probabilities[row, said]))})."
        )
    with bars:
        chart(
            probability_chart.spec(CLASS_NAMES),
            probability_chart.datasets(CLASS_NAMES, predictions.probabilities[row].tolist(), label),
            probability_chart.ALT,
        )


def _rows(predictions: Predictions, picked: str) -> NDArray[np.int64]:
    if picked == _MISTAKES:
        kept = predictions.predicted != predictions.labels
    elif picked in CLASS_NAMES:
        kept = predictions.labels == CLASS_NAMES.index(picked)
    else:
        return np.arange(len(predictions.labels))
    return np.flatnonzero(kept)
