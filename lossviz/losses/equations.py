"""The equations from the formula to the numbers, so written that both sides of an equals sign agree."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from lossviz.losses.call import Exact
from lossviz.losses.entry import LossEntry, Settings
from lossviz.losses.float32 import differs, exact_arithmetic
from lossviz.losses.worked import (
    FEWEST_DIGITS,
    MOST_DIGITS,
    WorkedBranch,
    agrees,
    come_out,
    worked,
    written,
)

EQUAL, ABOUT = "=", r"\approx"


@dataclass(frozen=True)
class Equation:
    """What a number equals, one after the other.

    Attributes:
        name: What is worked out, LaTeX.
        sides: The formula in symbols, with the numbers in it, and the number, LaTeX.
        signs: What stands before each side, ``EQUAL`` or ``ABOUT``.
        in_float32: What torch says instead, LaTeX; empty if it says the number.
    """

    name: str
    sides: tuple[str, ...]
    signs: tuple[str, ...]
    in_float32: str = ""


@dataclass(frozen=True)
class Worked:
    """The formula at work.

    Attributes:
        branches: The cases of the formula.
        digits: With how many digits the values of its parts stand in it.
        loss: From the active case to the loss.
        gradient: From its derivative to the gradient.
    """

    branches: tuple[WorkedBranch, ...]
    digits: int
    loss: Equation
    gradient: Equation

    @property
    def active(self) -> WorkedBranch:
        """The case that applies."""
        return next(branch for branch in self.branches if branch.active)

    @property
    def rounded(self) -> bool:
        """Whether a sign says that the sides are only about equal."""
        return ABOUT in (*self.loss.signs, *self.gradient.signs)


def at_work(entry: LossEntry, settings: Settings, said: Exact) -> Worked:
    """The formula with the numbers in it, up to what torch says.

    The values of its parts have as many digits as the result needs. A result that float32 has changed is that of exact
    arithmetic, and torch's stands under it.

    Args:
        entry: The loss.
        settings: A value for every knob and a label for every option of the entry.
        said: What torch says there.
    """
    true = exact_arithmetic(entry, settings)
    results = tuple(
        exact if differs(number, exact) else number
        for number, exact in zip((said.loss, said.gradient), true, strict=True)
    )
    reach = functools.cache(functools.partial(come_out, entry, settings))
    # Where float32 rounds in the last digit, the formula at least gives what it should.
    digits = next(
        (
            digits
            for wanted in (results, true)
            for digits in range(FEWEST_DIGITS, MOST_DIGITS + 1)
            if all(agrees(*pair) for pair in zip(reach(digits), wanted, strict=True))
        ),
        FEWEST_DIGITS,
    )
    branches = worked(entry, settings, digits)
    active = next(branch for branch in branches if branch.active)
    symbols = (r"\ell", rf"\partial \ell / \partial {entry.axis.symbol}")
    loss, gradient = (
        Equation(
            name,
            (*sides, written(result)),
            (EQUAL, EQUAL, EQUAL if agrees(value, result) else ABOUT),
            written(number) if differs(number, result) else "",
        )
        for name, sides, result, value, number in zip(
            symbols,
            ((active.formula, active.numbers), (active.gradient, active.gradient_numbers)),
            results,
            reach(digits),
            (said.loss, said.gradient),
            strict=True,
        )
    )
    return Worked(branches, digits, loss, gradient)
