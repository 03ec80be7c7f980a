"""Arguments that several losses have. Knows no torch."""

from __future__ import annotations

from typing import Final

from lossviz.training.objectives.argument import CLASSES, Argument

WEIGHT: Final = Argument(
    "weight",
    "weights",
    "How much each class counts. The mean divides by the weights of the batch, so only their ratios matter.",
    (1.0,) * CLASSES,
    # 0 is out: a batch in which every image has weight 0 has the mean 0 / 0.
    0.001,
    1000.0,
    tensor=True,
)
BETA: Final = Argument(
    "beta", "number", "Where the squared zone ends and the straight line begins.", 1.0, 0.0, 10.0
)
DELTA: Final = Argument(
    "delta", "number", "Where the squared zone ends; also the slope of the straight line.", 1.0, 0.001, 10.0
)
FULL: Final = Argument(
    "full", "switch", "Whether the terms that do not depend on the network are added.", default=False
)
SWAP: Final = Argument(
    "swap",
    "switch",
    "Whether the distance from the positive to the negative counts where it is the smaller one.",
    default=False,
)
REDUCED: Final = ("sum",)
"""Mistakes that every loss with a reduction can be given."""

REGRESSION_MISTAKES: Final = ("sum", "target-shape")
