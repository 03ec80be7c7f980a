"""The distances of a triplet in plain Python, for the formulas of the triplet losses."""

from __future__ import annotations

import math
from collections.abc import Mapping

EPS = 1e-6
"""What torch's PairwiseDistance adds to each difference."""


def norm(p: float, across: float, up: float) -> float:
    """The p-norm of (across, up).

    >>> norm(2, 3, 4), norm(1, 3, -4), norm(math.inf, 3, -4)
    (5.0, 7.0, 4)
    """
    across, up = abs(across), abs(up)
    return max(across, up) if math.isinf(p) else (across**p + up**p) ** (1 / p)


def slope(p: float, across: float, up: float) -> float:
    """The derivative of the norm of (across, up) by across; equal coordinates share that of the largest.

    >>> slope(2, 3, 4), slope(1, -3, 4), slope(math.inf, 3, 3)
    (0.6, -1.0, 0.5)
    """
    sign = (across > 0) - (across < 0)
    if math.isinf(p):
        return sign * (1 + (abs(across) > abs(up)) - (abs(across) < abs(up))) / 2
    return float(sign * (abs(across) / norm(p, across, up)) ** (p - 1))


def between(numbers: Mapping[str, float], one: str, other: str) -> tuple[float, float]:
    """The difference of two points, such as ``"anchor"`` and ``"negative"``, as PairwiseDistance takes it."""
    x, y = ("anchor_0", "anchor_1") if one == "anchor" else (f"{one}_x", f"{one}_y")
    return numbers[x] - numbers[f"{other}_x"] + EPS, numbers[y] - numbers[f"{other}_y"] + EPS


def gap(positive: float, negative: float, margin: float) -> float:
    """What the distance to the negative lacks; on the edge 0, and not the rounding error of a root."""
    return round(positive - negative + margin, 11)
