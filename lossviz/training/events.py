"""What a run tells while it goes: typed events, one JSON object a line. Knows no torch.

JSON has no NaN and no infinity, and a run that diverges produces both. They travel as the strings "NaN",
"Infinity" and "-Infinity" and come back as floats.
"""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Any, ClassVar, get_type_hints

from lossviz.training.looking_inside import Landscape, RangeTest
from lossviz.training.tasks.looks import Pictures, Plane


@dataclass(frozen=True, slots=True)
class Waiting:
    """A warmed worker is ready for orders."""

    KIND: ClassVar[str] = "waiting"


@dataclass(frozen=True, slots=True)
class Preparing:
    """The data is being found, fetched, verified or drawn.

    Attributes:
        message: What is being done.
        done: How much of it is done, in `unit`.
        total: How much there is; 0 where that is not known.
        unit: "bytes" or "images".
    """

    KIND: ClassVar[str] = "preparing"
    message: str
    done: int = 0
    total: int = 0
    unit: str = "bytes"


@dataclass(frozen=True, slots=True)
class DataReady:
    """The data is there, verified.

    Attributes:
        folder: The array folder to open.
        name: "FashionMNIST" or "drawn garments".
        origin: A sentence: where it came from.
        notes: Sentences on what went wrong on the way, each with what to do; often none.
        offline: Whether a download was tried in vain on the way.
    """

    KIND: ClassVar[str] = "data-ready"
    folder: str
    name: str
    origin: str
    notes: list[str] = field(default_factory=list)
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the network.

    Attributes:
        name: What it is, with its sizes: "Conv2d 1 → 16, 3x3".
        output_shape: Shape of what comes out of it for one image, without the batch dimension.
        parameters: How many numbers it learns.
    """

    name: str
    output_shape: list[int]
    parameters: int


@dataclass(frozen=True, slots=True)
class Started:
    """A run begins.

    Attributes:
        run: The run's id.
        settings: The settings, resolved, as `Settings.as_dict` gives them.
        data_name: "FashionMNIST" or "drawn garments".
        data_origin: A sentence: where the data came from.
        device: As torch names it: "cpu", "cuda:0", "mps".
        device_name: As its maker names it.
        threads: Threads torch computes with.
        parameters: How many numbers the network learns.
        layers: The network, first layer first.
        train_images: Images an epoch trains on.
        validation_images: Images held out of `train_size` by `validation_share`: never trained on.
        test_images: The official test images; measured once, when the run finishes.
        train_measured_on: Images of the train set on which the train loss is re-measured after each epoch: all
            of them, or a fixed sample where they are many.
        steps_per_epoch: Optimiser steps an epoch.
        steps_total: Optimiser steps of the run.
        chance_loss: The loss of a network that has learned nothing about the single image: ln 10 for cross
            entropy; for every other loss, of the network that `baseline` names.
        baseline: Which network has that loss, to finish "the loss of".
        task: "classify", "reconstruct" or "embed".
        weights_digest: Twelve digits of the first weights, those of the loss's own layers included: two runs with
            the same began with the same weights. Empty for a run of an older version.
        body_digest: The same of the layers below the last, which are the same for every loss of a task.
        batches_digest: The same of which images come in which batch, and under which labels.
        floor_loss: The loss that no network gets below without learning single images by heart: 0, but for
            smoothed or wrong labels and for images that are drawn again. Not a number where there is none.
        wrong_labels: Training images whose label was replaced (`label_noise`).
    """

    KIND: ClassVar[str] = "started"
    run: str
    settings: dict[str, Any]
    data_name: str
    data_origin: str
    device: str
    device_name: str
    threads: int
    parameters: int
    layers: list[Layer]
    train_images: int
    validation_images: int
    test_images: int
    train_measured_on: int
    steps_per_epoch: int
    steps_total: int
    chance_loss: float
    baseline: str = "even guessing among ten classes"
    task: str = "classify"
    weights_digest: str = ""
    body_digest: str = ""
    batches_digest: str = ""
    floor_loss: float = 0.0
    wrong_labels: int = 0


@dataclass(frozen=True, slots=True)
class Initial:
    """The network before its first step: the point at epoch 0.

    Attributes:
        train_loss: Mean loss over the train images measured, eval mode.
        train_accuracy: Share of them classified rightly, 0 to 1; see `Epoch.train_accuracy`.
        validation_loss: Mean loss over the validation images measured.
        validation_accuracy: Share of them classified rightly, 0 to 1.
        train_measured_on: How many train images that was: a fixed sample, so that the first point comes soon.
        validation_measured_on: How many validation images that was.
        metrics: As in `Epoch`.
        plane: As in `Epoch`.
        pictures: As in `Epoch`.
        gradient_norms: As in `Epoch`.
    """

    KIND: ClassVar[str] = "initial"
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    train_measured_on: int
    validation_measured_on: int
    metrics: dict[str, float] = field(default_factory=dict)
    plane: Plane | None = None
    pictures: Pictures | None = None
    gradient_norms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps since the last such event, about four times a second.

    Attributes:
        first_step: Number of the first of them; the run's first step is 1.
        losses: The loss of each step's batch, before the step was taken.
        images_per_second: Training speed over these steps.
        seconds_left: Estimate of the seconds until the run is finished, measuring included.
    """

    KIND: ClassVar[str] = "steps"
    first_step: int
    losses: list[float]
    images_per_second: float
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch is over.

    Attributes:
        epoch: Its number, from 1.
        running_train_loss: Mean loss over the epoch's images, each measured when its batch came, in train mode:
            the network changed while it was taken.
        train_loss: Mean loss re-measured after the epoch, eval mode, on `train_measured_on` images.
        train_accuracy: Share of those images classified rightly, 0 to 1. To embed: share of at most 2,000 of them
            whose nearest neighbour among these is of the same class. To reconstruct: not a number.
        train_measured_on: How many train images: all, or a fixed sample.
        validation_loss: Mean loss over the validation images after the epoch.
        validation_accuracy: Share of them classified rightly, 0 to 1.
        validation_measured_on: How many validation images: all of them.
        images_per_second: Training speed over the epoch, measuring not counted.
        seconds: What the epoch took, measuring included.
        metrics: Other values on the validation images by name. To embed: "active share", of the triplets or pairs
            that still have a loss. To reconstruct: "mean squared error" and "mean absolute error" of the pixels, on
            the scale 0 to 1, which mean the same for every loss.
        plane: To embed: where the network puts at most 300 validation images, the same ones every time.
        pictures: To reconstruct: at most 10 validation images and how the network draws them, the same ones every
            time.
        warnings: What torch warned of so far, in its own words: only where a mistake was made on purpose that it
            warns of.
        gradient_norms: The Euclidean norm of the loss's gradient in each layer that learns, "1 Conv2d 1 → 16, 3x3" ->
            norm, first layer first; measured on one fixed batch of training images, eval mode.
        memorised: Share of the training images with a replaced label that the network gives that very label: learned
            by heart. None without label noise or where the task gives no classes.
    """

    KIND: ClassVar[str] = "epoch"
    epoch: int
    running_train_loss: float
    train_loss: float
    train_accuracy: float
    train_measured_on: int
    validation_loss: float
    validation_accuracy: float
    validation_measured_on: int
    images_per_second: float
    seconds: float
    metrics: dict[str, float] = field(default_factory=dict)
    plane: Plane | None = None
    pictures: Pictures | None = None
    warnings: list[str] = field(default_factory=list)
    gradient_norms: dict[str, float] = field(default_factory=dict)
    memorised: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to; `Finished` and `Stopped` carry it.

    Attributes:
        epochs: Whole epochs trained.
        step: Steps taken.
        seconds: From the first step to the end of the last measuring.
        training_seconds: The part of it spent in training steps.
        validation_loss: Mean loss over the validation images measured last.
        validation_accuracy: Share of them classified rightly, 0 to 1.
        validation_measured_on: How many validation images that was; a stopped run takes only as many as half a
            second allows.
        test_loss: Mean loss over the official test images; None for a stopped run, which does not take the time,
            and for a range test.
        test_accuracy: Share of the test images classified rightly, 0 to 1, or None.
        images_per_second: Training speed over the run, measuring not counted.
        artefacts: What the run left, and the paths: "predictions", an .npz file, only to classify; "weights", a
            safetensors file. None for what it did not leave.
        metrics: Values on the validation images, as in `Epoch`.
        test_metrics: The same on the official test images; empty for a stopped run.
        warnings: What torch warned of, as in `Epoch`.
        notes: Sentences on what else went wrong, for instance a file that could not be kept; usually none.
        best_epoch: With early stopping, the epoch with the lowest validation loss: its weights are kept, and they
            are what the losses here were measured with. None without.
        stopped_early: The epoch after which it stopped early; None if it did not.
        range_test: What a range test of learning rates found; its run trains nothing else, has no whole epoch and no
            test loss, and its validation loss is that before the first step.
        landscape: The loss around the trained weights, if it was asked for.
    """

    epochs: int
    step: int
    seconds: float
    training_seconds: float
    validation_loss: float
    validation_accuracy: float
    validation_measured_on: int
    test_loss: float | None
    test_accuracy: float | None
    images_per_second: float
    artefacts: dict[str, str | None]
    metrics: dict[str, float] = field(default_factory=dict)
    test_metrics: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    best_epoch: int | None = None
    stopped_early: int | None = None
    range_test: RangeTest | None = None
    landscape: Landscape | None = None


@dataclass(frozen=True, slots=True)
class Finished(Outcome):
    """The run came to its end."""

    KIND: ClassVar[str] = "finished"


@dataclass(frozen=True, slots=True)
class Stopped(Outcome):
    """The run was stopped; what it had learned was measured and kept."""

    KIND: ClassVar[str] = "stopped"


@dataclass(frozen=True, slots=True)
class Failed:
    """The run, or preparing its data, could not go on.

    Attributes:
        message: What happened, in plain words.
        advice: What to do.
    """

    KIND: ClassVar[str] = "failed"
    message: str
    advice: str


Event = Waiting | Preparing | DataReady | Started | Initial | Steps | Epoch | Finished | Stopped | Failed

_KINDS: dict[str, type[Event]] = {
    kind.KIND: kind
    for kind in (Waiting, Preparing, DataReady, Started, Initial, Steps, Epoch, Finished, Stopped, Failed)
}
_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
# Read once: Streamlit drops changed modules while it runs, and a hint can no longer be looked up in one of those.
_LOOKS = (Plane, Pictures, RangeTest, Landscape)
_HINTS = {kind: get_type_hints(kind) for kind in (*_KINDS.values(), *_LOOKS)}


def to_line(event: Event) -> str:
    """The event as one line of JSON, `"event"` first, without a line end."""
    values = {name: _plain(value) for name, value in dataclasses.asdict(event).items()}
    return json.dumps({"event": event.KIND, **values}, allow_nan=False)


def from_line(line: str) -> Event | None:
    """The event a line holds.

    Args:
        line: One line of a child process's output.

    Returns:
        The event, or None where the line is anything else: a library may print too.
    """
    try:
        values = json.loads(line)
    except ValueError:
        return None
    if not isinstance(values, dict) or not isinstance(values.get("event"), str):
        return None
    kind = _KINDS.get(values.pop("event"))
    if kind is None:
        return None
    hints = _HINTS[kind]
    try:
        fields: dict[str, Any] = {name: _restore(value, hints.get(name)) for name, value in values.items()}
        return kind(**fields)
    except TypeError:  # a field missing, unknown or of another shape: no event of ours
        return None


def _plain(value: object) -> object:
    """A value with its non-finite numbers written as strings."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _restore(value: object, hint: object) -> object:
    """A value back in the type its field has."""
    if hint in (float, float | None) and isinstance(value, int | str) and not isinstance(value, bool):
        return _NON_FINITE[value] if isinstance(value, str) and value in _NON_FINITE else float(value)
    if hint == list[float] and isinstance(value, list):
        return [_restore(item, float) for item in value]
    if hint == list[Layer] and isinstance(value, list):
        return [Layer(**item) for item in value]
    if hint == dict[str, float] and isinstance(value, dict):
        return {name: _restore(item, float) for name, item in value.items()}
    for look in _LOOKS:
        if hint == look | None and isinstance(value, dict):
            parts: dict[str, Any] = {
                name: _restore(item, _HINTS[look].get(name)) for name, item in value.items()
            }
            return look(**parts)
    return value
