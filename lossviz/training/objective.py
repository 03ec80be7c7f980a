"""The loss a run minimises, from logits."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional

from lossviz.training.settings import Settings

Objective = Callable[[Tensor, Tensor], Tensor]


def objective(settings: Settings) -> Objective:
    """The loss as a function of logits and classes.

    CrossEntropyLoss takes logits; NLLLoss takes logarithms of probabilities, so log-softmax comes first: without
    label smoothing the two are the same number.

    Args:
        settings: `loss` and `label_smoothing` are read.

    Returns:
        A function of logits (B, C) float32 and classes (B,) int64 to the mean loss of the batch, a scalar.
    """
    if settings.loss == "NLLLoss":
        return _nll
    smoothing = settings.label_smoothing
    return lambda logits, labels: functional.cross_entropy(logits, labels, label_smoothing=smoothing)


def _nll(logits: Tensor, labels: Tensor) -> Tensor:
    return functional.nll_loss(functional.log_softmax(logits, dim=1), labels)
