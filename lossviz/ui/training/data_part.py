"""The data part: where the images came from, how they look, and what normalises them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from lossviz.charts.pictures import sheet
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.data.array_file import ArrayFileError
from lossviz.training.data.dataset import Dataset, open_dataset
from lossviz.training.jobs import DataStatus, JobManager
from lossviz.training.settings import DATA
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.part import part
from lossviz.ui.training.state import TrainingState

_LOOK_SECONDS = 1.0
_ALL = "All classes"
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Data:
    """The data as the page has it at this moment.

    Attributes:
        status: How far it is.
        dataset: The mapped images, once they are there and can be read.
    """

    status: DataStatus
    dataset: Dataset | None = None


def data_part(state: TrainingState, jobs: JobManager) -> None:
    """Where the data came from, samples, counts, mean and deviation; its preparing is begun here."""
    kind = state.settings.data
    jobs.prepare_data(kind)
    waiting = _under_way(jobs.data_status(kind))
    st.fragment(_data_part, run_every=_LOOK_SECONDS if waiting else None)(state, jobs, kind, waiting=waiting)


def _under_way(status: DataStatus) -> bool:
    return status.state in ("unknown", "preparing")


def _data_part(state: TrainingState, jobs: JobManager, kind: str, *, waiting: bool) -> None:
    """What changes while the data is prepared; only this part of the page is run again then."""
    data = look(jobs, state.settings.data)
    inside = part(state, "Data", _line(data.status), open_at_first=True)
    if inside:
        with inside:
            _inside(state, jobs, data)
    if state.settings.data != kind or _under_way(data.status) != waiting:
        st.rerun()  # the whole page: other data was chosen, or the timer is to start or to end


def _inside(state: TrainingState, jobs: JobManager, data: Data) -> None:
    _choice(state)
    _origin(state, jobs, data.status)
    if data.dataset is not None:
        _samples(state, data.dataset)


def look(jobs: JobManager, kind: str) -> Data:
    """The data as it now stands."""
    status = jobs.data_status(kind)
    if status.state != "ready" or status.dataset_folder is None:
        return Data(status)
    try:
        return Data(status, open_dataset(status.dataset_folder, status.origin, verify=False))
    except ArrayFileError:
        # Somebody cleared the cache behind our back; the next run finds or fetches it anew.
        return Data(status)


def _line(status: DataStatus) -> str:
    if status.state == "ready":
        return plain(status.name or "")
    if status.state == "failed":
        return "not to be had; open for what to do"
    return plain(status.message) or "looking for it"


def _choice(state: TrainingState) -> None:
    key = "training/data"
    st.session_state[key] = state.settings.data
    st.segmented_control(
        "Data; auto takes FashionMNIST where it is to be had, else drawn garments",
        DATA,
        format_func=wording.DATA.__getitem__,
        key=key,
        required=True,
        on_change=lambda: state.set("data", str(st.session_state[key])),
        label_visibility="collapsed",
    )


def _origin(state: TrainingState, jobs: JobManager, status: DataStatus) -> None:
    if status.state == "failed" and status.failure is not None:
        st.error(
            f"{plain(status.failure.message)}  \n{plain(status.failure.advice)}", icon=":material/error:"
        )
    elif status.state == "ready":
        st.markdown(plain(status.origin or ""))
    else:
        st.progress(_share(status), plain(f"{status.message or 'Looking for the data.'} {_amount(status)}"))
    for note in status.notes:
        st.caption(plain(note))
    if status.state == "failed" or (
        status.state == "ready" and status.name != wording.FASHION_MNIST and state.settings.data == "auto"
    ):
        st.button(
            "Look for FashionMNIST again" if status.state == "ready" else "Try again",
            icon=":material/refresh:",
            key="training/data/retry",
            on_click=lambda: jobs.prepare_data(state.settings.data, retry=True),
        )


def _share(status: DataStatus) -> float:
    return min(1.0, status.done / status.total) if status.total else 0.0


def _amount(status: DataStatus) -> str:
    if not status.total:
        return ""
    if status.unit == "bytes":
        return f"{status.done / 1e6:.1f} of {status.total / 1e6:.1f} MB"
    return f"{status.done:,} of {status.total:,} {status.unit}"


def _samples(state: TrainingState, dataset: Dataset) -> None:
    key = "training/class"
    options = [_ALL, *CLASS_NAMES]
    st.session_state[key] = state.kept.get("class", _ALL)

    def chosen() -> None:
        state.kept["class"] = st.session_state[key]

    picked = st.selectbox("Show", options, key=key, on_change=chosen, width=260, label_visibility="collapsed")
    if picked == _ALL:
        _every_class(dataset)
    else:
        _one_class(dataset, CLASS_NAMES.index(picked))
    official = "official " if dataset.name == wording.FASHION_MNIST else ""
    st.markdown(
        f"{len(dataset.train_images):,} images to train with and {len(dataset.test_images):,} {official}test images, "
        f"28 × 28 pixels, grey. Scaled to 0 to 1, the pixels of the training images have mean "
        f"**{dataset.mean:.4f}** and standard deviation **{dataset.std:.4f}**; the network is given "
        f"(pixel − {dataset.mean:.4f}) / {dataset.std:.4f}."
    )


def _every_class(dataset: Dataset) -> None:
    counts = dataset.class_counts
    sheets = [
        sheet(dataset.train_images[of_class(dataset, place)[:2]], 2, times=4, gap=12)
        for place in range(len(CLASS_NAMES))
    ]
    with st.container(key="pairs-of-garments"):
        st.image(
            sheets,
            caption=[f"{name} · {counts[place]:,}" for place, name in enumerate(CLASS_NAMES)],
            width=120,
            alt=[f"Two pictures of the class {name}, {dataset.name}" for name in CLASS_NAMES],
        )


def _one_class(dataset: Dataset, place: int) -> None:
    name, indices = CLASS_NAMES[place], of_class(dataset, place)
    st.markdown(f"**{name}**: {len(indices):,} images to train with. The first {_SHOWN}:")
    with st.container(key="single-garments"):
        st.image(
            [_apart(dataset.train_images[index]) for index in indices[:_SHOWN]],
            caption=[f"no. {index:,}" for index in indices[:_SHOWN]],
            width=88,
            alt=[f"{name}, training image number {index}, {dataset.name}" for index in indices[:_SHOWN]],
        )


def _apart(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture enlarged, with room to its neighbours."""
    return sheet(image[None], 1, times=6, gap=14)


def of_class(dataset: Dataset, place: int) -> NDArray[np.int64]:
    """The positions of a class's training images."""
    return np.flatnonzero(dataset.train_labels == place)
