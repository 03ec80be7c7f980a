"""A setting of a loss: its range, and the check of a value from outside. Knows no torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lossviz.losses.typed_number import LISTS, read_number, read_numbers

Value = float | int | bool | tuple[float, ...]
"""What an argument holds: a number, a truth value, or one number a class."""

Kind = Literal["number", "whole", "switch", "weights"]

CLASSES = 10


@dataclass(frozen=True, slots=True)
class Argument:
    """A setting of a loss.

    Attributes:
        name: As torch's constructor spells it; links and command lines too.
        kind: "number", "whole" (a whole number), "switch" (true or false) or "weights" (ten numbers, one a class).
        meaning: What it does, in one sentence.
        default: The value a run takes when none is given.
        low: Smallest allowed number, included.
        high: Largest allowed number, included.
        torch_default: torch's own default where `default` is another one.
        constructor: Whether it goes to the loss's constructor under its own name; if not, `LossSpec.call` says
            where it goes.
        tensor: Whether torch's constructor wants a tensor.
    """

    name: str
    kind: Kind
    meaning: str
    default: Value
    low: float = 0.0
    high: float = 1.0
    torch_default: Value | None = None
    constructor: bool = True
    tensor: bool = False

    @property
    def allowed(self) -> str:
        """What it must be, to finish a sentence, written as it can be typed: "a number from 0 to 1"."""
        if self.kind == "switch":
            return "true or false"
        if self.kind == "whole":
            return f"a whole number from {self.low:.10g} to {self.high:.10g}"
        if self.kind == "weights":
            return f"{CLASSES} numbers from {self.low:g} to {self.high:g}, one a class, {LISTS}"
        return f"a number from {self.low:g} to {self.high:g}"

    def check(self, value: object) -> Value | None:
        """A value from outside, as the argument holds it.

        Args:
            value: Of the types that JSON has.

        Returns:
            The value; None where it is not allowed.
        """
        if self.kind == "switch":
            return value if isinstance(value, bool) else None
        if self.kind == "weights":
            if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != CLASSES:
                return None
            numbers = tuple(self._number(item) for item in value)
            return None if None in numbers else tuple(float(item) for item in numbers if item is not None)
        number = self._number(value)
        if number is None or self.kind == "number":
            return number
        return int(number) if number == int(number) else None

    def from_text(self, text: str) -> object:
        """What a link, a field or a command line says, as `check` takes it.

        Args:
            text: Numbers as `lossviz.losses.typed_number` reads them. What is no truth value comes back as it is.

        Raises:
            TypedNumberError: It is no number, or no list of them, where one is wanted.
        """
        if self.kind == "switch":
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
                text.strip().lower(), text
            )
        return read_numbers(text, CLASSES) if self.kind == "weights" else read_number(text)

    def as_text(self, value: Value) -> str:
        """A value as links write it; `check(from_text(...))` of it gives the value."""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, tuple):
            return ",".join(f"{item:.10g}" for item in value)
        return f"{value:.10g}"

    def _number(self, value: object) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if not self.low <= value <= self.high or not math.isfinite(value):
            return None
        return float(value)
