"""One validation image at a time, with the class probabilities that the network gives it."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from lossviz.charts import probabilities as probability_chart
from lossviz.charts.pictures import enlarged
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.data.dataset import Dataset
from lossviz.training.results import Predictions
from lossviz.ui.training import wording
from lossviz.ui.training.chart import chart
from lossviz.ui.training.state import TrainingState

_ALL = "All classes"
_MISTAKES = "Mistakes only"


@st.fragment
def try_picture(state: TrainingState, predictions: Predictions, dataset: Dataset) -> None:
    """One validation image at a time with its class probabilities."""
    wanted, place_key = "training/try/class", "training/try/place"
    options = [_ALL, _MISTAKES, *CLASS_NAMES]
    st.session_state[wanted] = state.kept.get("try/class", _ALL)
    place = int(state.kept.get("try/place", 0))

    def filtered() -> None:
        state.kept["try/class"], state.kept["try/place"] = st.session_state[wanted], 0

    def move(by: int) -> None:
        state.kept["try/place"] = place + by

    def typed() -> None:
        state.kept["try/place"] = int(st.session_state[place_key] or 1) - 1

    picked = st.selectbox("Show", options, key=wanted, on_change=filtered, width=260)
    rows = _rows(predictions, picked)
    if not len(rows):
        st.markdown("There is no such picture among the validation images.")
        return
    place %= len(rows)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Previous", icon=":material/chevron_left:", key="training/try/back", on_click=move, args=(-1,)
        )
        st.session_state[place_key] = place + 1
        st.number_input(
            f"Picture, 1 to {len(rows):,}", 1, len(rows), step=1, key=place_key, on_change=typed, width=180
        )
        st.button("Next", icon=":material/chevron_right:", key="training/try/next", on_click=move, args=(1,))
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
