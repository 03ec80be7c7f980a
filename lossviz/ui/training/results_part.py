"""What came of a run: its numbers, and a tab for each look inside, for pictures to try, and for what to take home."""

from __future__ import annotations

import math
from collections.abc import Callable

import streamlit as st

from lossviz.training.data.dataset import Dataset
from lossviz.training.jobs import JobManager, RunSnapshot
from lossviz.training.results import Predictions, ResultsError, load_predictions
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.data_part import look
from lossviz.ui.training.look_inside import worst_mistakes
from lossviz.ui.training.look_inside.answers import answers
from lossviz.ui.training.look_inside.views import not_here, views
from lossviz.ui.training.own_picture_part import own_picture_part
from lossviz.ui.training.run_view import title
from lossviz.ui.training.state import TrainingState
from lossviz.ui.training.take_home import take_home
from lossviz.ui.training.try_picture import try_picture

_WORST, _TRY, _OWN, _HOME = "Worst mistakes", "Try a picture", "Your own picture", "Take home"
_RIGHT = {"classify": "accuracy", "embed": "nearest-neighbour accuracy"}
"""What the share of right answers is called, by task; to reconstruct, nothing is right or wrong."""

_ORDER = (
    "Confusion",
    "Reconstructions",
    "Plane",
    _WORST,
    "Calibration",
    "Loss by image",
    "Gradients",
    "Landscape",
    _TRY,
    _OWN,
    _HOME,
)


def results_part(state: TrainingState, jobs: JobManager, snapshot: RunSnapshot) -> None:
    """What came of a run that has ended."""
    st.header("What came of it", anchor=False)
    if not snapshot.settings.range_test:
        _numbers(snapshot)
    _tabs(state, jobs, snapshot)


@st.fragment
def _tabs(state: TrainingState, jobs: JobManager, snapshot: RunSnapshot) -> None:
    """A tab for each view; only the open one is computed."""
    predictions, problem = _predictions(snapshot)
    if predictions is None and snapshot.settings.task == "classify" and not snapshot.settings.range_test:
        missing = "This run left no predictions: it ended before they were made. Train again."
        st.info(plain(problem or missing))
    shows: dict[str, Callable[[], None]] = dict(views(snapshot, predictions))
    if predictions is not None and answers(predictions):
        shows[_WORST] = lambda: _with_images(
            jobs, snapshot, lambda images: worst_mistakes.show(predictions, images)
        )
        shows[_TRY] = lambda: _with_images(
            jobs, snapshot, lambda images: try_picture(state, predictions, images)
        )
    if not snapshot.settings.range_test:
        shows[_OWN] = lambda: own_picture_part(state, jobs, snapshot)
    shows[_HOME] = lambda: take_home(jobs, snapshot, predictions, _dataset(jobs, snapshot))
    names = [name for name in _ORDER if name in shows]
    key = "training/look"
    if key not in st.session_state and state.kept.get(key) in names:
        st.session_state[key] = state.kept[key]

    def opened() -> None:
        state.kept[key] = st.session_state[key]

    for name, tab in zip(names, st.tabs(names, key=key, on_change=opened), strict=True):
        if tab.open:
            with tab:
                shows[name]()
    if why := not_here(snapshot):
        st.caption(why)


def _with_images(jobs: JobManager, snapshot: RunSnapshot, show: Callable[[Dataset], None]) -> None:
    dataset = _dataset(jobs, snapshot)
    if dataset is None:
        st.info(f"The images of {plain(title(snapshot))} are not at hand now. Open the data part above.")
    else:
        show(dataset)


def _numbers(snapshot: RunSnapshot) -> None:
    result = snapshot.result
    if result is None:
        return
    right = _RIGHT.get(snapshot.settings.task, "")
    official = "official " if title(snapshot) == wording.FASHION_MNIST else ""
    validated = f", {result.validation_measured_on:,} images"
    tested = f", {snapshot.started.test_images:,} images" if snapshot.started is not None else ""
    with st.container(horizontal=True):
        if right:
            st.metric(
                f"validation {right}{validated}", wording.percent(result.validation_accuracy), width="content"
            )
        st.metric(
            "validation loss" if right else f"validation loss{validated}",
            _loss(result.validation_loss),
            width="content",
        )
        if right and result.test_accuracy is not None:
            st.metric(
                f"{official}test {right}{tested}", wording.percent(result.test_accuracy), width="content"
            )
        if result.test_loss is not None:
            st.metric(
                "test loss" if right else f"{official}test loss{tested}",
                _loss(result.test_loss),
                width="content",
            )
    if result.test_loss is None:
        st.caption("A stopped run does not take the time for the test images.")
    for note in result.notes:
        st.caption(plain(note))


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
