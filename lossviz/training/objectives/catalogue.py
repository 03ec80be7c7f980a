"""Which losses train in which task, and why the others do not. Knows no torch."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lossviz.training.objectives import classify_losses, embed_losses, reconstruct_losses
from lossviz.training.objectives.argument import Argument
from lossviz.training.objectives.spec import LossSpec

TASKS: Final[Mapping[str, Mapping[str, LossSpec]]] = MappingProxyType(
    {
        part.TASK: MappingProxyType({spec.name: spec for spec in part.LOSSES})
        for part in (classify_losses, reconstruct_losses, embed_losses)
    }
)
"""Task to loss to what the loss is there, in the order in which a page shows them."""

_BOXES: Final = (
    "{} cannot train here: it compares boxes around things, "
    "and a FashionMNIST image is one garment without a box."
)
CANNOT_TRAIN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CTCLoss": "CTCLoss cannot train here: it aligns a long sequence of outputs with a shorter sequence of labels, "
        "and a FashionMNIST image has one label.",
        **{
            name: _BOXES.format(name)
            for name in ("generalized_box_iou_loss", "distance_box_iou_loss", "complete_box_iou_loss")
        },
    }
)
"""Losses of the catalogue that train no network on FashionMNIST, each with the reason, one sentence."""


def spec(task: str, loss: str) -> LossSpec:
    """What a loss is in a task.

    Raises:
        KeyError: There is no such task, or the loss does not train in it.
    """
    return TASKS[task][loss]


def losses(task: str) -> tuple[str, ...]:
    """The names of the losses that train in a task.

    >>> losses("embed")[0]
    'TripletMarginLoss'
    """
    return tuple(TASKS[task])


def tasks_of(loss: str) -> tuple[str, ...]:
    """The tasks that a loss trains in, the usual one first; none for a loss that does not train.

    >>> tasks_of("MSELoss"), tasks_of("CTCLoss")
    (('classify', 'reconstruct'), ())
    """
    return tuple(task for task, known in TASKS.items() if loss in known)


def argument_names() -> tuple[str, ...]:
    """The names of all arguments that some loss has."""
    return tuple(
        dict.fromkeys(a.name for known in TASKS.values() for each in known.values() for a in each.arguments)
    )


def argument(task: str, loss: str, name: str) -> Argument | None:
    """The argument of a loss, if it has one of this name."""
    known = TASKS.get(task, {}).get(loss)
    return known.argument(name) if known else None


def why_not(task: str, loss: str) -> str:
    """Why a loss does not train in a task and what to do, to follow "loss is ...; "."""
    if loss in CANNOT_TRAIN:
        return CANNOT_TRAIN[loss]
    elsewhere = tasks_of(loss)
    if elsewhere:
        return f"in the task {task} it does not train. Choose the task {' or '.join(elsewhere)}, or another loss."
    near = difflib.get_close_matches(loss[:40], losses(task), 1, 0.5) or [losses(task)[0]]
    return (
        f"it must be one of the {len(losses(task))} losses of the task {task}, as PyTorch spells them: "
        f"did you mean {near[0]}?"
    )
