"""What came of a run: accuracy, confusion, the worst mistakes, pictures to try, and the curves to take home."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from lossviz.charts import confusion as confusion_chart
from lossviz.charts import probabilities as probability_chart
from lossviz.charts.pictures import enlarged, sheet
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.data.dataset import Dataset
from lossviz.training.frames import curves, export
from lossviz.training.jobs import JobManager, RunSnapshot
from lossviz.training.results import (
    Predictions,
    ResultsError,
    by_class,
    confusion,
    load_predictions,
    worst_mistakes,
)
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.data_part import look
from lossviz.ui.training.run_view import title
from lossviz.ui.training.state import TrainingState

_ALL = "All classes"
_MISTAKES = "Mistakes only"


def results_part(state: TrainingState, jobs: JobManager, snapshot: RunSnapshot) -> None:
    """What came of a run that has ended."""
    st.subheader("What came of it")
    _numbers(snapshot)
    predictions, problem = _predictions(snapshot)
    dataset = _dataset(jobs, snapshot)
    tabs = st.tabs(["Confusion", "Worst mistakes", "Try a picture", "Numbers to take home"])
    missing = problem or "This run left no predictions: it ended before anything was measured. Train again."
    with tabs[0]:
        if predictions is None:
            st.info(plain(missing))
        else:
            _confusion(predictions, title(snapshot))
    for tab, show in ((tabs[1], _worst), (tabs[2], _try)):
        with tab:
            if predictions is None:
                st.info(plain(missing))
            elif dataset is None:
                st.info(
                    f"The images of {plain(title(snapshot))} are not at hand now. Open the data part above."
                )
            else:
                show(state, predictions, dataset)
    with tabs[3]:
        _take_home(snapshot)


def _numbers(snapshot: RunSnapshot) -> None:
    result = snapshot.result
    if result is None:
        return
    with st.container(horizontal=True):
        st.metric(
            f"validation accuracy, {result.validation_measured_on:,} images",
            wording.percent(result.validation_accuracy),
            width="content",
        )
        st.metric("validation loss", _loss(result.validation_loss), width="content")
        if result.test_accuracy is not None:
            st.metric(
                "official test accuracy, 10,000 images",
                wording.percent(result.test_accuracy),
                width="content",
            )
        if result.test_loss is not None:
            st.metric("test loss", _loss(result.test_loss), width="content")
    if result.test_accuracy is None:
        st.caption("A stopped run does not take the time for the official test images.")


def _loss(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "not finite"


def _predictions(snapshot: RunSnapshot) -> tuple[Predictions | None, str | None]:
    if snapshot.predictions is None:
        return None, None
    try:
        return load_predictions(snapshot.predictions), None
    except ResultsError as error:
        return None, str(error)


def _dataset(jobs: JobManager, snapshot: RunSnapshot) -> Dataset | None:
    """The images that the run trained on, if they are at hand: never others of the same numbers."""
    if snapshot.started is None:
        return None
    by_name = "fashion-mnist" if snapshot.started.data_name == "FashionMNIST" else "drawn-garments"
    for kind in dict.fromkeys((snapshot.settings.data, by_name)):
        dataset = look(jobs, kind).dataset
        if dataset is not None and dataset.name == snapshot.started.data_name:
            return dataset
    return None


def _confusion(predictions: Predictions, name: str) -> None:
    counts = confusion(predictions)
    picture, words = st.columns([3, 2], gap="medium")
    with picture:
        st.vega_lite_chart(
            None,
            {
                **confusion_chart.spec(CLASS_NAMES),
                "datasets": confusion_chart.datasets(
                    counts, f"{name}, {len(predictions.labels):,} validation images"
                ),
            },
            width="stretch",
            alt=confusion_chart.ALT,
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


def _worst(state: TrainingState, predictions: Predictions, dataset: Dataset) -> None:
    del state
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
            f"{row['true_class']}: {row['true_probability']:.1%}, "
            f"called {row['predicted_class']}: {row['predicted_probability']:.0%}"
            for row in rows
        ],
        width=150,
        alt=[
            f"{row['true_class']}, {dataset.name}, validation image number {row['index']}, "
            f"called {row['predicted_class']}"
            for row in rows
        ],
    )


@st.fragment
def _try(state: TrainingState, predictions: Predictions, dataset: Dataset) -> None:
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
            f"({predictions.probabilities[row, said]:.1%})."
        )
    with bars:
        st.vega_lite_chart(
            None,
            {
                **probability_chart.spec(CLASS_NAMES),
                "datasets": probability_chart.datasets(
                    CLASS_NAMES, predictions.probabilities[row].tolist(), label
                ),
            },
            width="stretch",
            alt=probability_chart.ALT,
        )


def _rows(predictions: Predictions, picked: str) -> NDArray[np.int64]:
    if picked == _MISTAKES:
        kept = predictions.predicted != predictions.labels
    elif picked in CLASS_NAMES:
        kept = predictions.labels == CLASS_NAMES.index(picked)
    else:
        return np.arange(len(predictions.labels))
    return np.flatnonzero(kept)


def csv(snapshot: RunSnapshot) -> str:
    """Everything a run measured, as CSV: every row names the data and the settings."""
    settings = json.dumps(snapshot.settings.as_dict(), sort_keys=True)
    return export(snapshot).assign(settings=settings).to_csv(index=False, na_rep="not finite")


def _take_home(snapshot: RunSnapshot) -> None:
    table = curves(snapshot)
    name = title(snapshot) or "no data"
    st.dataframe(
        table.drop(columns=["data"]).astype({"value": float}),
        hide_index=True,
        alt="The curves by epoch as numbers: epoch, step, measure, line, value, and on how many images.",
    )
    st.download_button(
        "Curves as CSV",
        lambda: csv(snapshot),
        file_name=f"lossviz-{name.replace(' ', '-').lower()}-{snapshot.run_id[:8]}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="training/csv",
        on_click="ignore",
    )
    st.caption(
        f"Every step and every epoch, with the data's name ({plain(name)}) and the settings in each row."
    )
