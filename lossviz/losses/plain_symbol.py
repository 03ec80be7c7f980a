r"""The symbol of a knob as plain text, for places that set no LaTeX: ``\beta`` is β, ``z_0`` is z₀."""

from __future__ import annotations

import re
import unicodedata

from lossviz.losses.entry import LossEntry
from lossviz.losses.knob import Knob, spoken

_GREEK = {
    name.lower(): chr(code)
    for code in range(0x3B1, 0x3CA)
    if (name := unicodedata.name(chr(code)).removeprefix("GREEK SMALL LETTER ")).isalpha()
}
# LaTeX's \epsilon and \varepsilon are two shapes of one letter.
_LETTERS = {**_GREEK, "varepsilon": "ε", "varphi": "φ"}
_LOWERED = dict(zip("0123456789-+aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₋₊ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_ABOVE = {"hat": "\u0302", "bar": "\u0304"}


def plain_symbol(symbol: str) -> str:
    r"""A LaTeX symbol as Unicode text.

    Args:
        symbol: A letter, a Greek letter or words, with at most a hat or bar and what is lowered or raised by a prime.

    >>> plain_symbol(r"\beta"), plain_symbol("z_0"), plain_symbol("s_{-}"), plain_symbol(r"\text{log\_target}")
    ('β', 'z₀', 's₋', 'log_target')

    Raises:
        ValueError: If something in it has no plain form.
    """
    text = symbol.replace(r"\,", "").replace(r"\_", "\0")
    text = re.sub(r"\\(?:mathrm|text|operatorname){([^{}]*)}", r"\1", text)
    text = re.sub(
        r"\\(hat|bar){(\w)}", lambda found: unicodedata.normalize("NFC", found[2] + _ABOVE[found[1]]), text
    )
    text = re.sub(r"\\([a-z]+)", lambda found: _LETTERS.get(found[1], found[0]), text)
    text = re.sub(r"_(?:{([^{}]*)}|(.))", lambda found: _low(found[1] or found[2], symbol), text)
    if set(text) & set("\\{}_^"):
        raise ValueError(f"{symbol} has no plain form")
    return text.replace("\0", "_").strip()


def _low(text: str, symbol: str) -> str:
    if not set(text) <= set(_LOWERED):
        raise ValueError(f"{symbol}: {text} cannot be lowered")
    return "".join(_LOWERED[letter] for letter in text)


def named(knob: Knob) -> str:
    """The name of a knob and its symbol in the formulas; what both of them say is said once.

    >>> [named(Knob(key, symbol, 0, 1, 0.25, 1, "")) for key, symbol in (("x", "x"), ("beta", "b"), ("logit_0", "z_0"))]
    ['x', 'beta b', 'logit z₀']
    """
    name, symbol = spoken(knob.key), plain_symbol(knob.symbol)
    if name == symbol:
        return name
    first, _, number = name.rpartition(" ")
    counted = number.isdigit() and symbol.endswith(_low(number, knob.symbol))
    return f"{first if counted else name} {symbol}"


def gradient_name(entry: LossEntry) -> str:
    """What the page calls the gradient that it shows: the derivative of the loss by the first knob, ``∂loss/∂x``."""
    return f"∂loss/∂{plain_symbol(entry.axis.symbol)}"
