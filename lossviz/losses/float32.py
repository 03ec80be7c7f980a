"""What float32 has done to torch's number by rounding or overflow, and why a number is not finite.

The other number is the formula's own, in float64.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator

from lossviz.losses.call import Exact
from lossviz.losses.digits import shown
from lossviz.losses.entry import Branch, LossEntry, Settings
from lossviz.losses.formula import evaluate, parse
from lossviz.losses.worked import active_branch, formula_value, named_numbers

LARGEST = 3.4028234663852886e38
"""The largest float32."""

_SEEN = 1e-5
"""A relative difference that six digits show for sure."""

_SMALL, _NUDGE = 1e-9, 4e-16
"""A number below the first may be what float64 leaves of a difference of equal numbers; then it changes with its last
bits, by which the second moves a knob."""


def exact_arithmetic(entry: LossEntry, settings: Settings) -> tuple[float, float]:
    """Loss and gradient by the formula; a value that only float64's own rounding has left is 0.

    Args:
        entry: The loss.
        settings: A value for every knob and a label for every option of the entry.
    """
    values = formula_value(entry, settings)
    if not any(0 < abs(value) < _SMALL for value in values):
        return values
    nudged = formula_value(entry, settings, _NUDGE), formula_value(entry, settings, -_NUDGE)
    loss, gradient = (
        0.0
        if abs(value) < _SMALL and any(abs(value - other[place]) > abs(value) / 100 for other in nudged)
        else value
        for place, value in enumerate(values)
    )
    return loss, gradient


def differs(said: float, true: float) -> bool:
    """Whether what torch says differs from a number by more than the digits that are shown can hide.

    >>> differs(0.30000001, 0.3), differs(-1.5e-09, 0.0), differs(math.inf, 89.0), differs(math.nan, math.nan)
    (False, True, True, False)
    """
    if not math.isfinite(said) or not math.isfinite(true):
        return said != true and not (math.isnan(said) and math.isnan(true))
    return shown(said) != shown(true) and abs(said - true) > _SEEN * abs(true)


def remarks(entry: LossEntry, settings: Settings, said: Exact) -> tuple[str, ...]:
    """What must be said beside torch's numbers, a sentence each; mostly nothing.

    Args:
        entry: The loss.
        settings: A value for every knob and a label for every option of the entry.
        said: What torch says there.
    """
    true = exact_arithmetic(entry, settings)
    pairs = {
        name: pair
        for name, pair in zip(
            ("loss", "gradient"), zip((said.loss, said.gradient), true, strict=True), strict=True
        )
        if differs(*pair)
    }
    found = []
    if any(not math.isfinite(number) for number in true):
        found.append(_not_finite(entry, settings, said))
    if pairs:
        what = _overflow(entry, settings, pairs) if any(map(math.isfinite, true)) else ""
        # torch's own numbers stand above; where they are rounded, only the others are told.
        found.append(f"{what or 'float32 has rounded: '}in exact arithmetic {_listed(pairs)}.")
    return tuple(found)


def _listed(pairs: dict[str, tuple[float, float]]) -> str:
    return " and ".join(f"the {name} is {_in_words(true)}" for name, (_, true) in pairs.items())


def _in_words(value: float) -> str:
    """A number as it stands after "is"."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    return shown(value)


def _overflow(entry: LossEntry, settings: Settings, pairs: dict[str, tuple[float, float]]) -> str:
    """What became too large for float32, and what torch makes of it; empty if nothing did."""
    lost = {
        name: said for name, (said, true) in pairs.items() if math.isfinite(true) and not math.isfinite(said)
    }
    if not lost:
        return ""
    made = "torch's " + " and its ".join(f"{name} is {_in_words(said)}" for name, said in lost.items())
    for name, value in _calls(entry, settings):
        if name == "exp" and value > math.log(LARGEST):
            return f"float32 overflows: e^{shown(value)} is above 3.4e38, so {made}; "
    return f"float32 overflows: {made}; "


def _not_finite(entry: LossEntry, settings: Settings, said: Exact) -> str:
    """Why a loss or a gradient is not finite even in exact arithmetic."""
    branch = active_branch(entry, settings)
    if branch.why:
        return branch.why
    numbers = {"loss": said.loss, "gradient": said.gradient}
    made = " and ".join(
        f"the {name} is {_in_words(n)}" for name, n in numbers.items() if not math.isfinite(n)
    )
    for name, value in _calls(entry, settings):
        if name == "log" and value < 0:
            also = "; torch gives a gradient all the same" if math.isfinite(said.gradient) else ""
            return f"{shown(value)} is negative and has no logarithm, so {made}{also}."
        if name == "log" and value == 0:
            times = ", and 0 times that is not a number" if any(map(math.isnan, numbers.values())) else ""
            return f"The logarithm of 0 is minus infinity{times}, so {made}."
    return f"Here {made}, in exact arithmetic too."


def _calls(entry: LossEntry, settings: Settings) -> Iterator[tuple[str, float]]:
    """The functions of one number that loss and gradient call, each with that number."""
    branch: Branch = active_branch(entry, settings)
    numbers = named_numbers(entry, settings)
    parts = [d.formula for d in entry.definitions if not d.computed]
    for text in (branch.loss, branch.gradient, *parts):
        for node in ast.walk(parse(text)):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[argument]):
                    yield name, float(evaluate(ast.unparse(argument), numbers))
