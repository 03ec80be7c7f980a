"""The lowest loss that there is: not 0 where the target itself is spread out. Knows how to ask torch for it."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from lossviz.training.objective import objective
from lossviz.training.objectives import mistakes
from lossviz.training.objectives.argument import CLASSES
from lossviz.training.settings import Settings

_IMAGES = 500
_LOGARITHMIC = ("CrossEntropyLoss", "NLLLoss", "LinearCrossEntropyLoss", "AdaptiveLogSoftmaxWithLoss")


def floor_loss(settings: Settings, images: Tensor) -> float | None:
    """The loss that no network can get below without learning single images by heart.

    To classify, it is 0, except for cross-entropy with smoothed or wrong labels: there it is the entropy of what an
    image's label may be. To reconstruct, it is the loss of drawing the images exactly. To embed it is 0. A mistake
    made on purpose does not change it: it is what the run was meant to reach.

    Args:
        settings: What is trained.
        images: uint8, shape (N, 1, 28, 28), some of the training images.

    Returns:
        The loss; None where there is no lowest (the Gaussian likelihood of a certain network).
    """
    if settings.task == "classify":
        terms = settings.batch_size if settings.mistake == "sum" else 1
        return _entropy(settings) * terms if settings.loss in _LOGARITHMIC else 0.0
    if settings.task == "embed":
        return 0.0
    # A sum has a size of its own; a target of another shape is not what the run was meant to reach.
    meant = settings if settings.mistake == "sum" else replace(settings, mistake=mistakes.NONE)
    loss = objective(meant, device=images.device)
    if loss.baseline is None or settings.loss == "GaussianNLLLoss":
        return None
    pixels = images[: loss.measured_in or _IMAGES].mul(1 / 255)
    with torch.no_grad():
        exact = loss.baseline(pixels, torch.zeros(1, 1, 1, 1, device=pixels.device))
        return loss(exact, pixels).item()


def _entropy(settings: Settings) -> float:
    """Of an image's label: the right class, another one, and what smoothing spreads evenly."""
    spread = settings.label_smoothing / CLASSES
    right = (1 - settings.label_noise) * (1 - settings.label_smoothing) + spread
    other = settings.label_noise / (CLASSES - 1) * (1 - settings.label_smoothing) + spread
    return sum(
        -count * share * math.log(share)
        for count, share in ((1, right), (CLASSES - 1, other))
        if 0 < share < 1
    )
