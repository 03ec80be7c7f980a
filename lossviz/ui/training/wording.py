"""What the training page calls things: titles of the choices, and the one line that says what was chosen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from lossviz.training.link import as_text
from lossviz.training.model_tables import parameters_of
from lossviz.training.objectives.mistakes import MISTAKES
from lossviz.training.settings import RANGES, SWITCHES, Settings

FASHION_MNIST: Final = "FashionMNIST"
"""The data's name where it is the real thing; everything else is called by its own."""

DATA: Final[Mapping[str, str]] = {
    "auto": "Auto",
    "fashion-mnist": "FashionMNIST",
    "drawn-garments": "Drawn garments",
}
MODELS: Final[Mapping[str, str]] = {
    "linear": "Linear",
    "narrow-mlp": "Narrow MLP",
    "mlp": "MLP",
    "wide-mlp": "Wide MLP",
    "cnn": "Small CNN",
    "strided": "Strided CNN",
}
MODEL_SENTENCES: Final[Mapping[str, str]] = {
    "linear": "Weighted sums of the pixels and nothing that bends: to classify, ten templates that the picture "
    "is compared with.",
    "narrow-mlp": "One hidden unit: whatever there is to tell apart has to fit into a single number.",
    "wide-mlp": "One hidden layer of 1,024 units: enough numbers to learn a few hundred images by heart.",
    "mlp": "One hidden layer of 128 units. It does not know which pixels are neighbours.",
    "cnn": "Two convolutions look at neighbourhoods, pooling halves the picture twice, then a small hidden layer.",
    "strided": "Convolutions that skip every other position instead of pooling: a third of the work of the small CNN.",
}
OPTIMIZERS: Final[Mapping[str, str]] = {
    "adam": "Adam",
    "adamw": "AdamW",
    "sgd": "SGD",
    "sgd-momentum": "SGD with momentum 0.9",
}
SCHEDULES: Final[Mapping[str, str]] = {
    "constant": "Constant",
    "one-cycle": "One cycle",
    "cosine": "Cosine",
}
DEVICES: Final[Mapping[str, str]] = {
    "auto": "Auto (CUDA, MPS, CPU)",
    "cpu": "CPU",
    "cuda": "CUDA",
    "mps": "MPS (Apple)",
}
TASKS: Final[Mapping[str, str]] = {
    "classify": "Classify",
    "reconstruct": "Reconstruct",
    "embed": "Embed",
}
TASK_SENTENCES: Final[Mapping[str, str]] = {
    "classify": "Say which of ten kinds of garment a picture shows.",
    "reconstruct": "Press a picture into 32 numbers and draw it again from these alone.",
    "embed": "Put every picture on a plane, those of one class near each other.",
}
OUTPUTS: Final[Mapping[str, str]] = {
    "classify": "ten numbers a picture, one for each class",
    "reconstruct": "a picture of 28 × 28 pixels again, drawn from the 32 numbers in between",
    "embed": "two numbers a picture: its place on the plane",
}
"""What comes out of the network, by task."""

MEASURES: Final[Mapping[str, str]] = {
    "classify": "validation accuracy",
    "embed": "nearest-neighbour accuracy",
}
"""What the share of right answers is called; to reconstruct, nothing is right or wrong."""

_LEVELS: Final[Mapping[str, str]] = {
    "even guessing among ten classes": "even guessing",
    "a network that gives all ten classes the output 0": "all outputs 0",
    "a network that puts every image on the same point": "all on one point",
    "a network that answers every image with the mean image": "always the mean image",
    "a network that answers every image with the mean image and the variance of all pixels": "always the mean image",
}
_LN_10: Final = math.log(10)

_CORE: Final = frozenset(
    {"train_size", "epochs", "learning_rate", "batch_size", "validation_share", "seed", "label_smoothing"}
)
"""Numbers that have a place of their own in the line of a run, or none."""


def level(loss: float, baseline: str) -> str:
    """What the level line in the loss picture says.

    >>> level(2.302585, "a network that gives all ten classes the output 0")
    'ln 10 = 2.303, even guessing'
    >>> level(0.086, "a network that answers every image with the mean image")
    '0.086, always the mean image'
    """
    if math.isclose(loss, _LN_10, rel_tol=1e-4):
        return f"ln 10 = {loss:.3f}, even guessing"
    return f"{loss:.3g}, {_LEVELS.get(baseline, baseline)}"


def count(number: float, one: str, many: str) -> str:
    """A number with its noun.

    >>> count(1, "epoch", "epochs"), count(60000, "image", "images")
    ('1 epoch', '60,000 images')
    """
    return f"{number:,.0f} {one if number == 1 else many}"


def model_line(settings: Settings) -> str:
    """The network in one line."""
    return f"{MODELS.get(settings.model, settings.model)}, {parameters_of(settings):,} parameters"


def loss_line(settings: Settings) -> str:
    """The loss in one line.

    >>> loss_line(Settings(loss="HuberLoss", task="reconstruct", arguments={"delta": 0.5}))
    'HuberLoss, delta 0.5, to reconstruct'
    """
    parts = [settings.loss]
    for argument in settings.spec.arguments:
        if argument.name in settings.arguments:
            value = argument.as_text(settings.arguments[argument.name])
            parts.append(f"{setting_name(argument.name)} {value}")
    if settings.label_smoothing:
        parts.append(f"label smoothing {settings.label_smoothing:g}")
    if settings.mistake in MISTAKES:
        title = MISTAKES[settings.mistake].title
        parts.append(f"wrong on purpose: {title[0].lower()}{title[1:]}")
    if settings.task != "classify":
        parts.append(f"to {settings.task}")
    return ", ".join(parts)


def setting_name(name: str) -> str:
    """What a setting is called.

    >>> setting_name("label_noise")
    'label noise'
    """
    return name.replace("_", " ")


def training_line(settings: Settings) -> str:
    """How it is trained, in one line; what is at its default and rarely changed stays out."""
    usual = Settings()
    schedule = "" if settings.schedule == "constant" else f", {SCHEDULES[settings.schedule].lower()}"
    more = [
        f"{setting_name(name)} {as_text(getattr(settings, name))}"
        for name in RANGES
        if name not in _CORE and getattr(settings, name) != getattr(usual, name)
    ]
    switched = [setting_name(name) for name in SWITCHES if getattr(settings, name)]
    return " · ".join(
        [
            count(settings.train_size, "image", "images"),
            count(settings.epochs, "epoch", "epochs"),
            f"{OPTIMIZERS[settings.optimizer]} {as_text(settings.learning_rate)}{schedule}",
            f"batch {settings.batch_size:,}",
            *more,
            *switched,
        ]
    )


def duration(seconds: float) -> str:
    """A stretch of time, as exact as anybody cares.

    >>> duration(0.4), duration(12.3), duration(190), duration(7300)
    ('1 s', '12 s', '3 min', '2 h')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{round(seconds / 3600)} h"


def percent(share: float) -> str:
    """A share as a percentage.

    >>> percent(0.9031), percent(float("nan"))
    ('90.3 %', 'not measured')
    """
    return f"{share * 100:.1f} %" if math.isfinite(share) else "not measured"
