"""Wrong labels on purpose: a share of the training labels is replaced by another class."""

from __future__ import annotations

import torch
from torch import Tensor

from lossviz.training.objectives.argument import CLASSES

# Not the run's seed itself: with it the first batches would be the very images that get a wrong label.
_SEED_OFFSET = 1_000_003


def with_label_noise(labels: Tensor, share: float, seed: int) -> Tensor:
    """Replace a share of labels by another class each.

    Args:
        labels: Classes, int64, shape (N,), on the CPU.
        share: How many of them, 0 to 1, rounded to whole images.
        seed: What draws. For one seed the images of a smaller share are among those of a larger one, with the same
            wrong classes.

    Returns:
        New labels; where none is replaced, the labels themselves.
    """
    count = round(share * len(labels))
    if not count:
        return labels
    dice = torch.Generator().manual_seed(seed + _SEED_OFFSET)
    replaced = torch.randperm(len(labels), generator=dice)[:count]
    steps = torch.randint(1, CLASSES, (len(labels),), generator=dice)
    noisy = labels.clone()
    noisy[replaced] = (labels[replaced] + steps[replaced]) % CLASSES
    return noisy
