"""What a run's class probabilities are: which are probabilities, and which are only made to look like some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from lossviz.training.objectives import mistakes
from lossviz.training.settings import Settings

Kind = Literal["probabilities", "rescaled", "scores"]


@dataclass(frozen=True, slots=True)
class Confidence:
    """How the numbers in `Predictions.probabilities` came about.

    Attributes:
        kind: "probabilities": the loss was made to fit exactly these. "rescaled": made from probabilities that the loss
            fits, but not those themselves. "scores": no probabilities; they only keep the order of the classes, and
            a reliability diagram shows how far from probabilities they are.
        sentence: How they are made and what that means, for the place where they are shown.
    """

    kind: Kind
    sentence: str


_SOFTMAX: Final = Confidence(
    "probabilities", "The softmax of the logits: the probabilities that the loss fits to the data."
)
_ONE_AGAINST_ALL: Final = Confidence(
    "rescaled",
    "The loss asks ten yes-or-no questions. Each logit's sigmoid is the probability of its own yes; divided by their "
    "sum, so that they add to 1, they are shown here.",
)
_MARGIN: Final = Confidence(
    "scores",
    "No probabilities: the loss only asks that the true class's score leads by the margin. Shown is the softmax of the "
    "scores, which keeps their order and says nothing about how often they are right.",
)
_ONE_HOT: Final = Confidence(
    "scores",
    "No probabilities: the outputs are pulled towards 1 and 0. Shown is their softmax; of a perfect answer, one 1 and "
    "nine 0, that is 0.23 for the true class, so that the network looks unsure however good it is.",
)
_KINDS: Final[Mapping[str, Confidence]] = {
    "CrossEntropyLoss": _SOFTMAX,
    "NLLLoss": _SOFTMAX,
    "LinearCrossEntropyLoss": _SOFTMAX,
    "KLDivLoss": Confidence(
        "probabilities",
        "The softmax of the logits: the loss fits it to the smoothed targets, so that it is less sure than it is "
        "right.",
    ),
    "AdaptiveLogSoftmaxWithLoss": Confidence(
        "probabilities",
        "The product of the probability of a class's group and its own within the group: what the loss fits.",
    ),
    "BCEWithLogitsLoss": _ONE_AGAINST_ALL,
    "BCELoss": _ONE_AGAINST_ALL,
    "MultiLabelSoftMarginLoss": _ONE_AGAINST_ALL,
    "SoftMarginLoss": _ONE_AGAINST_ALL,
    "sigmoid_focal_loss": Confidence(
        "rescaled",
        "Each logit's sigmoid, divided by their sum. The focal loss turns sure answers down, so that its sigmoids are "
        "less sure than they are right: they are no probabilities before they are divided either.",
    ),
    "MultiMarginLoss": _MARGIN,
    "MultiLabelMarginLoss": _MARGIN,
    "MSELoss": _ONE_HOT,
    "L1Loss": _ONE_HOT,
    "SmoothL1Loss": _ONE_HOT,
    "HuberLoss": _ONE_HOT,
}


def confidence(settings: Settings) -> Confidence | None:
    """What the class probabilities of a run are.

    Args:
        settings: The task, the loss, its arguments and the mistake are read.

    Returns:
        What they are; None for a task without classes.
    """
    if settings.task != "classify":
        return None
    said = _KINDS[settings.loss]
    if settings.mistake == "softmax-first":
        return Confidence(
            "scores",
            "The softmax of the logits; but the loss took these probabilities for logits, and fitted the softmax of "
            "them.",
        )
    if (
        "weight" in settings.arguments
        or "pos_weight" in settings.arguments
        or settings.mistake != mistakes.NONE
    ):
        return (
            Confidence(
                "rescaled",
                f"{said.sentence} With weights, or a mistake, they fit other shares than the data's own.",
            )
            if said.kind != "scores"
            else said
        )
    if settings.label_smoothing:
        return Confidence(
            "probabilities",
            f"{said.sentence} With label smoothing it is fitted to smoothed targets, and less sure than it is right.",
        )
    return said
