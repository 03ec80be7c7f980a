"""The landscape: filters keep their length, the centre is the trained loss, the weights come back."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from lossviz.training import models
from lossviz.training.landscape import SIDE, direction, landscape


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_every_filter_of_a_direction_is_as_long_as_the_filter_it_moves(name: str) -> None:
    torch.manual_seed(0)
    weights = list(models.build(name).parameters())
    drawn = direction(weights, torch.Generator().manual_seed(1))
    for weight, moved in zip(weights, drawn, strict=True):
        assert moved.shape == weight.shape
        if weight.dim() < 2:
            assert not moved.any(), "biases stay"
            continue
        for own, theirs in zip(weight, moved, strict=True):
            assert theirs.norm().item() == pytest.approx(own.norm().item(), rel=1e-5)
    others = direction(weights, torch.Generator().manual_seed(2))
    assert not torch.equal(drawn[0], others[0])


def test_a_filter_of_zeros_stays_where_it_is() -> None:
    [moved] = direction([torch.zeros(2, 3)], torch.Generator().manual_seed(0))
    assert not moved.any()


def test_the_centre_is_the_trained_loss_and_the_weights_come_back_to_the_bit() -> None:
    torch.manual_seed(0)
    network = nn.Linear(4, 3)
    values, labels = torch.randn(20, 4), torch.arange(20) % 3
    before = [each.detach().clone() for each in network.parameters()]

    def loss(images: int) -> float:
        with torch.inference_mode():
            return nn.functional.cross_entropy(network(values[:images]), labels[:images]).item()

    found = landscape(list(network.parameters()), loss, side=5, span=0.5, images=20)
    assert found is not None
    assert (found.side, found.images, len(found.losses)) == (5, 20, 25)
    assert found.centre == pytest.approx(loss(20), rel=1e-6)
    assert found.grid()[2, 2] == found.centre
    for ours, theirs in zip(network.parameters(), before, strict=True):
        assert torch.equal(ours, theirs)
    dice = torch.Generator().manual_seed(0)
    first, second = direction(before, dice), direction(before, dice)
    for row, column in itertools.product((0, 2, 4), repeat=2):
        with torch.no_grad():
            for each, start, one, other in zip(network.parameters(), before, first, second, strict=True):
                each.copy_(start + found.axis()[column] * one + found.axis()[row] * other)
        assert found.grid()[row, column] == pytest.approx(loss(20), rel=1e-4)
    assert list(found.table().columns) == ["first", "second", "loss"]


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that the landscape looks at."""
    told = Clock()
    monkeypatch.setattr("lossviz.training.landscape.time", told)
    return told


def test_a_slow_machine_measures_fewer_points_in_its_time_and_a_stopped_run_nothing(clock: Clock) -> None:
    weights = [torch.ones(2, 2)]

    def slow(images: int) -> float:
        clock.now += images * 1e-5
        return 1.0

    found = landscape(weights, slow, images=512, seconds=0.2)
    assert found is not None
    assert found.side < SIDE
    assert found.seconds == pytest.approx(clock.now)
    assert clock.now <= 0.2 + 2 * 512 * 1e-5, "the time, and the two measurings that show how slow it is"
    assert not math.isnan(sum(found.losses))
    assert landscape(weights, slow, should_stop=lambda: True) is None
    assert torch.equal(weights[0], torch.ones(2, 2))


def test_a_machine_that_becomes_slow_leaves_the_rim_out(clock: Clock) -> None:
    calls = itertools.count()

    def loss(images: int) -> float:
        clock.now += images * (1e-7 if next(calls) < 50 else 1e-3)
        return 1.0

    found = landscape([torch.ones(2, 2)], loss, images=512, seconds=1.0)
    assert found is not None
    assert found.centre == 1.0
    assert clock.now <= 2.0 + 512 * 1e-3
    missing = np.isnan(found.grid())
    assert missing[0, 0]
    assert not missing[found.side // 2 - 3 : found.side // 2 + 4].all()
    measured = np.argwhere(~missing) - found.side // 2
    assert abs(measured).max() < found.side // 2
