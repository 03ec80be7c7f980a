"""Measuring a network: mean loss and accuracy in eval mode."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lossviz.training.objective import Objective

BATCH = 500
"""Images a measuring batch: the fastest for a CNN (250 to 500) and near it for an MLP."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured.

    Attributes:
        loss: Mean loss over the images, each counting the same.
        accuracy: Share classified rightly, 0 to 1.
        images: How many images were measured.
        seconds: What it took.
        probabilities: Class probabilities, float32, shape (images, 10), where they were asked for.
    """

    loss: float
    accuracy: float
    images: int
    seconds: float
    probabilities: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """Images and their classes, on the device.

    Attributes:
        images: uint8, shape (N, 1, 28, 28).
        labels: int64, shape (N,).
        mean: Mean that normalises the pixels, 0 to 255.
        std: Deviation that normalises them, 0 to 255.
    """

    images: Tensor
    labels: Tensor
    mean: float
    std: float

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, count: int) -> Sample:
        """The first `count` of them, without a copy."""
        return Sample(self.images[:count], self.labels[:count], self.mean, self.std)


def normalise(images: Tensor, mean: float, std: float) -> Tensor:
    """Pixels to what a network takes: uint8 (B, 1, 28, 28) to float32, mean 0 and deviation 1 over the data."""
    return images.sub(mean).mul_(1 / std)


def measure(
    model: nn.Module,
    objective: Objective,
    sample: Sample,
    *,
    enough: Callable[[], bool] = lambda: False,
    keep_probabilities: bool = False,
) -> Measured:
    """Measure a network on images, in eval mode; leaves it in train mode.

    Args:
        model: The network.
        objective: The loss.
        sample: The images.
        enough: Asked after every batch of 500; the rest is left out once it says yes.
        keep_probabilities: Whether to keep the class probabilities.

    Returns:
        Values over the images that were measured.
    """
    start = time.perf_counter()
    losses, rights, kept, done = [], [], [], 0
    model.eval()
    with torch.inference_mode():
        while done < len(sample):
            labels = sample.labels[done : done + BATCH]
            logits = model(normalise(sample.images[done : done + BATCH], sample.mean, sample.std))
            losses.append(objective(logits, labels) * len(labels))
            rights.append((logits.argmax(dim=1) == labels).sum())
            if keep_probabilities:
                kept.append(logits.softmax(dim=1))
            done += len(labels)
            if enough():
                break
        loss = torch.stack(losses).sum(dtype=torch.float64 if sample.labels.device.type != "mps" else None)
        right = torch.stack(rights).sum()
        values = loss.item() / done, right.item() / done
        probabilities = torch.cat(kept).cpu() if keep_probabilities else None
    model.train()
    return Measured(*values, done, time.perf_counter() - start, probabilities)
