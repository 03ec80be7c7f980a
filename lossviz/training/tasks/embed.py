"""The task of putting images on a plane so that those of a class are near each other."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lossviz.training import models
from lossviz.training.objectives.argument import CLASSES
from lossviz.training.objectives.objective import Objective, Tensors
from lossviz.training.settings import Settings
from lossviz.training.tasks.looks import POINTS
from lossviz.training.tasks.task import Metered, Task, labels_of

NEIGHBOURS_AMONG = 2_000
"""Images among which nearest neighbours are looked for: all their distances are four million numbers."""


def _network(settings: Settings) -> nn.Sequential:
    return models.build(settings.model, models.PLANE, settings.dropout)


class _Meter:
    """Which triplets or pairs still have a loss, and whether the nearest image is of the same class."""

    def __init__(self, objective: Objective, _keep_probabilities: bool) -> None:  # noqa: FBT001 - see Task.meter
        if objective.each is None:
            raise TypeError("an objective that embeds has `each`")
        self._each = objective.each
        self._directions = objective.directions
        self._active: list[Tensor] = []
        self._drawn = 0
        self._points: list[Tensor] = []
        self._labels: list[Tensor] = []
        self._kept = 0

    def add(self, output: Tensor, target: Tensor, tensors: Tensors) -> None:
        losses = self._each(*tensors)
        self._active.append((losses > 0).sum())
        self._drawn += losses.numel()
        if self._kept < NEIGHBOURS_AMONG:
            self._points.append(output)
            self._labels.append(target)
            self._kept += len(target)

    def read(self) -> Metered:
        points = torch.cat(self._points)[:NEIGHBOURS_AMONG]
        labels = torch.cat(self._labels)[:NEIGHBOURS_AMONG]
        active = torch.stack(self._active).sum().item() / self._drawn
        return Metered(
            nearest_neighbour_accuracy(points, labels, directions=self._directions),
            {"active share": active},
            points[:POINTS].float().cpu(),
        )


def nearest_neighbour_accuracy(points: Tensor, labels: Tensor, *, directions: bool) -> float:
    """The share of the points whose nearest other point is of the same class.

    Args:
        points: float32, shape (N, D).
        labels: int64, shape (N,).
        directions: Whether near means a similar direction instead of a small distance.

    Returns:
        0 to 1; 0 for a single point.
    """
    if len(points) < 2:
        return 0.0
    if directions:
        points = nn.functional.normalize(points)
    # Points on one spot have distance 0: multiplying out, as cdist does for many, would tell them apart by rounding.
    distances = torch.cdist(points, points, compute_mode="donot_use_mm_for_euclid_dist")
    distances.fill_diagonal_(torch.inf)
    nearest = distances.argmin(dim=1)
    return (labels[nearest] == labels).float().mean().item()


def _baseline(objective: Objective, batch_size: int, images: Tensor) -> float:
    measuring = objective.measuring() if objective.measuring else objective
    labels = torch.arange(batch_size, device=images.device) % CLASSES
    return measuring(torch.ones(batch_size, models.PLANE, device=images.device), labels).item()


EMBED = Task(_network, labels_of, _Meter, _baseline)
