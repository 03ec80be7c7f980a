"""What LaTeX of numbers is worth, as :mod:`lossviz.losses.formula` writes it: read back without its help."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

_PART = re.compile(
    r"\\text\{not a number\}|\\left[(|]|\\right[)|]|\\operatorname\{sign\}|\\[a-z]+|\d+(?:\.\d+)?|[-+^{},e]"
)
_FUNCTIONS: dict[str, Callable[..., float]] = {
    r"\log": lambda x: math.log(x) if x > 0 else -math.inf if x == 0 else math.nan,
    r"\max": max,
    r"\min": min,
    r"\sin": math.sin,
    r"\cos": math.cos,
    r"\arccos": math.acos,
    r"\arctan": math.atan,
    r"\operatorname{sign}": lambda x: float((x > 0) - (x < 0)),
}
_NUMBERS = {r"\infty": math.inf, r"\pi": math.pi, r"\text{not a number}": math.nan}


def value_of(latex: str) -> float:
    r"""The value of LaTeX that has numbers only.

    >>> value_of(r"\left|2.5 - 0\right| - \frac{1}{2}"), value_of(r"-3^{2} + 4.5 \cdot 10^{-2}")
    (2.0, -8.955)
    """
    reader = _Reader(_PART.findall(latex))
    found = reader.sum()
    assert reader.at == len(reader.parts), (latex, reader.parts[reader.at :])
    assert "".join(reader.parts) == latex.replace(" ", "").replace(
        r"\text{notanumber}", r"\text{not a number}"
    )
    return found


class _Reader:
    def __init__(self, parts: list[str]) -> None:
        self.parts, self.at = parts, 0

    @property
    def next(self) -> str:
        return self.parts[self.at] if self.at < len(self.parts) else ""

    def take(self, *expected: str) -> str:
        part = self.next
        assert not expected or part in expected, (part, self.parts)
        self.at += 1
        return part

    def sum(self) -> float:
        found = self.product()
        while self.next in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            found += sign * self.product()
        return found

    def product(self) -> float:
        if self.next == "-":
            self.take()
            return -self.product()
        found = self.power()
        while self.next and self.next not in ("+", "-", ",", "}", r"\right)", r"\right|"):
            if self.next == r"\cdot":
                self.take()
            found *= self.power()
        return found

    def power(self) -> float:
        base = self.atom()
        if self.next != "^":
            return base
        self.take()
        exponent = self.group("{", "}")[0]
        try:
            return float(base**exponent)
        except OverflowError:
            return math.inf
        except ZeroDivisionError:
            return math.inf

    def group(self, opening: str, closing: str) -> list[float]:
        self.take(opening)
        found = [self.sum()]
        while self.next == ",":
            self.take()
            found.append(self.sum())
        self.take(closing)
        return found

    def atom(self) -> float:
        if self.next == r"\left(":
            return self.group(r"\left(", r"\right)")[0]
        if self.next == r"\left|":
            return abs(self.group(r"\left|", r"\right|")[0])
        part = self.take()
        if part == r"\frac":
            top, bottom = self.group("{", "}")[0], self.group("{", "}")[0]
            return (
                top / bottom
                if bottom
                else math.nan
                if not top or math.isnan(top)
                else math.copysign(math.inf, top)
            )
        if part == r"\sqrt":
            return math.sqrt(self.group("{", "}")[0])
        if part == r"\log" and self.parts[self.at : self.at + 3] == [r"\left(", "1", "+"]:
            # What is added to 1 must not be lost.
            self.at += 3
            found = self.sum()
            self.take(r"\right)")
            return math.log1p(found)
        if part in _FUNCTIONS:
            return _FUNCTIONS[part](*self.group(r"\left(", r"\right)"))
        return math.e if part == "e" else _NUMBERS[part] if part in _NUMBERS else float(part)
