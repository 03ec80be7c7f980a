"""What the training page calls things: titles of the choices, and the one line that says what was chosen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from lossviz.training.link import as_text
from lossviz.training.model_tables import parameters
from lossviz.training.settings import Settings

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
    "linear": "One weight for every pixel and class: ten templates that the picture is compared with.",
    "narrow-mlp": "One hidden unit: whatever the ten classes have to be told apart by is a single number.",
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
LOSS_STEPS: Final[Mapping[str, str]] = {
    "CrossEntropyLoss": "network → **logits** → [ log-softmax → pick the true class, change its sign → mean ]",
    "NLLLoss": "network → logits → log-softmax → **log-probabilities** → "
    "[ pick the true class, change its sign → mean ]",
}
"""From the network to the loss; what stands in brackets is done by the loss, what is bold is its input."""

LOSS_INPUTS: Final[Mapping[str, str]] = {
    "CrossEntropyLoss": "Expects raw logits: it takes the log-softmax itself.",
    "NLLLoss": "Expects log-probabilities: the network needs a log-softmax as its last layer.",
}


def count(number: float, one: str, many: str) -> str:
    """A number with its noun.

    >>> count(1, "epoch", "epochs"), count(60000, "image", "images")
    ('1 epoch', '60,000 images')
    """
    return f"{number:,.0f} {one if number == 1 else many}"


def model_line(settings: Settings) -> str:
    """The network in one line."""
    return f"{MODELS[settings.model]}, {parameters(settings.model):,} parameters"


def loss_line(settings: Settings) -> str:
    """The loss in one line."""
    smoothed = f", label smoothing {settings.label_smoothing:g}" if settings.label_smoothing else ""
    return f"{settings.loss}{smoothed}"


def training_line(settings: Settings) -> str:
    """How it is trained, in one line."""
    cycle = ", one cycle" if settings.schedule == "one-cycle" else ""
    return " · ".join(
        [
            count(settings.train_size, "image", "images"),
            count(settings.epochs, "epoch", "epochs"),
            f"{OPTIMIZERS[settings.optimizer]} {as_text(settings.learning_rate)}{cycle}",
            f"batch {settings.batch_size:,}",
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
