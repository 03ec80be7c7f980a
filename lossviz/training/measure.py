"""Measuring a network in eval mode: mean loss and what its task is judged by."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from lossviz.training.objective import Objective
from lossviz.training.tasks.classify import CLASSIFY
from lossviz.training.tasks.task import Task

BATCH = 500
"""Images a measuring batch: the fastest for a CNN (250 to 500) and near it for an MLP."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured.

    Attributes:
        loss: Mean loss over the images, each counting the same.
        accuracy: Share classified rightly, 0 to 1; to embed, of a sample, by the nearest neighbour's class; not a
            number to reconstruct.
        images: How many images were measured.
        seconds: What it took.
        probabilities: Class probabilities, float32, shape (images, 10), where they were asked for.
        metrics: Other values by name: "active share" to embed; "mean squared error" and "mean absolute error" of
            the pixels, on the scale 0 to 1, to reconstruct.
        shown: Embeddings of the first images, float32 (N, 2), or their reconstructions, uint8 (N, 28, 28).
    """

    loss: float
    accuracy: float
    images: int
    seconds: float
    probabilities: Tensor | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    shown: Tensor | None = None


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
    task: Task = CLASSIFY,
    enough: Callable[[], bool] = lambda: False,
    keep_probabilities: bool = False,
) -> Measured:
    """Measure a network on images, in eval mode; leaves it in train mode.

    Args:
        model: The network.
        objective: The loss.
        sample: The images.
        task: What the network is trained for.
        enough: Asked after every batch of 500; the rest is left out once it says yes.
        keep_probabilities: Whether to keep the class probabilities, to classify.

    Returns:
        Values over the images that were measured.
    """
    start = time.perf_counter()
    if objective.measuring is not None:
        objective = objective.measuring()
    size = objective.measured_in or BATCH
    meter, losses, done = task.meter(objective, keep_probabilities), [], 0
    model.eval()
    with torch.inference_mode():
        while done < len(sample):
            batch = slice(done, done + size)
            pixels = sample.images[batch]
            output = model(normalise(pixels, sample.mean, sample.std))
            target = task.target(pixels, sample.labels, batch)
            tensors = objective.tensors(output, target)
            losses.append(objective.call(*tensors) * len(pixels))
            meter.add(output, target, tensors)
            done += len(pixels)
            if enough():
                break
        loss = torch.stack(losses).sum(dtype=torch.float64 if sample.labels.device.type != "mps" else None)
        mean, found = loss.item() / done, meter.read()
    model.train()
    seconds = time.perf_counter() - start
    classes = found.shown if keep_probabilities and task is CLASSIFY else None
    shown = None if task is CLASSIFY else found.shown
    return Measured(mean, found.accuracy, done, seconds, classes, found.metrics, shown)
