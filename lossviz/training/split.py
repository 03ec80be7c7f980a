"""Which images a run trains on and which it holds out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lossviz.training.errors import TrainingError
from lossviz.training.settings import Settings


@dataclass(frozen=True, slots=True)
class Split:
    """Which images are trained on and which are held out.

    Attributes:
        train: Positions in the data set's train split, int64, in the order they are measured in.
        validation: Positions of those held out.
    """

    train: Tensor
    validation: Tensor


def split(settings: Settings, available: int) -> Split:
    """Pick a run's images, by its seed alone.

    Args:
        settings: `seed`, `train_size` and `validation_share` are read.
        available: How many train images the data set has.

    Returns:
        Disjoint random picks. The same seed holds out nested picks for every `train_size`.

    Raises:
        TrainingError: The data set has fewer images than asked for.
    """
    if settings.train_size > available:
        raise TrainingError(
            f"{settings.train_size:,} images are asked for and the data has {available:,}.",
            "Take fewer images.",
        )
    order = torch.randperm(available, generator=torch.Generator().manual_seed(settings.seed))
    held_out = settings.validation_images
    return Split(train=order[held_out : settings.train_size], validation=order[:held_out])
