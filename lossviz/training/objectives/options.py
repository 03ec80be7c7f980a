"""The constructor arguments of a run's torch call."""

from __future__ import annotations

from typing import Any

import torch

from lossviz.training.objectives.mistakes import ONE_CLASS_WEIGHTS
from lossviz.training.settings import Settings


def options(settings: Settings, device: torch.device) -> dict[str, Any]:
    """What the loss's constructor is called with, mistakes made on purpose included.

    Args:
        settings: The loss, its arguments and the mistake are read.
        device: Where tensors among them shall be.

    Returns:
        Names to values; `reduction` only where it is not torch's default.
    """
    chosen: dict[str, Any] = {}
    for argument in settings.spec.arguments:
        value = settings.argument(argument.name)
        if not argument.constructor:
            continue
        if not argument.tensor:
            chosen[argument.name] = value
        elif argument.name in settings.arguments:  # without weights torch has a shorter way
            chosen[argument.name] = torch.tensor(value, device=device)
    if settings.spec.label_smoothing:
        chosen["label_smoothing"] = settings.label_smoothing
    if settings.mistake == "one-class-weights":
        chosen["weight"] = torch.tensor(ONE_CLASS_WEIGHTS, device=device)
    if settings.mistake == "sum":
        chosen["reduction"] = "sum"
    return chosen


def measured_in(settings: Settings) -> int | None:
    """How many images to measure at once where a mistake makes the loss depend on it."""
    return settings.batch_size if settings.mistake in ("sum", "target-shape") else None
