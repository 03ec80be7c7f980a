"""What the engine asks of a task: a network, the target of a batch, what is measured beside the loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor, nn

from lossviz.training.objectives.objective import Objective, Tensors
from lossviz.training.settings import Settings


@dataclass(frozen=True, slots=True)
class Metered:
    """What a meter found.

    Attributes:
        accuracy: Share of the images answered rightly, 0 to 1; not a number where nothing can be right or wrong.
        metrics: Other values by name.
        shown: What the network says: class probabilities float32 (N, 10) of all images, if asked for; embeddings
            float32 of the first images, (N, 2); or reconstructions of the first images, uint8 (N, 28, 28).
    """

    accuracy: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    shown: Tensor | None = None


class Meter(Protocol):
    """Measures what a task is judged by, batch by batch, in inference mode."""

    def add(self, output: Tensor, target: Tensor, tensors: Tensors) -> None:
        """Take a batch: the network's output, its target, and the tensors of the loss's torch call."""

    def read(self) -> Metered:
        """What was found over all batches."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task.

    Attributes:
        network: Settings to the network that is trained, its first weights from torch's random state: images
            (B, 1, 28, 28), normalised, to what the objective takes.
        target: Of a batch's images (B, 1, 28, 28) uint8, all labels (N,) and the batch's places in them to the
            target that the objective takes.
        meter: An objective, and whether to keep class probabilities, to a meter.
        baseline: An objective, a batch size, and images uint8 (N, 1, 28, 28) that it may look at to the loss of
            the network that `LossSpec.baseline` names.
    """

    network: Callable[[Settings], nn.Sequential]
    target: Callable[[Tensor, Tensor, Tensor | slice], Tensor]
    meter: Callable[[Objective, bool], Meter]
    baseline: Callable[[Objective, int, Tensor], float]


def labels_of(_pixels: Tensor, labels: Tensor, batch: Tensor | slice) -> Tensor:
    """The target of a task that asks for classes."""
    return labels[batch]
