"""The task of telling ten classes apart."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from lossviz.training import models
from lossviz.training.objectives.argument import CLASSES
from lossviz.training.objectives.objective import Objective, Tensors
from lossviz.training.settings import Settings
from lossviz.training.tasks.task import Metered, Task, labels_of


def _network(settings: Settings) -> nn.Sequential:
    if settings.spec.takes == "features":
        return models.body(settings.model, settings.dropout)
    return models.build(settings.model, CLASSES, settings.dropout)


class _Meter:
    """Counts the images whose class has the largest score."""

    def __init__(self, objective: Objective, keep_probabilities: bool) -> None:  # noqa: FBT001 - see Task.meter
        self._objective = objective
        self._keep = keep_probabilities
        self._rights: list[Tensor] = []
        self._kept: list[Tensor] = []
        self._images = 0

    def add(self, output: Tensor, target: Tensor, _tensors: Tensors) -> None:
        scores = self._objective.answer(output)
        self._rights.append((scores.argmax(dim=1) == target).sum())
        self._images += len(target)
        if self._keep:
            self._kept.append(self._objective.probabilities(scores))

    def read(self) -> Metered:
        right = torch.stack(self._rights).sum().item()
        return Metered(right / self._images, shown=torch.cat(self._kept).cpu() if self._keep else None)


def _baseline(objective: Objective, batch_size: int, images: Tensor) -> float:
    if objective.head is not None:
        return math.log(CLASSES) * (objective.measured_in or 1)  # a sum is over the images measured at once
    labels = torch.arange(batch_size, device=images.device) % CLASSES
    loss = objective(torch.zeros(batch_size, CLASSES, device=images.device), labels).item()
    # float32 knows seven digits of ln 10; where that is what it means, it is said in full.
    return math.log(CLASSES) if math.isclose(loss, math.log(CLASSES), rel_tol=1e-6) else loss


CLASSIFY = Task(_network, labels_of, _Meter, _baseline)
