"""The optimiser and how its learning rate moves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import torch
from torch import nn

from lossviz.training.range_test import rising_rates
from lossviz.training.settings import Settings

MOMENTUM = 0.9

# torch.optim.lr_scheduler.OneCycleLR's defaults. Its cycle of the momentum is left out: what is taught here is
# the learning rate.
_RISING_SHARE = 0.3
_START_DIVISOR = 25.0
_END_DIVISOR = 1e4


def optimizer(settings: Settings, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """The optimiser of a run; the fused one, which updates all parameters in one call.

    Args:
        settings: `optimizer` and `learning_rate` are read.
        parameters: What it updates.

    Returns:
        The optimiser; beside the learning rate it has torch's defaults.
    """
    make = _OPTIMIZERS[settings.optimizer]
    kept = list(parameters)
    try:
        return make(kept, settings.learning_rate, fused=True)
    except RuntimeError:  # a device for which torch has no fused one
        return make(kept, settings.learning_rate, fused=False)


def learning_rates(settings: Settings) -> list[float]:
    """The learning rate of every step, first step first.

    Args:
        settings: `schedule`, `learning_rate` and the number of steps are read.

    Returns:
        `settings.steps_total` rates. For a range test they rise exponentially; else they are all the same; make one
        cycle, from a 25th of the peak up to it in the first 30 % of the steps and down to a 250,000th, along half
        cosines; or fall along half a cosine towards 0.

    Source: torch.optim.lr_scheduler.OneCycleLR and CosineAnnealingLR; Smith and Topin,
    https://arxiv.org/abs/1708.07120.
    """
    if settings.range_test:
        return rising_rates(settings.optimizer)
    total, peak = settings.steps_total, settings.learning_rate
    if settings.schedule == "cosine":
        return [_half_cosine(peak, 0.0, step / total) for step in range(total)]
    if settings.schedule == "constant":
        return [peak] * total
    first = peak / _START_DIVISOR
    turn, end = _RISING_SHARE * total - 1, total - 1
    return [
        _half_cosine(first, peak, step / turn)
        if step <= turn and turn > 0
        else _half_cosine(peak, first / _END_DIVISOR, (step - turn) / (end - turn) if end > turn else 1.0)
        for step in range(total)
    ]


def _half_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


def _adam(parameters: list[nn.Parameter], rate: float, *, fused: bool) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=rate, fused=fused)


def _adamw(parameters: list[nn.Parameter], rate: float, *, fused: bool) -> torch.optim.Optimizer:
    return torch.optim.AdamW(parameters, lr=rate, fused=fused)


def _sgd(parameters: list[nn.Parameter], rate: float, *, fused: bool) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=rate, fused=fused)


def _sgd_momentum(parameters: list[nn.Parameter], rate: float, *, fused: bool) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=rate, momentum=MOMENTUM, fused=fused)


_OPTIMIZERS: Mapping[str, Callable[..., torch.optim.Optimizer]] = {
    "adam": _adam,
    "adamw": _adamw,
    "sgd": _sgd,
    "sgd-momentum": _sgd_momentum,
}
