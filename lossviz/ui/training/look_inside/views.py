"""The looks that a run has: each is computed when its tab is opened, and not before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from lossviz.training.jobs import RunSnapshot
from lossviz.training.results import Predictions
from lossviz.ui.training.look_inside import (
    calibration,
    confusion,
    gradients,
    landscape,
    loss_by_image,
    plane,
    reconstructions,
)
from lossviz.ui.training.look_inside.answers import answers, no_answers

Views = Mapping[str, Callable[[], None]]

_NOT_HERE: Final[Mapping[str, str]] = {
    "classify": "",
    "reconstruct": "There is no confusion matrix, reliability diagram or loss by image here: an autoencoder calls "
    "nothing by a class and gives no probabilities.",
    "embed": "There is no confusion matrix, reliability diagram or loss by image here: an embedding gives places, no "
    "classes and no probabilities, and its loss belongs to a pair or a triplet.",
}


def views(snapshot: RunSnapshot, predictions: Predictions | None) -> Views:
    """What there is to see of a run that has ended, by the names of the tabs.

    Args:
        snapshot: The run.
        predictions: Its answers on the validation images, if it left some.
    """
    found: dict[str, Callable[[], None]] = {}
    task = snapshot.settings.task
    if predictions is not None:
        for name, show in (
            ("Confusion", confusion.show),
            ("Calibration", calibration.show),
            ("Loss by image", loss_by_image.show),
        ):
            found[name] = partial(show, snapshot, predictions) if answers(predictions) else no_answers
    if task == "reconstruct":
        found["Reconstructions"] = partial(reconstructions.show, snapshot)
    if task == "embed":
        found["Plane"] = partial(plane.show, snapshot)
    if not snapshot.settings.range_test:
        found["Gradients"] = partial(gradients.show, snapshot)
        found["Landscape"] = partial(landscape.show, snapshot)
    return found


def not_here(snapshot: RunSnapshot) -> str:
    """Why the views are missing that other tasks have, in one sentence; empty where none is missing."""
    if snapshot.settings.range_test:
        return "A range test trains no network to look into: it takes 150 steps to try out learning rates."
    return _NOT_HERE[snapshot.settings.task]
