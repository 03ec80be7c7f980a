"""The loss around trained weights: two random directions, normalised filter by filter.

A plain random direction would say little: a network of ReLUs computes the same with weights ten times as large in one
layer and a tenth in the next, and then the same step is small for it. So each filter's part of a direction gets the
length of that filter.

Source: Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets", https://arxiv.org/abs/1712.09913.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lossviz.training.looking_inside import Landscape

SIDE = 21
SPAN = 1.0
SECONDS = 8.0
"""How long it may take, about."""
MOST_IMAGES = 512
LEAST_IMAGES = 64
_COARSER_SIDES = (21, 15, 11, 7)


def direction(weights: Sequence[Tensor], dice: torch.Generator) -> list[Tensor]:
    """A random direction in the space of the weights.

    Args:
        weights: The trained weights, layer by layer.
        dice: What draws, on the CPU.

    Returns:
        A tensor for each, of the same shape. A filter (all weights of one output) of the direction is as long as
        that filter of the weights; biases, and whatever else has one dimension, do not move.
    """
    return [_filters(each.detach(), dice) for each in weights]


def _filters(weight: Tensor, dice: torch.Generator) -> Tensor:
    drawn = torch.randn(weight.shape, generator=dice).to(weight)
    if weight.dim() < 2:
        return torch.zeros_like(weight)
    own, theirs = (each.flatten(1).norm(dim=1) for each in (weight, drawn))
    factor = own / theirs.clamp_min(1e-12)
    return drawn.mul_(factor.reshape(-1, *[1] * (weight.dim() - 1)))


def landscape(
    weights: Sequence[Tensor],
    loss: Callable[[int], float],
    *,
    seed: int = 0,
    side: int = SIDE,
    span: float = SPAN,
    images: int = MOST_IMAGES,
    seconds: float = SECONDS,
    should_stop: Callable[[], bool] = lambda: False,
) -> Landscape | None:
    """Measure the loss on a square around the weights.

    Args:
        weights: What the network computes with; moved in place, and put back exactly.
        loss: How many images to measure on to the mean loss on them: always the first ones.
        seed: Draws the directions.
        side: Points on a side, odd.
        span: How far to go in each direction.
        images: How many images at most.
        seconds: How long it may take, about: where the machine is slow, fewer images are measured, then fewer points.
        should_stop: Asked before every point.

    Returns:
        The landscape, or None if it was stopped.
    """
    start = time.perf_counter()
    centre_of = [each.detach().clone() for each in weights]
    dice = torch.Generator().manual_seed(seed)
    first, second = direction(centre_of, dice), direction(centre_of, dice)
    images, side = _affordable(loss, images, side, seconds)
    steps = torch.linspace(-span, span, side, dtype=torch.float64).tolist()
    found = [float("nan")] * side**2
    middle = side // 2
    # From the centre outwards: what is missing, if the time does not suffice, is the rim.
    places = sorted(itertools.product(range(side), repeat=2), key=lambda at: max(abs(c - middle) for c in at))
    try:
        for row, column in places:
            if should_stop():
                return None
            if time.perf_counter() - start > 2 * seconds:
                break
            _move(weights, centre_of, first, second, steps[column], steps[row])
            found[row * side + column] = float(f"{loss(images):.7g}")
    finally:
        with torch.no_grad():
            for each, centre in zip(weights, centre_of, strict=True):
                each.copy_(centre)
    took = time.perf_counter() - start
    return Landscape(span, side, images, found[middle * side + middle], found, took, seed)


def _affordable(loss: Callable[[int], float], images: int, side: int, seconds: float) -> tuple[int, int]:
    """How many images and points there is time for."""
    loss(images)  # the first one is slower
    begun = time.perf_counter()
    loss(images)
    each = (time.perf_counter() - begun) / images
    sides = [side, *(smaller for smaller in _COARSER_SIDES if smaller < side)]
    for points in sides:
        affordable = int(seconds / max(each * points**2, 1e-12))
        if affordable >= min(LEAST_IMAGES, images):
            return min(images, affordable), points
    return min(LEAST_IMAGES, images), sides[-1]


@torch.no_grad()
def _move(
    weights: Sequence[Tensor],
    centre: Sequence[Tensor],
    first: Sequence[Tensor],
    second: Sequence[Tensor],
    along_first: float,
    along_second: float,
) -> None:
    for each, start, one, other in zip(weights, centre, first, second, strict=True):
        each.copy_(start).add_(one, alpha=along_first).add_(other, alpha=along_second)
