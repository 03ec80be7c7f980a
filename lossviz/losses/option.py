"""An option: a setting that an ordinary widget makes, such as a norm, a class index or class weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lossviz.losses.knob import spoken

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Code:
    """A Python expression, written into the code as it stands; it may use ``torch``.

    Attributes:
        text: The expression.
        number: What formulas see in its place, so that a case can name the choice; None if they see nothing.
    """

    text: str
    number: float | None = None


Value = float | bool | None | tuple[float, ...] | Code
"""What a choice stands for. A tuple becomes a tensor; None leaves a constructor argument out."""


@dataclass(frozen=True)
class Option:
    """One setting out of a few.

    Attributes:
        key: The name of the option in links and code, for instance ``"label_smoothing"``.
        symbol: The option in formulas, in LaTeX.
        choices: What each label stands for, in order. Labels stand in links, so they are short.
        default: The label at the start.
        help: What the option is, in a few words that follow its key and a colon.
        name: What the page calls it, short, with its symbol where the formula has it; empty for the key in words.
        spelled: What the page says for a label that is code; the others stand as they are.
    """

    key: str
    symbol: str
    choices: Mapping[str, Value]
    default: str
    help: str
    name: str = ""
    spelled: Mapping[str, str] = field(default_factory=lambda: _NONE)

    def __post_init__(self) -> None:
        if self.default not in self.choices:
            raise ValueError(f"{self.key}: the default is none of the choices")
        if not set(self.spelled) <= set(self.choices):
            raise ValueError(f"{self.key}: what is spelled out is none of the choices")

    @property
    def title(self) -> str:
        """What the page calls the option."""
        return self.name or spoken(self.key)

    def words(self, label: str) -> str:
        """What the page says for a choice.

        >>> norm = Option("p", "p", {"2": 2, "inf": math.inf}, "2", "", spelled={"inf": "the larger one"})
        >>> norm.words("2"), norm.words("inf")
        ('2', 'the larger one')
        """
        return self.spelled.get(label, label)

    def numbers(self, label: str) -> dict[str, float]:
        """What the formulas may use: the number of a choice by the option's key, or ``key_0``, ``key_1`` ...

        >>> Option("p", "p", {"1": 1, "2": 2}, "2", "").numbers("1")
        {'p': 1.0}
        >>> Option("w", "w", {"equal": (1, 1), "rare": (1, 9)}, "equal", "").numbers("rare")
        {'w_0': 1.0, 'w_1': 9.0}
        """
        match self.choices[label]:
            case bool() | int() | float() as number:
                return {self.key: float(number)}
            case Code(number=float() | int() as number):
                return {self.key: float(number)}
            case tuple() as numbers:
                return {f"{self.key}_{place}": float(number) for place, number in enumerate(numbers)}
            case None if tuples := [v for v in self.choices.values() if isinstance(v, tuple)]:
                # Weights that are left out count as ones.
                return {f"{self.key}_{place}": 1.0 for place in range(len(tuples[0]))}
        return {}

    @property
    def symbols(self) -> dict[str, str]:
        """The LaTeX symbol of every name that :meth:`numbers` may give."""
        names = {name for label in self.choices for name in self.numbers(label)}
        return {
            name: self.symbol
            if name == self.key
            else f"{self.symbol}_{{{name.removeprefix(self.key + '_')}}}"
            for name in sorted(names)
        }


def literal(value: Value) -> str:
    """A value as Python code; numbers stay what they are, so that 2 makes an integer and 2.0 a float.

    >>> literal(2.0), literal(True), literal((1, 9)), literal(float("inf")), literal(Code("torch.abs"))
    ('2.0', 'True', 'torch.tensor([1.0, 9.0])', 'float("inf")', 'torch.abs')
    """
    match value:
        case Code():
            return value.text
        case tuple():
            return f"torch.tensor([{', '.join(literal(float(number)) for number in value)}])"
        case float() if math.isinf(value):
            return f'{"-" if value < 0 else ""}float("inf")'
        case float() if math.isnan(value):
            return 'float("nan")'
    return repr(value)
