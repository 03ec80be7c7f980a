"""Losses that train a classifier: logits and classes to torch's call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from lossviz.training.objectives.argument import CLASSES
from lossviz.training.objectives.focal import SigmoidFocalLoss
from lossviz.training.objectives.objective import Objective, Tensors
from lossviz.training.objectives.options import measured_in, options
from lossviz.training.settings import Settings

Layer = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How logits and classes become a torch call.

    Attributes:
        module: torch's class.
        last_layer: What comes between the logits and the loss; None for nothing.
        targets: The target of each class, (10, ...): a batch looks its own up. None where the loss takes classes.
        sigmoid: Whether the loss reads each logit as a yes-or-no question of its own.
    """

    module: Callable[..., nn.Module]
    last_layer: Layer | None = None
    targets: Callable[[Settings], Tensor] | None = None
    sigmoid: bool = False


def _one_hot(_settings: Settings) -> Tensor:
    return torch.eye(CLASSES)


def _signs(_settings: Settings) -> Tensor:
    return 2 * torch.eye(CLASSES) - 1


def _smoothed(settings: Settings) -> Tensor:
    smoothing = float(settings.argument("smoothing"))  # type: ignore[arg-type]  # a number: its spec says so
    return (1 - smoothing) * torch.eye(CLASSES) + smoothing / CLASSES


def _lists(_settings: Settings) -> Tensor:
    """The list of each class's only class, ended by -1 as MultiLabelMarginLoss wants it."""
    lists = torch.full((CLASSES, CLASSES), -1, dtype=torch.int64)
    lists[:, 0] = torch.arange(CLASSES)
    return lists


def _log_softmax(logits: Tensor) -> Tensor:
    return functional.log_softmax(logits, dim=1)


def _softmax(logits: Tensor) -> Tensor:
    return functional.softmax(logits, dim=1)


def _kl_div(**chosen: str) -> nn.Module:
    return nn.KLDivLoss(reduction=chosen.get("reduction", "batchmean"))


_RECIPES: Mapping[str, _Recipe] = {
    "CrossEntropyLoss": _Recipe(nn.CrossEntropyLoss),
    "NLLLoss": _Recipe(nn.NLLLoss, _log_softmax),
    "BCEWithLogitsLoss": _Recipe(nn.BCEWithLogitsLoss, targets=_one_hot, sigmoid=True),
    "BCELoss": _Recipe(nn.BCELoss, torch.sigmoid, _one_hot, sigmoid=True),
    "MultiMarginLoss": _Recipe(nn.MultiMarginLoss),
    "MultiLabelMarginLoss": _Recipe(nn.MultiLabelMarginLoss, targets=_lists),
    "MultiLabelSoftMarginLoss": _Recipe(nn.MultiLabelSoftMarginLoss, targets=_one_hot, sigmoid=True),
    "SoftMarginLoss": _Recipe(nn.SoftMarginLoss, targets=_signs, sigmoid=True),
    "KLDivLoss": _Recipe(_kl_div, _log_softmax, _smoothed),
    "sigmoid_focal_loss": _Recipe(SigmoidFocalLoss, targets=_one_hot, sigmoid=True),
    "MSELoss": _Recipe(nn.MSELoss, targets=_one_hot),
    "L1Loss": _Recipe(nn.L1Loss, targets=_one_hot),
    "SmoothL1Loss": _Recipe(nn.SmoothL1Loss, targets=_one_hot),
    "HuberLoss": _Recipe(nn.HuberLoss, targets=_one_hot),
}


def build(settings: Settings, features: int, device: torch.device) -> Objective:
    """The objective of a classifier.

    Args:
        settings: The loss, its arguments and the mistake are read.
        features: How many numbers come out of the network below its last layer: for losses that own that layer,
            whose first weights come from torch's random state.
        device: Where it computes.

    Returns:
        An objective whose target are the classes, int64, shape (B,).
    """
    chosen = options(settings, device)
    if settings.loss == "LinearCrossEntropyLoss":
        return _fused(nn.LinearCrossEntropyLoss(features, CLASSES, bias=True, **chosen).to(device), settings)
    if settings.loss == "AdaptiveLogSoftmaxWithLoss":
        cutoffs = [int(settings.argument("cutoff"))]  # type: ignore[arg-type]  # a number: its spec says so
        return _adaptive(nn.AdaptiveLogSoftmaxWithLoss(features, CLASSES, cutoffs, **chosen).to(device))
    recipe = _RECIPES[settings.loss]
    last_layer = _softmax if settings.mistake == "softmax-first" else recipe.last_layer
    targets = None if recipe.targets is None else recipe.targets(settings).to(device)
    if targets is not None and settings.mistake == "target-shape":
        targets = targets.unsqueeze(1)  # looked up for a batch: (B, 1, 10) against outputs (B, 10)
    return Objective(
        _tensors(last_layer, targets),
        recipe.module(**chosen).forward,
        _itself,
        probabilities=_normalised_sigmoid if recipe.sigmoid else _softmax,
        measured_in=measured_in(settings),
    )


def _tensors(last_layer: Layer | None, targets: Tensor | None) -> Callable[[Tensor, Tensor], Tensors]:
    """The network's output through the last layer, and the classes' targets."""
    if last_layer is None and targets is None:
        return _both
    layer = last_layer or _itself
    if targets is None:
        return lambda logits, labels: (layer(logits), labels)
    return lambda logits, labels: (layer(logits), targets[labels])


def _both(logits: Tensor, labels: Tensor) -> Tensors:
    return logits, labels


def _itself(logits: Tensor) -> Tensor:
    return logits


def _normalised_sigmoid(logits: Tensor) -> Tensor:
    """Ten independent answers as probabilities that add to 1; by logarithms, so that none is 0 / 0."""
    return functional.logsigmoid(logits).softmax(dim=1)


def _fused(loss: nn.LinearCrossEntropyLoss, settings: Settings) -> Objective:
    linear = loss.linear
    return Objective(_both, loss, linear, head=loss, measured_in=measured_in(settings))


def _adaptive(loss: nn.AdaptiveLogSoftmaxWithLoss) -> Objective:
    def call(features: Tensor, labels: Tensor) -> Tensor:
        mean: Tensor = loss(features, labels).loss
        return mean

    return Objective(_both, call, loss.log_prob, head=loss)
