"""What a training run is asked to do, checked before anything starts. Knows no torch: the server imports it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lossviz.training.objectives import catalogue, mistakes
from lossviz.training.objectives.argument import Value
from lossviz.training.objectives.spec import LossSpec

DATA = ("auto", "fashion-mnist", "drawn-garments")
TASKS = tuple(catalogue.TASKS)
LOSSES = ("CrossEntropyLoss", "NLLLoss")
"""The two losses of a page that asks for no more; `objectives.catalogue.losses(task)` names all."""
MISTAKES = (mistakes.NONE, *mistakes.MISTAKES)
MODELS = ("linear", "narrow-mlp", "mlp", "wide-mlp", "cnn", "strided")
OPTIMIZERS = ("adam", "adamw", "sgd", "sgd-momentum")
SCHEDULES = ("constant", "one-cycle", "cosine")
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
    "dropout": (0.0, 0.8),
    "label_noise": (0.0, 0.9),
    "early_stopping": (0, 50),
}
"""Smallest and largest allowed value of each number, both included."""

SWITCHES = ("range_test", "landscape")
"""Settings that are true or false."""

MEANINGS: Mapping[str, str] = {
    "dropout": "Share of the hidden units that each training step leaves out, drawn anew; none when it is measured.",
    "label_noise": "Share of the training labels that are replaced by another class; validation and test labels "
    "stay right.",
    "early_stopping": "Stop once the validation loss has not improved for so many epochs, and keep the weights of "
    "the best one; 0 never stops early.",
    "range_test": "Instead of training, raise the learning rate from step to step and watch the loss: it shows "
    "which rates learn and from where on it diverges.",
    "landscape": "At the end, measure the loss around the trained weights along two random directions.",
}
"""What settings mean that do not explain themselves, one sentence each."""

RANGE_TEST_STEPS = 150
"""Optimiser steps of a learning-rate range test."""

MOST_STEPS = 200_000
"""A run of more optimiser steps than this is refused: it would hold the queue for hours."""

LEAST_VALIDATION_IMAGES = 10

LEAST_EMBED_BATCH = 16
"""Images a batch must have to find partners in it: with fewer, too many have none of their own class."""

MOST_BROADCAST_BATCH: Mapping[str, int] = {"classify": 512, "reconstruct": 128}
"""A target of the wrong shape compares all images of a batch with all: at most so many, which takes about 50 MB."""


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
        loss: The name of the loss, as PyTorch spells it.
        label_smoothing: Share of the target spread evenly over the classes, 0 to 1; CrossEntropyLoss and
            LinearCrossEntropyLoss only.
        model: "linear", "mlp" (128 hidden units), "narrow-mlp" (a single one), "wide-mlp" (1,024), "cnn" or "strided"
            (a small CNN that strides instead of pooling).
        optimizer: "adam", "adamw", "sgd" or "sgd-momentum" (0.9).
        learning_rate: The learning rate; with the one-cycle schedule, its peak.
        schedule: "constant"; "one-cycle": up to the peak in the first 30 % of the steps, then down; or "cosine": down
            to 0 along a half cosine.
        batch_size: Images a step.
        epochs: Passes over the training images.
        train_size: Images used, of the 60,000; `validation_share` of them is held out and not trained on.
        validation_share: Share of `train_size` held out for validation.
        seed: Picks the images, the first weights and the order of the batches.
        device: "cpu", "cuda", "mps", or "auto": the first of CUDA, MPS, CPU that is there.
        task: "classify", "reconstruct" or "embed".
        arguments: The loss's own settings where they differ from the defaults in its `spec`: name to value. Not
            to be changed in place.
        mistake: A bug to train with on purpose: a key of `objectives.mistakes.MISTAKES`, or "none".
        dropout: Share of the hidden units, those below the last layer or the bottleneck, that each training step
            leaves out; 0 for a network without such a layer.
        label_noise: Share of the training labels that are replaced by another class, by the seed; the labels of
            validation and test images stay right. Not to reconstruct, which has no labels.
        early_stopping: Epochs without a better validation loss after which a run stops; it keeps the best epoch's
            weights. 0 for never: then it keeps the last ones.
        range_test: Whether to test learning rates instead of training: `RANGE_TEST_STEPS` steps with a rate that
            rises exponentially. `learning_rate`, `schedule`, `epochs`, `early_stopping` and `landscape` are not
            used then.
        landscape: Whether to measure the loss around the trained weights at the end.
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
    task: str = "classify"
    arguments: Mapping[str, Value] = field(default_factory=dict, hash=False)
    mistake: str = mistakes.NONE
    dropout: float = 0.0
    label_noise: float = 0.0
    early_stopping: int = 0
    range_test: bool = False
    landscape: bool = False

    @classmethod
    def parse(cls, values: Mapping[str, object]) -> Settings:
        """Check values from a widget, a link, a file or a command line, and make settings of them.

        What is missing takes its default; a missing `learning_rate` takes the optimiser's own
        (`LEARNING_RATES`), a missing `loss` the first of its task, and a missing `task` the first that its loss
        trains in.

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
        problems += _take_task(values, checked)
        if "arguments" in values:
            checked["arguments"], wrong = _arguments(checked["task"], checked["loss"], values["arguments"])
            problems += wrong
        settings = cls(**checked)
        problems += _problems_between(settings)
        if problems:
            raise SettingsError(problems)
        return settings

    def as_dict(self) -> dict[str, Any]:
        """The settings as JSON has them; `Settings.parse` of it gives equal settings."""
        values = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        values["arguments"] = {
            name: list(value) if isinstance(value, tuple) else value for name, value in self.arguments.items()
        }
        return values

    @property
    def spec(self) -> LossSpec:
        """What the loss is in the task: what it takes, what can be set."""
        return catalogue.spec(self.task, self.loss)

    def argument(self, name: str) -> Value:
        """The value of one of the loss's arguments, its default where none was given.

        Raises:
            KeyError: The loss has no such argument.
        """
        known = self.spec.argument(name)
        if known is None:
            raise KeyError(name)
        return self.arguments.get(name, known.default)

    def with_loss(self, loss: str, task: str | None = None) -> Settings:
        """The same run with another loss: what the new loss cannot take goes back to its default.

        Args:
            loss: The other loss.
            task: The task; None for this one if the loss trains in it, else the first that it trains in.

        Returns:
            The settings.

        Raises:
            SettingsError: The loss does not train, or not in that task.
        """
        elsewhere = catalogue.tasks_of(loss)
        task = task or (self.task if self.task in elsewhere else next(iter(elsewhere), self.task))
        if task not in elsewhere:
            raise SettingsError([f"loss is {_show(loss)}; {catalogue.why_not(task, loss)}"])
        new = catalogue.spec(task, loss)
        kept, _ = _arguments(task, loss, {n: v for n, v in self.arguments.items() if new.argument(n)})
        return dataclasses.replace(
            self,
            loss=loss,
            task=task,
            arguments=kept,
            mistake=self.mistake if self.mistake in new.mistakes else mistakes.NONE,
            label_smoothing=self.label_smoothing if new.label_smoothing else 0.0,
            label_noise=0.0 if task == "reconstruct" else self.label_noise,
            model=type(self)().model if _too_narrow(self.model, loss) else self.model,
        )

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
    def images_total(self) -> int:
        """How many images the whole run trains on, each as often as it is seen, unless it stops early."""
        return self.steps_total * self.batch_size if self.range_test else self.train_images * self.epochs

    @property
    def steps_total(self) -> int:
        """How many optimiser steps the whole run takes, unless it stops early."""
        return RANGE_TEST_STEPS if self.range_test else self.steps_per_epoch * self.epochs


def _take_task(values: Mapping[str, object], checked: dict[str, Any]) -> list[str]:
    """Settle task and loss in what was checked; returns the problem, if there is one."""
    asked = values.get("loss")
    known = isinstance(asked, str) and catalogue.tasks_of(asked)
    task = checked.setdefault("task", known[0] if known and "task" not in values else "classify")
    first = catalogue.losses(task)[0]
    checked["loss"] = asked if known and task in known else first
    if "loss" not in values or checked["loss"] == asked:
        return []
    if not isinstance(asked, str):
        return [f"loss is {_show(asked)}; it must be one of the losses of the task {task}, such as {first}."]
    return [f"loss is {_show(asked)}; {catalogue.why_not(task, asked)}"]


def _arguments(task: str, loss: str, values: object) -> tuple[dict[str, Value], list[str]]:
    """The arguments of a loss that differ from their defaults, and what is wrong with the others."""
    if not isinstance(values, Mapping):
        return {}, [f"arguments is {_show(values)}; it must be names with values."]
    spec, taken, problems = catalogue.spec(task, loss), {}, []
    for name, value in values.items():
        argument = spec.argument(name)
        if argument is None:
            has = ", ".join(each.name for each in spec.arguments) or "none"
            problems.append(f"{_show(name)} is no setting of {loss} in the task {task}. Its settings: {has}.")
            continue
        good = argument.check(value)
        if good is None:
            problems.append(f"{name} is {_show(value)}; for {loss} it must be {argument.allowed}.")
        elif good != argument.default:
            taken[name] = good
    return taken, problems


def _problems_between(settings: Settings) -> list[str]:
    """Problems that no value has alone."""
    problems = []
    if settings.label_smoothing > 0 and not settings.spec.label_smoothing:
        problems.append(
            f"label_smoothing is a setting of CrossEntropyLoss; {settings.loss} has none. "
            "Set it to 0 or choose CrossEntropyLoss."
        )
    problems += _mistake_problems(settings)
    if settings.dropout > 0 and settings.model == "linear":
        problems.append(
            f"dropout is {settings.dropout:g}; the linear model has no hidden units to leave out. "
            "Set it to 0 or choose another network."
        )
    if _too_narrow(settings.model, settings.loss):
        problems.append(
            f"model is {settings.model!r}; {settings.loss} divides the hidden units for its rare classes, and one "
            "cannot be divided. Choose another network."
        )
    if settings.label_noise > 0 and settings.task == "reconstruct":
        problems.append(
            f"label_noise is {settings.label_noise:g}; to reconstruct there are no labels. Set it to 0."
        )
    if settings.task == "embed" and settings.batch_size < LEAST_EMBED_BATCH:
        problems.append(
            f"batch_size is {settings.batch_size}; to embed, an image needs partners in its batch. "
            f"Take at least {LEAST_EMBED_BATCH}."
        )
    if settings.steps_total > MOST_STEPS:
        problems.append(
            f"{settings.epochs} epochs of {settings.train_images:,} images in batches of "
            f"{settings.batch_size} are {settings.steps_total:,} steps; at most {MOST_STEPS:,} are allowed. "
            "Take a larger batch, fewer epochs or fewer images."
        )
    return problems


def _too_narrow(model: str, loss: str) -> bool:
    return model == "narrow-mlp" and loss == "AdaptiveLogSoftmaxWithLoss"


def _mistake_problems(settings: Settings) -> list[str]:
    if settings.mistake == mistakes.NONE:
        return []
    possible = settings.spec.mistakes
    if settings.mistake not in possible:
        can = f"can be {' or '.join(possible)}" if possible else "cannot be anything but none"
        where = f"with {settings.loss} in the task {settings.task} it {can}"
        return [f"mistake is {settings.mistake!r}; {where}. Set it to none, or choose another loss."]
    problems = []
    if settings.mistake == "one-class-weights" and "weight" in settings.arguments:
        problems.append("The mistake one-class-weights sets the weights itself. Leave weight out.")
    most = MOST_BROADCAST_BATCH.get(settings.task, 0)
    if settings.mistake == "target-shape" and settings.batch_size > most:
        problems.append(
            f"batch_size is {settings.batch_size:,}; with the mistake target-shape every image is compared with "
            f"every other of its batch, which takes too much memory. Take at most {most}."
        )
    return problems


_Check = Callable[[str, object], tuple[Any, str | None]]


def _one_of(allowed: tuple[str, ...]) -> _Check:
    def check(name: str, value: object) -> tuple[Any, str | None]:
        if isinstance(value, str) and value in allowed:
            return value, None
        return None, f"{name} is {_show(value)}; it must be one of {', '.join(allowed)}."

    return check


def allowed(name: str) -> str:
    """What a number must be, to finish a sentence, written as it can be typed.

    >>> allowed("train_size"), allowed("dropout")
    ('a whole number from 100 to 60000', 'a number from 0 to 0.8')

    Raises:
        KeyError: The setting is no number.
    """
    low, high = RANGES[name]
    kind = "a whole number" if _CHECKS[name] is _whole else "a number"
    return f"{kind} from {low:.10g} to {high:.10g}"


def _whole(name: str, value: object) -> tuple[Any, str | None]:
    low, high = RANGES[name]
    problem = f"{name} is {_show(value)}; it must be {allowed(name)}."
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, problem
    if not low <= value <= high or value != int(value):
        return None, problem
    return int(value), None


def _number(name: str, value: object) -> tuple[Any, str | None]:
    low, high = RANGES[name]
    problem = f"{name} is {_show(value)}; it must be {allowed(name)}."
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, problem
    if not low <= value <= high or not math.isfinite(value):
        return None, problem
    return float(value), None


def _switch(name: str, value: object) -> tuple[Any, str | None]:
    if isinstance(value, bool):
        return value, None
    return None, f"{name} is {_show(value)}; it must be true or false."


def check(name: str, value: object) -> tuple[Any, str | None]:
    """One setting by itself, whatever the others are; whether they go together is `Settings.parse`'s to say.

    Args:
        name: A setting's name; not "loss" or "arguments", which depend on the task.
        value: A value of a type that JSON has.

    Returns:
        The value and None, or None and what is wrong with it.

    Raises:
        KeyError: There is no such setting.
    """
    return _CHECKS[name](name, value)


_CHECKS: Mapping[str, _Check] = {
    "data": _one_of(DATA),
    "task": _one_of(TASKS),
    "mistake": _one_of(MISTAKES),
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
    "dropout": _number,
    "label_noise": _number,
    "early_stopping": _whole,
    **dict.fromkeys(SWITCHES, _switch),
}


def _show(value: object) -> str:
    """A value as a message may quote it: short, whatever was sent."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**30:
        return "a number of more than thirty digits"
    if not isinstance(value, str | int | float | None):
        return f"of type {type(value).__name__}"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
