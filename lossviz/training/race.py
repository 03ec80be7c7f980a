"""A fair race: runs that differ in one thing, and what of them can be compared. Knows no torch."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lossviz.training.calibration import expected_calibration_error
from lossviz.training.events import Started
from lossviz.training.link import as_text, checked, checked_argument
from lossviz.training.objectives import catalogue
from lossviz.training.results import Predictions, by_class
from lossviz.training.settings import (
    LEARNING_RATES,
    MISTAKES,
    MODELS,
    OPTIMIZERS,
    RANGES,
    SCHEDULES,
    Settings,
    SettingsError,
)
from lossviz.training.snapshots import RunSnapshot

LEAST_RUNS: Final = 2
MOST_RUNS: Final = 4

_FIRST: Final = (
    "loss",
    "learning_rate",
    "batch_size",
    "model",
    "dropout",
    "optimizer",
    "train_size",
    "label_noise",
)
"""What students ask about most comes first; the rest follows in the order of the settings."""

_NEVER: Final = frozenset({"data", "task", "device", "validation_share"})
"""What decides on which images a run is measured, what it is asked to do, or on what it computes."""

_NO_DIFFERENCE: Final = frozenset({"arguments", "data", "device", "landscape"})
"""What is looked at elsewhere, or changes nothing that is learned; which data it was, the runs know better."""

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "model": MODELS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "mistake": MISTAKES,
}
_LADDERS: Final[Mapping[str, tuple[float, ...]]] = {
    "batch_size": (16, 64, 256, 1024),
    "train_size": (300, 1000, 3000, 10_000, 30_000, 60_000),
    "epochs": (1, 2, 4, 8, 16),
    "seed": (0, 1, 2, 3),
    "label_smoothing": (0, 0.1, 0.3),
    "dropout": (0, 0.25, 0.5),
    "label_noise": (0, 0.2, 0.4),
    "early_stopping": (0, 1, 3),
}
"""What is offered for numbers; a number that is missing here is offered at five even places of its range."""

_RIVALS: Final[Mapping[str, tuple[str, ...]]] = {
    "classify": ("CrossEntropyLoss", "MSELoss"),
    "reconstruct": ("MSELoss", "L1Loss"),
    "embed": ("TripletMarginLoss", "CosineEmbeddingLoss"),
    "optimizer": ("adam", "sgd"),
    "model": ("cnn", "mlp"),
}
"""Whom to race against first: losses by their task, other choices by their field."""

_TWO_SIDED_95: Final = 1.96


def fields(base: Settings) -> tuple[str, ...]:
    """What the runs of a race may differ in.

    Args:
        base: What all of them have else.

    Returns:
        Names of settings and of the loss's own arguments, those first that are asked about most; only what has at
        least two values that can be trained with.
    """
    known = [each.name for each in dataclasses.fields(Settings)]
    order = sorted(known, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
    names = [*order, *(argument.name for argument in base.spec.arguments)]
    return tuple(name for name in names if name not in _NEVER and len(offered(base, name)) >= LEAST_RUNS)


def offered(base: Settings, field: str) -> tuple[str, ...]:
    """Values of a field to choose from, as text: those that can be trained with, the base's own among them."""
    return tuple(text for text in _ladder(base, field) if not _problems(base, field, text))


def open_ended(base: Settings, field: str) -> bool:
    """Whether other values than those offered can be typed: whether it is a number."""
    argument = base.spec.argument(field)
    return argument.kind in ("number", "whole") if argument is not None else field in RANGES


def suggested(base: Settings, field: str) -> tuple[str, ...]:
    """Values to begin with: the base's own and its neighbours."""
    values = offered(base, field)
    own = value_text(base, field)
    place = values.index(own) if own in values else 0
    if open_ended(base, field):
        return values[max(0, place - 1) : place + 2]
    rivals = [text for text in _RIVALS.get(base.task if field == "loss" else field, ()) if text in values]
    return tuple(dict.fromkeys((own, *rivals, *values)))[:LEAST_RUNS]


def value_text(settings: Settings, field: str) -> str:
    """The value of a setting, or of an argument of the loss, as links and fields write it.

    >>> value_text(Settings(), "learning_rate"), value_text(Settings(), "loss")
    ('0.005', 'CrossEntropyLoss')
    """
    argument = settings.spec.argument(field)
    if argument is not None:
        return argument.as_text(settings.argument(field))
    value = getattr(settings, field, "")
    return str(value).lower() if isinstance(value, bool) else as_text(value)


def build(base: Settings, field: str, values: Sequence[str], most: int = MOST_RUNS) -> list[Settings]:
    """The settings of a race's runs.

    They differ in the field alone, but for what its values bring with them: another loss cannot take the arguments
    of the first, and optimisers whose learning rate nobody chose take their usual ones. `differing` tells.

    Args:
        base: What all of them have else.
        field: What they differ in: one of `fields(base)`.
        values: Its values as text, as a widget or a link holds them.
        most: How many runs a race may have.

    Returns:
        Checked settings, in the order of the values.

    Raises:
        SettingsError: A value cannot be used, there are too few or too many, or two of them are the same; all
            problems are named.
    """
    made: list[Settings] = []
    problems: list[str] = []
    for text in values:
        try:
            settings = _with(base, field, text)
        except SettingsError as error:
            problems += error.problems
            continue
        if settings in made:
            problems.append(f"{field} {text[:40]} is there twice; a race of a run with itself has no winner.")
        else:
            made.append(settings)
    if not LEAST_RUNS <= len(values) <= most:
        problems.append(f"A race takes {LEAST_RUNS} to {most} values, not {len(values)}.")
    if base.range_test:
        problems.append(
            "A test of learning rates trains nothing that could be compared. Switch it off to race."
        )
    if problems:
        raise SettingsError(list(dict.fromkeys(problems)))
    return made


def differing(runs: Sequence[Settings]) -> tuple[str, ...]:
    """What runs differ in that their results may depend on.

    Args:
        runs: At least one.

    Returns:
        Names of settings, and of arguments of their losses; none where they are the same.
    """
    first, *others = runs
    names = [each.name for each in dataclasses.fields(Settings) if each.name not in _NO_DIFFERENCE]
    found = [name for name in names if any(getattr(each, name) != getattr(first, name) for each in others)]
    arguments = dict.fromkeys(name for each in runs for name in each.arguments)
    return (
        *found,
        *(name for name in arguments if len({str(each.arguments.get(name)) for each in runs}) > 1),
    )


def same_loss(runs: Sequence[Settings]) -> bool:
    """Whether the runs' loss values mean the same, so that they can be compared."""
    kinds = {
        (each.task, each.loss, each.label_smoothing, each.mistake, str(sorted(each.arguments.items())))
        for each in runs
    }
    return len(kinds) == 1


@dataclass(frozen=True, slots=True)
class SameStart:
    """What of the runs' beginnings is the same, bit for bit, as the runs themselves reported it.

    Attributes:
        weights: All first weights.
        body: The first weights below the last layer; some losses bring a last layer of their own.
        batches: Which images come in which batch, in which order, under which labels.
    """

    weights: bool
    body: bool
    batches: bool


def same_start(runs: Sequence[Started]) -> SameStart | None:
    """Whether runs began alike.

    Args:
        runs: Their `Started` events.

    Returns:
        What is the same; None where some of them did not report it.
    """
    digests = [(each.weights_digest, each.body_digest, each.batches_digest) for each in runs]
    if len(digests) < LEAST_RUNS or not all(all(each) for each in digests):
        return None
    return SameStart(*(len(set(each)) == 1 for each in zip(*digests, strict=True)))


@dataclass(frozen=True, slots=True)
class Contestant:
    """A run of a race that has come to something.

    Attributes:
        name: What it is called in the comparison; no two the same.
        run: Its snapshot, with a result.
        predictions: Its answers on the validation images, where it left some.
    """

    name: str
    run: RunSnapshot
    predictions: Predictions | None = None


def compared(contestants: Sequence[Contestant]) -> pd.DataFrame:
    """What can be compared of runs, whatever their losses.

    Args:
        contestants: The runs.

    Returns:
        A row a run ("run", its name, is the index). Columns: epochs, validation_accuracy, test_accuracy,
        calibration_error (expected; of the probabilities), worst_class and worst_recall (the class recognised least),
        squared_error and absolute_error (mean, of the pixels; to reconstruct), validation_loss (comparable only
        between runs of the `same_loss`), seconds (training and measuring) and images_per_second; NaN where there is
        no such value.
    """
    rows = [_row(contestant) for contestant in contestants]
    index = pd.Index([contestant.name for contestant in contestants], name="run")
    return pd.DataFrame(rows, index=index, columns=pd.Index(_COLUMNS))


def recalls(contestants: Sequence[Contestant]) -> pd.DataFrame:
    """The share of each class that is recognised: classes in the rows, the runs that left answers in the columns."""
    return pd.DataFrame(
        {
            each.name: by_class(each.predictions)["recall"]
            for each in contestants
            if each.predictions is not None
        }
    )


@dataclass(frozen=True, slots=True)
class Margin:
    """How far the best of a race is ahead of the next, counted on the same validation images.

    Attributes:
        leader: The run that gets most images right.
        second: The next one.
        images: How many images both were asked.
        only_leader: How many of them the leader alone gets right.
        only_second: How many the second alone gets right.
    """

    leader: str
    second: str
    images: int
    only_leader: int
    only_second: int

    @property
    def beyond_chance(self) -> bool:
        """Whether chance alone would give such a lead less than once in twenty (McNemar's test, normal form)."""
        split = self.only_leader + self.only_second
        return split > 0 and self.only_leader - self.only_second > _TWO_SIDED_95 * math.sqrt(split)


def margin(contestants: Sequence[Contestant]) -> Margin | None:
    """The lead of the best run by accuracy; None unless all left answers on the same validation images."""
    answers = {each.name: each.predictions for each in contestants if each.predictions is not None}
    if len(answers) != len(contestants) or len(answers) < LEAST_RUNS:
        return None
    first = next(iter(answers.values()))
    if any(not _same_images(first, other) for other in answers.values()):
        return None
    right = {name: each.predicted == each.labels for name, each in answers.items()}
    leader, second = sorted(right, key=lambda name: -int(right[name].sum()))[:2]
    return Margin(
        leader,
        second,
        len(first.labels),
        int(np.sum(right[leader] & ~right[second])),
        int(np.sum(right[second] & ~right[leader])),
    )


_COLUMNS: Final = (
    "epochs",
    "validation_accuracy",
    "test_accuracy",
    "calibration_error",
    "worst_class",
    "worst_recall",
    "squared_error",
    "absolute_error",
    "validation_loss",
    "seconds",
    "images_per_second",
)


def _row(contestant: Contestant) -> dict[str, Any]:
    result, nan = contestant.run.result, math.nan
    row: dict[str, Any] = dict.fromkeys(_COLUMNS, nan) | {"worst_class": ""}
    if result is not None:
        row |= {
            "epochs": result.epochs,
            "validation_accuracy": result.validation_accuracy,
            "test_accuracy": nan if result.test_accuracy is None else result.test_accuracy,
            "squared_error": result.metrics.get("mean squared error", nan),
            "absolute_error": result.metrics.get("mean absolute error", nan),
            "validation_loss": result.validation_loss,
            "seconds": result.seconds,
            "images_per_second": result.images_per_second,
        }
    if contestant.predictions is not None:
        recall = by_class(contestant.predictions)["recall"].dropna()
        row["calibration_error"] = expected_calibration_error(contestant.predictions)
        if len(recall):
            row |= {"worst_class": str(recall.idxmin()), "worst_recall": float(recall.min())}
    return row


def _same_images(one: Predictions, other: Predictions) -> bool:
    return np.array_equal(one.indices, other.indices) and np.array_equal(one.labels, other.labels)


def _ladder(base: Settings, field: str) -> list[str]:
    """Values worth offering, the base's own among them, in their order."""
    own = value_text(base, field)
    if field == "loss":
        return list(catalogue.losses(base.task))
    if field in _CHOICES:
        return list(_CHOICES[field])
    argument = base.spec.argument(field)
    if argument is not None:
        if argument.kind == "weights":  # ten numbers are no name for a run
            return []
        if argument.kind == "switch":
            return ["false", "true"]
        default = argument.default if isinstance(argument.default, int | float) else argument.low
        numbers = _spread(argument.low, argument.high, default, whole=argument.kind == "whole")
    elif isinstance(getattr(base, field), bool) or field not in RANGES:
        return []
    elif field == "learning_rate":
        numbers = [float(f"{base.learning_rate * by:.4g}") for by in (0.01, 0.1, 1, 10, 100)]
    elif field in _LADDERS:
        numbers = list(_LADDERS[field])
    else:
        low, high = RANGES[field]
        numbers = _spread(low, high, low, whole=isinstance(getattr(base, field), int))
    return sorted({*(f"{number:g}" for number in numbers), own}, key=float)


def _spread(low: float, high: float, default: float, *, whole: bool) -> list[float]:
    """Five places over a range; around the default, by doubling, where the range is wide beside it."""
    if default > 0 and high > 4 * default:
        numbers = [default * by for by in (0.25, 0.5, 1, 2, 4)]
    else:
        numbers = [low + (high - low) * share for share in (0, 0.25, 0.5, 0.75, 1)]
    kept = [float(f"{round(number) if whole else number:.3g}") for number in numbers]
    return [number for number in kept if low <= number <= high]


def _problems(base: Settings, field: str, text: str) -> list[str]:
    try:
        _with(base, field, text)
    except SettingsError as error:
        return error.problems
    return []


def _with(base: Settings, field: str, text: str) -> Settings:
    """The base with another value of a field.

    Raises:
        SettingsError: The value cannot be used.
    """
    if field == "loss":
        return _checked(base.with_loss(text, base.task))
    argument = base.spec.argument(field)
    if argument is not None:
        value = _taken(lambda: checked_argument(argument, text))
        return _checked(dataclasses.replace(base, arguments={**base.arguments, field: value}))
    changed: dict[str, Any] = {field: _taken(lambda: checked(field, text))}
    if field == "optimizer" and base.learning_rate == LEARNING_RATES[base.optimizer]:
        changed["learning_rate"] = LEARNING_RATES[text]
    return _checked(dataclasses.replace(base, **changed))


def _taken(check: Callable[[], tuple[object, str | None]]) -> Any:  # noqa: ANN401 - of the field's type: it was checked
    value, problem = check()
    if problem is not None:
        raise SettingsError([problem])
    return value


def _checked(settings: Settings) -> Settings:
    return Settings.parse(settings.as_dict())
