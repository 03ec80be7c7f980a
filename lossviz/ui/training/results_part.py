"""What came of a run: accuracy, confusion, the worst mistakes, pictures to try, and the curves to take home."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from lossviz.charts import confusion as confusion_chart
from lossviz.charts.pictures import sheet
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.data.dataset import Dataset
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
from lossviz.ui.training.own_picture_part import own_picture_part
from lossviz.ui.training.run_view import title
from lossviz.ui.training.state import TrainingState
from lossviz.ui.training.take_home import take_home
from lossviz.ui.training.try_picture import try_picture

_OWN, _HOME = "Your own picture", "Take home"


def results_part(state: TrainingState, jobs: JobManager, snapshot: RunSnapshot) -> None:
    """What came of a run that has ended."""
    st.subheader("What came of it")
    _numbers(snapshot)
    predictions, problem = _predictions(snapshot)
    dataset = _dataset(jobs, snapshot)
    if predictions is None:
        if snapshot.settings.task == "classify":
            missing = "This run left no predictions: it ended before they were made. Train again."
            st.info(plain(problem or missing))
        own, home = st.tabs([_OWN, _HOME])
        with own:
            own_picture_part(state, jobs, snapshot)
        with home:
            take_home(jobs, snapshot, predictions, dataset)
        return
    tabs = st.tabs(["Confusion", "Worst mistakes", "Try a picture", _OWN, _HOME])
    with tabs[0]:
        _confusion(predictions, title(snapshot))
    for tab, show in ((tabs[1], _worst), (tabs[2], try_picture)):
        with tab:
            if dataset is None:
                name = plain(title(snapshot))
                st.info(f"The images of {name} are not at hand now. Open the data part above.")
            else:
                show(state, predictions, dataset)
    with tabs[3]:
        own_picture_part(state, jobs, snapshot)
    with tabs[4]:
        take_home(jobs, snapshot, predictions, dataset)


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
        if result.test_accuracy is not None and snapshot.started is not None:
            official = "official " if title(snapshot) == wording.FASHION_MNIST else ""
            st.metric(
                f"{official}test accuracy, {snapshot.started.test_images:,} images",
                wording.percent(result.test_accuracy),
                width="content",
            )
        if result.test_loss is not None:
            st.metric("test loss", _loss(result.test_loss), width="content")
    if result.test_accuracy is None:
        st.caption("A stopped run does not take the time for the test images.")


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
    by_name = "fashion-mnist" if snapshot.started.data_name == wording.FASHION_MNIST else "drawn-garments"
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
