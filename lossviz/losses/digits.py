"""How a number that torch computed is written out: one rule for the page, the code and the chart's text."""

from __future__ import annotations

FORMAT = "z.6g"
"""Six significant digits: what float32 holds through a few operations, and no noise behind it. Minus zero is 0."""


def shown(value: float) -> str:
    """A loss or a gradient as the page shows it and as the printed code prints it.

    >>> shown(2.125), shown(0.1 + 0.2), shown(-1.5e-9), shown(float("inf")), shown(-0.0)
    ('2.125', '0.3', '-1.5e-09', 'inf', '0')
    """
    return f"{value:{FORMAT}}"
