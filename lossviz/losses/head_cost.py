"""What a last layer with its loss costs: parameters, the size of its logits, and measured time.

Nothing here is a number from a book: parameters and sizes are asked of torch's own modules and tensors, which on
torch's meta device take no memory, and times are measured.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

TWO_STEPS, FUSED, CHUNKED, ADAPTIVE = (
    "Linear, CrossEntropyLoss",
    "LinearCrossEntropyLoss",
    "LinearCrossEntropyLoss in chunks",
    "AdaptiveLogSoftmaxWithLoss",
)

HEADS = (FUSED, ADAPTIVE)
"""The losses that are last layers, by the names of their entries."""


@dataclass(frozen=True)
class Size:
    """How large a last layer is.

    Attributes:
        rows: The targets of one training step.
        features: The size of the hidden vector.
        classes: The number of classes.
        cutoffs: Where the clusters of the adaptive head begin.
    """

    rows: int
    features: int
    classes: int
    cutoffs: tuple[int, ...]


ON_THE_PAGE = Size(rows=512, features=256, classes=5_000, cutoffs=(200, 1_000))
"""Small enough for a step to take a moment on a laptop, large enough for the classes to count."""


@dataclass(frozen=True)
class Cost:
    """What a head needs, by torch's own modules and tensors.

    Attributes:
        parameters: The weights that it trains.
        logits: The bytes of the logits of one step, in float32: of all of them, whether or not they are in memory
            at once; None for a head that makes others for every batch.
    """

    parameters: int
    logits: int | None


def heads() -> tuple[str, ...]:
    """The heads that the installed torch has."""
    import torch

    fused = (FUSED, CHUNKED) if hasattr(torch.nn, "LinearCrossEntropyLoss") else ()
    return (TWO_STEPS, *fused, ADAPTIVE)


def costs(size: Size) -> Mapping[str, Cost]:
    """What every head needs at a size."""
    import torch

    def parameters(head: str) -> int:
        modules = _modules(head, size, "meta")
        return sum(weights.numel() for module in modules for weights in module.parameters())

    logits = torch.empty(size.rows, size.classes, device="meta").nbytes
    return MappingProxyType(
        {head: Cost(parameters(head), None if head == ADAPTIVE else logits) for head in heads()}
    )


def step_times(size: Size, repeats: int = 3) -> Mapping[str, float]:
    """Measure a forward and a backward pass of every head.

    The targets are drawn by Zipf's law, class 0 most often, as words are.

    Args:
        size: How large the layer is.
        repeats: How many steps are measured; one goes before them.

    Returns:
        The median number of seconds, by head. The heads take turns, so that a busy machine slows all of them.
    """
    steps = {head: training_step(head, size) for head in heads()}
    taken: dict[str, list[float]] = {head: [] for head in steps}
    for turn in range(repeats + 1):
        for head, step in steps.items():
            start = time.perf_counter()
            step()
            if turn:
                taken[head].append(time.perf_counter() - start)
    return MappingProxyType({head: statistics.median(seconds) for head, seconds in taken.items()})


def training_step(head: str, size: Size) -> Callable[[], float]:
    """A forward and a backward pass of a head, as a function that gives the loss; hidden vectors and targets are fixed.

    Args:
        head: One of :func:`heads`.
        size: How large the layer is.
    """
    import torch

    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        modules = _modules(head, size, "cpu")
    hidden = torch.randn(size.rows, size.features, generator=generator, requires_grad=True)
    frequency = 1 / torch.arange(1, size.classes + 1)
    target = torch.multinomial(frequency, size.rows, replacement=True, generator=generator)
    weights = [hidden, *(weight for module in modules for weight in module.parameters())]

    def step() -> float:
        for weight in weights:
            weight.grad = None
        loss = _loss(modules, hidden, target)
        torch.autograd.backward(loss)
        return loss.item()

    return step


def _modules(head: str, size: Size, device: str) -> tuple[torch.nn.Module, ...]:
    import torch

    if head == ADAPTIVE:
        return (
            torch.nn.AdaptiveLogSoftmaxWithLoss(
                size.features, size.classes, list(size.cutoffs), device=device
            ),
        )
    if head == TWO_STEPS:
        return (
            torch.nn.Linear(size.features, size.classes, bias=False, device=device),
            torch.nn.CrossEntropyLoss(),
        )
    options = torch.nn.LinearCrossEntropyOptions() if head == CHUNKED else None
    return (torch.nn.LinearCrossEntropyLoss(size.features, size.classes, device=device, options=options),)


def _loss(modules: tuple[torch.nn.Module, ...], hidden: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    if len(modules) == 2:
        linear, criterion = modules
        found: torch.Tensor = criterion(linear(hidden), target)
        return found
    said = modules[0](hidden, target)
    # The adaptive head gives the log-probabilities of the targets beside the loss.
    loss: torch.Tensor = said.loss if hasattr(said, "loss") else said
    return loss
