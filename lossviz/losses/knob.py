"""A knob: one number that the student moves, on a fixed lattice of steps."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Knob:
    """A number with a range and a step, such as a prediction, a target or a margin.

    The steps are the lattice on which torch is evaluated, so every position of the knob is a point that
    torch has computed.

    Attributes:
        key: The name of the knob in links and code, for instance ``"prediction"``.
        symbol: The knob in formulas, in LaTeX.
        low: The smallest value.
        high: The largest value; a whole number of steps above ``low``.
        step: The distance between two neighbouring values.
        default: The value at the start; on the lattice.
        help: What the knob is, in a few words that follow its name and a colon.
    """

    key: str
    symbol: str
    low: float
    high: float
    step: float
    default: float
    help: str

    def __post_init__(self) -> None:
        if not self.low < self.high or not self.step > 0:
            raise ValueError(f"{self.key}: needs low < high and step > 0")
        if self.values[-1] != self.high or self.snap(self.default) != self.default:
            raise ValueError(f"{self.key}: high and default must lie on the lattice")

    @property
    def count(self) -> int:
        """How many values the knob has."""
        return round((self.high - self.low) / self.step) + 1

    @property
    def values(self) -> tuple[float, ...]:
        r"""Every value of the knob, in rising order.

        >>> Knob("beta", r"\beta", 0, 1, 0.25, 1, "").values
        (0.0, 0.25, 0.5, 0.75, 1.0)
        """
        return tuple(self.at(index) for index in range(self.count))

    def at(self, index: int) -> float:
        """The value at a lattice index, free of the rounding error of repeated steps."""
        # Ten decimals are far finer than any step; adding 0.0 turns -0.0 into 0.0.
        return round(self.low + index * self.step, 10) + 0.0

    def index(self, value: float) -> int:
        """The lattice index nearest to a value, within the range.

        Raises:
            ValueError: If the value is NaN.
        """
        if math.isnan(value):
            raise ValueError(f"{self.key} is not a number")
        inside = min(max(value, self.low), self.high)
        return round((inside - self.low) / self.step)

    def snap(self, value: float) -> float:
        r"""The value of the knob nearest to any number.

        >>> Knob("beta", r"\beta", 0, 1, 0.25, 1, "").snap(0.6)
        0.5
        """
        return self.at(self.index(value))


_SPOKEN = {"var": "variance", "drift": "a-to-b drift"}
"""Keys that are code, or say too little."""


def spoken(key: str) -> str:
    """The key of a knob, an option or a probe as words.

    >>> spoken("label_smoothing"), spoken("var")
    ('label smoothing', 'variance')
    """
    return _SPOKEN.get(key, key.replace("_", " "))


def compact(value: float) -> str:
    """A number as short as it can be written without losing a digit of a knob's value.

    >>> compact(2.0), compact(0.25), compact(-0.1)
    ('2', '0.25', '-0.1')
    """
    return f"{value:.10g}"
