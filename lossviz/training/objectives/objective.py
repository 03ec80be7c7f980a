"""What a run minimises, built: how the network's output and the batch become the tensors of a torch call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

Tensors = tuple[Tensor, ...]


def _softmax(scores: Tensor) -> Tensor:
    return scores.softmax(dim=1)


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """A loss as a function of the network's output and the batch's target.

    Attributes:
        tensors: The network's output and the target to the tensors that the torch call takes. The target is, by
            task: classes (B,) int64 to classify and to embed, images (B, 1, 28, 28) float32 from 0 to 1 to
            reconstruct.
        call: The torch call: those tensors to the loss of the batch, a scalar.
        answer: The network's output to what it says: scores (B, 10), the largest is the class it picks; images
            (B, 1, 28, 28) from 0 to 1; or embeddings (B, 2).
        probabilities: Scores to class probabilities that add to 1; to classify only.
        each: The torch call without its mean: one value a pair or triplet; to embed only.
        head: Layers that belong to the loss and are trained with it.
        baseline: A mean image (1, 1, 28, 28) and the variance of the pixels about it to the network's output
            that answers so; to reconstruct only.
        directions: Whether only the direction of an embedding counts, not its length.
        measuring: Makes the objective to measure with, where that is another one: it draws the same pairs or
            triplets every time.
        measured_in: How many images are measured at once where the loss depends on that; None for any number.
    """

    tensors: Callable[[Tensor, Tensor], Tensors]
    call: Callable[..., Tensor]
    answer: Callable[[Tensor], Tensor]
    probabilities: Callable[[Tensor], Tensor] = _softmax
    each: Callable[..., Tensor] | None = None
    head: nn.Module | None = None
    baseline: Callable[[Tensor, Tensor], Tensor] | None = None
    directions: bool = False
    measuring: Callable[[], Objective] | None = None
    measured_in: int | None = None

    def __call__(self, output: Tensor, target: Tensor) -> Tensor:
        """The loss of a batch, a scalar."""
        return self.call(*self.tensors(output, target))
