"""The pictures of a run while it goes: its loss, and what its task is watched by."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from lossviz.charts import embedding_plane, training_curves
from lossviz.charts.pictures import sheet
from lossviz.charts.training_curves import Course
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.events import Epoch, Initial
from lossviz.training.frames import curves
from lossviz.training.jobs import RunSnapshot
from lossviz.training.tasks.looks import PICTURES
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.chart import chart

_COLUMNS: Final = 5
_EMPTY: Final[NDArray[np.uint8]] = np.full((PICTURES, 28, 28), 128, np.uint8)
"""What stands in for the pictures until they come: grey, and of the same size."""


def run_pictures(snapshot: RunSnapshot, name: str, marked: Sequence[tuple[float, str]]) -> None:
    """The pictures so far; each is there from the first moment and keeps its place and size.

    Args:
        snapshot: The run.
        name: The data's name, which stands in every picture.
        marked: What the doctor marks in the loss picture: an epoch and a few words.
    """
    started = snapshot.started
    course = Course(
        curves(snapshot),
        snapshot.step_losses,
        snapshot.settings.steps_per_epoch,
        snapshot.settings.epochs,
        name,
        chance_loss=started.chance_loss if started else math.nan,
        level=wording.level(started.chance_loss, started.baseline) if started else "",
        marks=marked,
    )
    _SHOWS[snapshot.settings.task](snapshot, course)


def _classify(_snapshot: RunSnapshot, course: Course) -> None:
    loss, accuracy = st.columns(2, gap="medium")
    with loss:
        _loss(course)
    with accuracy:
        chart(
            training_curves.accuracy_spec(),
            training_curves.accuracy_datasets(course),
            training_curves.ACCURACY_ALT,
        )


def _reconstruct(snapshot: RunSnapshot, course: Course) -> None:
    """The loss, and beside it the images with what the network draws of them."""
    loss, pictures = st.columns(2, gap="medium")
    with loss:
        _loss(course)
    points = _points(snapshot)
    latest = next((point.pictures for point in reversed(points) if point.pictures is not None), None)
    originals, drawn = (latest.originals, latest.reconstructions) if latest else (_EMPTY, _EMPTY)
    with pictures:
        st.image(
            side_by_side(originals, drawn),
            width="stretch",
            alt="Validation images, each above what the network draws of it.",
        )
        about = f"Validation images ({plain(course.title)}), each above what the network draws of it"
        st.caption(
            f"{about}, {moment(snapshot)}." if course.title else "The pictures come with the first measuring."
        )


def _embed(snapshot: RunSnapshot, course: Course) -> None:
    """The loss and the shares, and beside them the plane, as high as both."""
    curves_side, plane = st.columns(2, gap="medium")
    with curves_side:
        _loss(course)
        chart(training_curves.embed_spec(), training_curves.embed_datasets(course), training_curves.EMBED_ALT)
    planes = [point.plane for point in _points(snapshot) if point.plane is not None]
    with plane:
        chart(
            embedding_plane.spec(CLASS_NAMES),
            embedding_plane.datasets(
                CLASS_NAMES,
                [each.points for each in planes],
                planes[-1].labels if planes else [],
                course.title,
                moment(snapshot),
            ),
            embedding_plane.ALT,
        )
        st.caption(
            "Every mark is a validation image, put where the network puts it. Nothing but the distances counts: the "
            "axes have no meaning of their own."
        )


_SHOWS: Final[Mapping[str, Callable[[RunSnapshot, Course], None]]] = {
    "classify": _classify,
    "reconstruct": _reconstruct,
    "embed": _embed,
}


def side_by_side(originals: NDArray[np.uint8], drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images with what is drawn of them below each, in rows of five.

    Args:
        originals: uint8, shape (N, 28, 28).
        drawn: The same.

    Returns:
        Red, green, blue and opacity, uint8, shape (height, width, 4).
    """
    pairs = np.concatenate([originals, drawn], axis=1)
    return sheet(pairs, _COLUMNS, times=4, gap=10)


def moment(snapshot: RunSnapshot) -> str:
    """When a run was last measured.

    Returns:
        For instance "after epoch 2 of 5".
    """
    if snapshot.epochs:
        return f"after epoch {snapshot.epochs[-1].epoch} of {snapshot.settings.epochs}"
    return "before the first step"


def _points(snapshot: RunSnapshot) -> list[Initial | Epoch]:
    return [*([snapshot.initial] if snapshot.initial is not None else []), *snapshot.epochs]


def _loss(course: Course) -> None:
    chart(training_curves.loss_spec(), training_curves.loss_datasets(course), training_curves.LOSS_ALT)
