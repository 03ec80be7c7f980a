"""Partners drawn within a batch: for every image one of its class and one of another."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lossviz.training.objectives.argument import CLASSES


@dataclass(frozen=True, slots=True)
class Partners:
    """Positions in a batch, int64, each of shape (B,): for every image in turn.

    Attributes:
        positive: An image of its class: another one, unless the batch has none.
        negative: An image of another class, unless the batch has none.
    """

    positive: Tensor
    negative: Tensor


def draw(labels: Tensor, dice: torch.Generator) -> Partners:
    """Draw a positive and a negative for every image of a batch, without a loop and without a B x B table.

    Sorted by class, the images of a class stand in a row. The positive is the next in the row, the last one's the
    first: batches are shuffled, so that is another pair every epoch. The negative is drawn evenly from those
    outside the row.

    Args:
        labels: Classes, int64, shape (B,).
        dice: Where the negatives come from; on the labels' device.

    Returns:
        The partners, in the order of the batch.
    """
    count = len(labels)
    order = labels.argsort(stable=True)
    sizes = labels.bincount(minlength=CLASSES)
    starts = sizes.cumsum(0).sub_(sizes)
    sorted_labels = labels[order]
    size, start = sizes[sorted_labels], starts[sorted_labels]
    place = torch.arange(count, device=labels.device)
    following = start + (place - start + 1) % size
    drawn = torch.rand(count, generator=dice, device=labels.device).mul_(count - size).long()
    other = (start + size + drawn) % count
    positive, negative = torch.empty_like(order), torch.empty_like(order)
    positive[order], negative[order] = order[following], order[other]
    return Partners(positive, negative)
