"""Nearest neighbours are counted rightly."""

from __future__ import annotations

import pytest
import torch

from lossviz.training.objective import objective
from lossviz.training.settings import Settings
from lossviz.training.tasks.embed import EMBED, nearest_neighbour_accuracy


def test_the_nearest_other_point_counts() -> None:
    points = torch.tensor([[0.0, 0], [0.1, 0], [5, 5], [5, 5.1], [0.05, 0.2]])
    labels = torch.tensor([0, 0, 1, 1, 1])
    assert nearest_neighbour_accuracy(points, labels, directions=False) == pytest.approx(4 / 5)
    assert nearest_neighbour_accuracy(points[:1], labels[:1], directions=False) == 0.0


def test_directions_know_no_length() -> None:
    points = torch.tensor([[1.0, 0], [100, 1], [0, 1], [0.5, 100]])
    labels = torch.tensor([0, 0, 1, 1])
    assert nearest_neighbour_accuracy(points, labels, directions=True) == 1.0
    assert nearest_neighbour_accuracy(points, labels, directions=False) < 1.0


def test_triplets_that_are_far_enough_are_not_active() -> None:
    loss = objective(Settings(task="embed", loss="TripletMarginLoss"))
    labels = torch.arange(40) % 10
    corners = torch.stack([labels * 10.0, labels * 0.0], dim=1)
    for points, share in ((corners, 0.0), (torch.zeros(40, 2), 1.0)):
        meter = EMBED.meter(loss, False)  # noqa: FBT003 - the protocol's
        meter.add(points, labels, loss.tensors(points, labels))
        assert meter.read().metrics == {"active share": share}
