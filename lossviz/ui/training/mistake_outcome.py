"""What a bug that was put in on purpose has done to a run, told with the run's own numbers."""

from __future__ import annotations

import math

from lossviz.training.jobs import RunSnapshot
from lossviz.training.objectives.mistakes import MISTAKES
from lossviz.ui.training import wording


def mistake_outcome(snapshot: RunSnapshot) -> str:
    """What the bug did, in Markdown; empty where the run has none, or has not been measured since its start.

    Args:
        snapshot: The run, going or over.
    """
    mistake = MISTAKES.get(snapshot.settings.mistake)
    if mistake is None or snapshot.initial is None or not snapshot.step_losses:
        return ""
    return f"**{mistake.title}.** {_numbers(snapshot)}  \n{mistake.outcome}"


def _numbers(snapshot: RunSnapshot) -> str:
    first, initial = snapshot.step_losses[0], snapshot.initial
    last = snapshot.epochs[-1] if snapshot.epochs else None
    batch = min(snapshot.settings.batch_size, snapshot.settings.train_images)
    begun = f"In this run the first batch had a loss of {_loss(first)}"
    if snapshot.settings.mistake == "sum":
        begun += f", which is {_loss(first / batch)} for each of its {batch} images"
    if last is None or initial is None:
        return f"{begun}."
    moved = f"{_loss(initial.validation_loss)} before the first step and {_loss(last.validation_loss)}"
    after = f"after {wording.count(last.epoch, 'epoch', 'epochs')}"
    right = wording.MEASURES.get(snapshot.settings.task)
    accurate = f"; the {right} is {wording.percent(last.validation_accuracy)}" if right else ""
    return f"{begun}. The validation loss was {moved} {after}{accurate}."


def _loss(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "not finite"
