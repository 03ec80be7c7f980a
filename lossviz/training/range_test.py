"""Reading a learning-rate range test. Knows no torch.

The rate rises by a constant factor from step to step while the network trains. Where the loss falls most steeply the
network learns well; where it rises again the rate is too large.

Source: Smith 2017, "Cyclical Learning Rates for Training Neural Networks", https://arxiv.org/abs/1506.01186. He lets
the rate rise by a constant amount; rising by a constant factor and taking the steepest descent are common practice
since.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lossviz.training.looking_inside import RangeTest
from lossviz.training.settings import RANGE_TEST_STEPS

FROM_TO: Mapping[str, tuple[float, float]] = {
    "adam": (1e-6, 10.0),
    "adamw": (1e-6, 10.0),
    "sgd": (1e-5, 100.0),
    "sgd-momentum": (1e-5, 100.0),
}
"""The first and the last rate, by optimiser."""

SMOOTHING = 0.9
"""How much of the running mean each step keeps."""

_LEAST_FALL = 0.02
"""The share of its first value that the loss must fall by: a flat curve has a steepest place too."""

_SETTLED_AFTER = 10
"""Steps after which the running mean is one."""


def rising_rates(optimizer: str, steps: int = RANGE_TEST_STEPS) -> list[float]:
    """The learning rate of each step.

    Args:
        optimizer: Which optimiser the rates are for.
        steps: How many, two at least.
    """
    first, last = FROM_TO[optimizer]
    return [first * (last / first) ** (step / (steps - 1)) for step in range(steps)]


def read(rates: Sequence[float], losses: Sequence[float]) -> RangeTest:
    """What the losses of a range test say.

    Args:
        rates: The rate of each step, rising by a constant factor.
        losses: The loss of each step; fewer than the rates if the test was stopped.

    Returns:
        The test, read.
    """
    rates = list(rates[: len(losses)])
    smoothed = _smoothed(losses)
    finite = next((i for i, value in enumerate(smoothed) if not math.isfinite(value)), len(smoothed))
    usable = range(min(_SETTLED_AFTER, finite), finite)
    if not usable:
        return RangeTest(
            rates, list(losses), smoothed, diverges=rates[finite] if finite < len(rates) else None
        )
    start = smoothed[usable[0]]
    lowest = min(usable, key=smoothed.__getitem__)
    above = (i for i in range(lowest, len(smoothed)) if i >= finite or smoothed[i] > start)
    diverges = next(above, None)
    # The fall over a few steps; by the logarithm of the rate, whose steps are all equal.
    falls = {i: smoothed[i - 2] - smoothed[i + 2] for i in range(usable[0] + 2, lowest - 1)}
    steepest = max(falls, key=falls.__getitem__, default=None)
    learns = steepest is not None and start - smoothed[lowest] > _LEAST_FALL * abs(start)
    return RangeTest(
        rates,
        list(losses),
        smoothed,
        rates[steepest] if learns and steepest is not None else None,
        rates[lowest] if learns else None,
        rates[diverges] if diverges is not None and diverges > lowest else None,
    )


def _smoothed(losses: Sequence[float]) -> list[float]:
    mean, found = 0.0, []
    for step, loss in enumerate(losses, start=1):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        found.append(mean / (1 - SMOOTHING**step))  # as if the mean had begun with the first losses
    return found
