"""The loss a run minimises."""

from __future__ import annotations

import torch

from lossviz.training.objectives import classify, embed, reconstruct
from lossviz.training.objectives.objective import Objective
from lossviz.training.settings import Settings

__all__ = ["Objective", "objective"]


def objective(settings: Settings, features: int = 32, device: torch.device | str = "cpu") -> Objective:
    """The loss as a function of the network's output and the batch's target.

    It is the one place where a run's torch call is made: the loop, the measuring and the tests take it from here.

    Args:
        settings: The task, the loss, its arguments, `label_smoothing` and the mistake are read; the seed, to embed.
        features: How many numbers the network gives below its last layer, for losses that own that layer.
        device: Where it computes.

    Returns:
        The objective; to classify, of logits (B, 10) float32 and classes (B,) int64.
    """
    where = torch.device(device)
    if settings.task == "reconstruct":
        return reconstruct.build(settings, where)
    if settings.task == "embed":
        return embed.build(settings, where)
    return classify.build(settings, features, where)
