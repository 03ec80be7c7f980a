"""The task of drawing an image again that went through a bottleneck."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from lossviz.training import models
from lossviz.training.objectives import reconstruct as objectives
from lossviz.training.objectives.objective import Objective, Tensors
from lossviz.training.settings import Settings
from lossviz.training.tasks.looks import PICTURES
from lossviz.training.tasks.task import Metered, Task

_MOST_FOR_MEAN = 1_000


def _network(settings: Settings) -> nn.Sequential:
    return models.autoencoder(settings.model, objectives.channels(settings.loss), settings.dropout)


def _images(pixels: Tensor, _labels: Tensor, _batch: Tensor | slice) -> Tensor:
    """The images themselves, from 0 to 1."""
    return pixels.mul(1 / 255)


class _Meter:
    """Errors of the pixels, on the scale 0 to 1, which mean the same for every loss; and the first images."""

    def __init__(self, objective: Objective, _keep_probabilities: bool) -> None:  # noqa: FBT001 - see Task.meter
        self._answer = objective.answer
        self._squares: list[Tensor] = []
        self._errors: list[Tensor] = []
        self._images = 0
        self._first: Tensor | None = None

    def add(self, output: Tensor, target: Tensor, _tensors: Tensors) -> None:
        images = self._answer(output)
        error = (images - target).flatten(1)
        self._squares.append(error.square().mean(dim=1).sum())
        self._errors.append(error.abs().mean(dim=1).sum())
        self._images += len(target)
        if self._first is None:
            # A diverged network draws nan, which as a byte could be anything.
            self._first = (
                images[:PICTURES, 0].nan_to_num(0.0).clamp(0, 1).mul(255).round().to(torch.uint8).cpu()
            )

    def read(self) -> Metered:
        squared, absolute = (
            torch.stack(each).sum().item() / self._images for each in (self._squares, self._errors)
        )
        metrics = {"mean squared error": squared, "mean absolute error": absolute}
        return Metered(math.nan, metrics, self._first)


def _baseline(objective: Objective, batch_size: int, images: Tensor) -> float:
    if objective.baseline is None:
        return math.nan
    pixels = images[:_MOST_FOR_MEAN].mul(1 / 255)
    mean = pixels.mean(dim=0, keepdim=True)
    output = objective.baseline(mean, (pixels - mean).square().mean().reshape(1, 1, 1, 1))
    some = pixels[:batch_size] if objective.measured_in else pixels
    return objective(output.expand(len(some), *output.shape[1:]), some).item()


RECONSTRUCT = Task(_network, _images, _Meter, _baseline)
