"""Losses that train an autoencoder: its output and the images to torch's call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from lossviz.training.objectives.objective import Objective, Tensors
from lossviz.training.objectives.options import measured_in, options
from lossviz.training.settings import Settings

_ALMOST = 1e-3
"""A mean pixel nearer to 0 or 1 than this has a logit that says no more."""


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How the network's output becomes a torch call.

    Attributes:
        module: torch's class.
        last_layer: The output to the loss's input.
        image: The output to the image that it stands for, from 0 to 1.
        inverse: An image to an output that stands for it.
    """

    module: Callable[..., nn.Module]
    last_layer: Callable[[Tensor], Tensor]
    image: Callable[[Tensor], Tensor] = torch.sigmoid
    inverse: Callable[[Tensor], Tensor] = torch.logit


def _itself(output: Tensor) -> Tensor:
    return output


def _rate(log_rate: Tensor) -> Tensor:
    return log_rate.exp().clamp(0, 1)


def _softplus_rate(output: Tensor) -> Tensor:
    return functional.softplus(output).clamp(0, 1)


def _softplus_inverse(value: Tensor) -> Tensor:
    return value.expm1().log()


_RECIPES: Mapping[str, _Recipe] = {
    "MSELoss": _Recipe(nn.MSELoss, torch.sigmoid),
    "L1Loss": _Recipe(nn.L1Loss, torch.sigmoid),
    "SmoothL1Loss": _Recipe(nn.SmoothL1Loss, torch.sigmoid),
    "HuberLoss": _Recipe(nn.HuberLoss, torch.sigmoid),
    "BCELoss": _Recipe(nn.BCELoss, torch.sigmoid),
    "BCEWithLogitsLoss": _Recipe(nn.BCEWithLogitsLoss, _itself),
    "PoissonNLLLoss": _Recipe(nn.PoissonNLLLoss, _itself, _rate, torch.log),
}
_POISSON_OF_RATES = _Recipe(nn.PoissonNLLLoss, functional.softplus, _softplus_rate, _softplus_inverse)


def channels(loss: str) -> int:
    """How many numbers a pixel the network gives: a mean and a variance for GaussianNLLLoss, else one."""
    return 2 if loss == "GaussianNLLLoss" else 1


def build(settings: Settings, device: torch.device) -> Objective:
    """The objective of an autoencoder.

    Args:
        settings: The loss, its arguments and the mistake are read.
        device: Where it computes.

    Returns:
        An objective whose target are the images, float32 from 0 to 1, shape (B, 1, 28, 28).
    """
    chosen = options(settings, device)
    if settings.loss == "GaussianNLLLoss":
        return _gaussian(nn.GaussianNLLLoss(**chosen), settings)
    recipe = _RECIPES[settings.loss]
    if settings.loss == "PoissonNLLLoss" and not settings.argument("log_input"):
        recipe = _POISSON_OF_RATES
    layer = recipe.last_layer

    def tensors(output: Tensor, images: Tensor) -> Tensors:
        return layer(output), images

    def without_channel(output: Tensor, images: Tensor) -> Tensors:
        return layer(output), images.squeeze(1)  # (B, 28, 28) against (B, 1, 28, 28)

    return Objective(
        without_channel if settings.mistake == "target-shape" else tensors,
        recipe.module(**chosen).forward,
        recipe.image,
        baseline=lambda mean, _variance: recipe.inverse(mean.clamp(_ALMOST, 1 - _ALMOST)),
        measured_in=measured_in(settings),
    )


def _gaussian(loss: nn.GaussianNLLLoss, settings: Settings) -> Objective:
    def tensors(output: Tensor, images: Tensor) -> Tensors:
        return output[:, :1].sigmoid(), images, functional.softplus(output[:, 1:])

    def image(output: Tensor) -> Tensor:
        return output[:, :1].sigmoid()

    def baseline(mean: Tensor, variance: Tensor) -> Tensor:
        logits = mean.clamp(_ALMOST, 1 - _ALMOST).logit()
        return torch.cat([logits, _softplus_inverse(variance).expand_as(logits)], dim=1)

    return Objective(tensors, loss, image, baseline=baseline, measured_in=measured_in(settings))
