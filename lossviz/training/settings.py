"""What a training run is asked to do, checked before anything starts. Knows no torch: the server imports it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

DATA = ("auto", "fashion-mnist", "drawn-garments")
LOSSES = ("CrossEntropyLoss", "NLLLoss")
MODELS = ("linear", "mlp", "cnn", "strided")
OPTIMIZERS = ("adam", "adamw", "sgd", "sgd-momentum")
SCHEDULES = ("constant", "one-cycle")
DEVICES = ("auto", "cpu", "cuda", "mps")

DEFAULT_OPTIMIZER = "adam"
LEARNING_RATES: Mapping[str, float] = {"adam": 5e-3, "adamw": 5e-3, "sgd": 0.1, "sgd-momentum": 0.03}
"""The learning rate a run takes when none is given, by optimiser: plain SGD needs far more than Adam."""

RANGES: Mapping[str, tuple[float, float]] = {
    "label_smoothing": (0.0, 1.0),
    "learning_rate": (1e-7, 100.0),
    "batch_size": (1, 4096),
    "epochs": (1, 50),
    "train_size": (100, 60_000),
    "validation_share": (0.02, 0.5),
    "seed": (0, 2**31 - 1),
}
"""Smallest and largest allowed value of each number, both included."""

MOST_STEPS = 200_000
"""A run of more optimiser steps than this is refused: it would hold the queue for hours."""

LEAST_VALIDATION_IMAGES = 10


class SettingsError(ValueError):
    """Settings that cannot be trained with.

    Attributes:
        problems: One sentence for each problem: what is wrong and what is allowed.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """A checked training run, as asked for. Make one from outside values with `Settings.parse`.

    Attributes:
        data: "fashion-mnist", "drawn-garments", or "auto": FashionMNIST where it is to be had, else drawn
            garments.
        loss: The class name of the loss, as PyTorch spells it.
        label_smoothing: Share of the target spread evenly over the classes, 0 to 1; CrossEntropyLoss only.
        model: "linear", "mlp", "cnn" or "strided" (a small CNN that strides instead of pooling).
        optimizer: "adam", "adamw", "sgd" or "sgd-momentum" (0.9).
        learning_rate: The learning rate; with the one-cycle schedule, its peak.
        schedule: "constant", or "one-cycle": up to the peak in the first 30 % of the steps, then down.
        batch_size: Images a step.
        epochs: Passes over the training images.
        train_size: Images used, of the 60,000; `validation_share` of them is held out and not trained on.
        validation_share: Share of `train_size` held out for validation.
        seed: Picks the images, the first weights and the order of the batches.
        device: "cpu", "cuda", "mps", or "auto": the first of CUDA, MPS, CPU that is there.
    """

    data: str = "auto"
    loss: str = "CrossEntropyLoss"
    label_smoothing: float = 0.0
    model: str = "cnn"
    optimizer: str = DEFAULT_OPTIMIZER
    learning_rate: float = LEARNING_RATES[DEFAULT_OPTIMIZER]
    schedule: str = "one-cycle"
    batch_size: int = 64
    epochs: int = 4
    train_size: int = 10_000
    validation_share: float = 0.1
    seed: int = 0
    device: str = "auto"

    @classmethod
    def parse(cls, values: Mapping[str, object]) -> Settings:
        """Check values from a widget, a link, a file or a command line, and make settings of them.

        What is missing takes its default; a missing `learning_rate` takes the optimiser's own
        (`LEARNING_RATES`).

        Args:
            values: Setting names to values, of the types that JSON has. Numbers are not taken from text, nor
                truth values for numbers.

        Returns:
            The settings, with every value in its range.

        Raises:
            SettingsError: Names every problem found, not only the first.
        """
        if not isinstance(values, Mapping):
            raise SettingsError([f"Settings are names with values, not {_show(values)}."])
        problems: list[str] = []
        known = {field.name for field in dataclasses.fields(cls)}
        problems += [
            f"There is no setting called {_show(key)}. Settings are {', '.join(sorted(known))}."
            for key in values
            if key not in known
        ]
        checked: dict[str, Any] = {}
        for name, check in _CHECKS.items():
            if name in values:
                value, problem = check(name, values[name])
                if problem is None:
                    checked[name] = value
                else:
                    problems.append(problem)
        if "learning_rate" not in values:
            checked["learning_rate"] = LEARNING_RATES[checked.get("optimizer", DEFAULT_OPTIMIZER)]
        settings = cls(**checked)
        problems += _problems_between(settings)
        if problems:
            raise SettingsError(problems)
        return settings

    def as_dict(self) -> dict[str, Any]:
        """The settings as JSON has them; `Settings.parse` of it gives equal settings."""
        return dataclasses.asdict(self)

    @property
    def validation_images(self) -> int:
        """How many of the `train_size` images are held out for validation."""
        return max(LEAST_VALIDATION_IMAGES, round(self.train_size * self.validation_share))

    @property
    def train_images(self) -> int:
        """How many images an epoch trains on."""
        return self.train_size - self.validation_images

    @property
    def steps_per_epoch(self) -> int:
        """How many optimiser steps an epoch takes; the last batch may be smaller."""
        return -(-self.train_images // self.batch_size)

    @property
    def steps_total(self) -> int:
        """How many optimiser steps the whole run takes."""
        return self.steps_per_epoch * self.epochs


def _problems_between(settings: Settings) -> list[str]:
    """Problems that no value has alone."""
    problems = []
    if settings.label_smoothing > 0 and settings.loss != "CrossEntropyLoss":
        problems.append(
            f"label_smoothing is a setting of CrossEntropyLoss; {settings.loss} has none. "
            "Set it to 0 or choose CrossEntropyLoss."
        )
    if settings.steps_total > MOST_STEPS:
        problems.append(
            f"{settings.epochs} epochs of {settings.train_images:,} images in batches of "
            f"{settings.batch_size} are {settings.steps_total:,} steps; at most {MOST_STEPS:,} are allowed. "
            "Take a larger batch, fewer epochs or fewer images."
        )
    return problems


_Check = Callable[[str, object], tuple[Any, str | None]]


def _one_of(allowed: tuple[str, ...]) -> _Check:
    def check(name: str, value: object) -> tuple[Any, str | None]:
        if isinstance(value, str) and value in allowed:
            return value, None
        return None, f"{name} is {_show(value)}; it must be one of {', '.join(allowed)}."

    return check


def _whole(name: str, value: object) -> tuple[Any, str | None]:
    low, high = RANGES[name]
    problem = f"{name} is {_show(value)}; it must be a whole number from {low:,.0f} to {high:,.0f}."
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, problem
    if not low <= value <= high or value != int(value):
        return None, problem
    return int(value), None


def _number(name: str, value: object) -> tuple[Any, str | None]:
    low, high = RANGES[name]
    problem = f"{name} is {_show(value)}; it must be a number from {low:g} to {high:g}."
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, problem
    if not low <= value <= high or not math.isfinite(value):
        return None, problem
    return float(value), None


_CHECKS: Mapping[str, _Check] = {
    "data": _one_of(DATA),
    "loss": _one_of(LOSSES),
    "label_smoothing": _number,
    "model": _one_of(MODELS),
    "optimizer": _one_of(OPTIMIZERS),
    "learning_rate": _number,
    "schedule": _one_of(SCHEDULES),
    "batch_size": _whole,
    "epochs": _whole,
    "train_size": _whole,
    "validation_share": _number,
    "seed": _whole,
    "device": _one_of(DEVICES),
}


def _show(value: object) -> str:
    """A value as a message may quote it: short, whatever was sent."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**30:
        return "a number of more than thirty digits"
    if not isinstance(value, str | int | float | None):
        return f"of type {type(value).__name__}"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
