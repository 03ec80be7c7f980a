"""A number as people type it: one rule for the cells of a batch, for links, fields and the command line.

A number is written with the digits 0 to 9, at most one decimal point, and nothing between its thousands. A single
decimal comma is a point. What could mean two numbers is refused with both; nothing is dropped or changed in silence.
"""

from __future__ import annotations

import math
import re
import struct

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"))
"""Minus signs and hyphens that a text program puts in place of the key's own."""

_EXPONENT = r"(?P<exponent>[eE][+-]?[0-9]+)?"
_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_COMMA = re.compile(rf"(?P<sign>[+-]?)(?P<whole>[0-9]*),(?P<rest>[0-9]+){_EXPONENT}")
_COMMAS = re.compile(
    rf"(?P<sign>[+-]?)(?P<whole>[1-9][0-9]{{0,2}}(,[0-9]{{3}})+)(?P<rest>\.[0-9]*)?{_EXPONENT}"
)
_POINTS = re.compile(
    rf"(?P<sign>[+-]?)(?P<whole>[1-9][0-9]{{0,2}}(\.[0-9]{{3}})+)(?P<rest>,[0-9]*)?{_EXPONENT}"
)
_SPACED = re.compile(r"[+-]?\s*[1-9][0-9]{0,2}(\s[0-9]{3})+([.,][0-9]*)?")
_BETWEEN = (("_", "an underscore"), ("'", "an apostrophe"), ("\u2019", "an apostrophe"))
_SEPARATOR = re.compile(r"\s*;\s*|,\s+|\s+")

LISTS = "separated by spaces, semicolons, or a comma with a space"
"""How the numbers of a list are told apart, to finish a sentence."""

_LONGEST_PART = 30


class TypedNumberError(ValueError):
    """Text that is not taken for a number.

    Attributes:
        why: The reason, to go on after the text: "can be 1.5 or 1500: write 1.5 or 1500". Says what to write where
            the text can be a number.
        hint: A sentence on what to write where any number will do; may be empty.
    """

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


def read_number(text: str, *, in_float32: bool = True) -> float:
    """The number that somebody has typed; inf and nan are numbers too.

    >>> read_number("1,5"), read_number(" \u2212.25 "), read_number("1e-3"), read_number("inf")
    (1.5, -0.25, 0.001, inf)

    Args:
        text: What was typed.
        in_float32: Whether it is to be a value of a tensor: then one that float32 cannot hold is refused.

    Raises:
        TypedNumberError: It is not one number, could be two, or float32 would make it inf or 0.
    """
    cleaned = text.strip().translate(_DASHES)
    if not cleaned:
        raise TypedNumberError("is empty")
    word = re.fullmatch(r"([+-]?)(inf|infinity|\u221e|nan)", cleaned.lower())
    if word:
        return math.nan if word[2] == "nan" else math.copysign(math.inf, float(f"{word[1]}1"))
    if not _PLAIN.fullmatch(cleaned):
        cleaned = _with_a_point(cleaned)
    number = float(cleaned)
    if in_float32:
        _check_float32(number, cleaned)
    return number


def read_numbers(text: str, count: int) -> list[float]:
    """The numbers of a list that somebody has typed.

    They are separated by spaces, semicolons, or a comma with a space. Commas without a space are decimal commas,
    but where there are exactly as many as ``count`` numbers need, at least two, nothing else can be meant.

    >>> read_numbers("1, 5", 2), read_numbers("1,5 2", 2), read_numbers("1,1,9", 3)
    ([1.0, 5.0], [1.5, 2.0], [1.0, 1.0, 9.0])

    Args:
        text: What was typed.
        count: How many numbers are wanted; there may be more or fewer in the text.

    Raises:
        TypedNumberError: One of them is not taken, or it cannot be told where one ends.
    """
    cleaned = text.strip()
    if not cleaned:
        raise TypedNumberError("is empty")
    if re.search(r"\s,", cleaned):
        raise TypedNumberError("has a space before a comma: write the comma first, or leave it out")
    if re.search(r"[\s;]", cleaned):
        parts = _SEPARATOR.split(cleaned)
    elif cleaned.count(",") > 1:
        parts = cleaned.split(",")
        if len(parts) != count:
            raise TypedNumberError(
                "has commas without a space, which can be decimal commas: write spaces between"
            )
    else:
        parts = [cleaned]
    return [_part(part) for part in parts]


def _part(part: str) -> float:
    if not part:
        raise TypedNumberError("has nothing between two separators, or after the last one")
    try:
        return read_number(part)
    except TypedNumberError as error:
        shown = part if len(part) <= _LONGEST_PART else f"{part[:_LONGEST_PART]}\u2026"
        raise TypedNumberError(f"has {shown} in it, which {error.why}", error.hint) from None


def _with_a_point(text: str) -> str:
    """A number with a decimal comma, written with a point.

    Raises:
        TypedNumberError: It is anything else.
    """
    found = _COMMA.fullmatch(text)
    if found:
        sign, whole, rest, exponent = (found[name] or "" for name in ("sign", "whole", "rest", "exponent"))
        if len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
            decimal = f"{whole}.{rest}".rstrip("0").rstrip(".")
            either = f"{sign}{decimal}{exponent} or {sign}{whole}{rest}{exponent}"
            raise TypedNumberError(f"can be {either}: write {either}")
        return f"{sign}{whole}.{rest}{exponent}"
    raise _refusal(text)


def _refusal(text: str) -> TypedNumberError:
    """Why text is no number, and how to write what it can only mean."""
    for pattern, name in ((_COMMAS, "commas"), (_POINTS, "points")):
        found = pattern.fullmatch(text)
        if found:
            meant = f"{found['sign']}{re.sub('[.,]', '', found['whole'])}"
            rest = (found["rest"] or "").replace(",", ".").rstrip(".")
            return TypedNumberError(
                f"has {name} between its thousands: write {meant}{rest}{found['exponent'] or ''}"
            )
    for mark, name in _BETWEEN:
        if mark in text and _PLAIN.fullmatch(text.replace(mark, "")):
            return TypedNumberError(f"has {name} in it: write {text.replace(mark, '')}")
    if re.search(r"\s", text):
        return _spaces(text)
    if any(character.isnumeric() and not character.isascii() for character in text):
        return TypedNumberError("is not written with the digits 0 to 9 alone")
    if re.fullmatch(r"[+-]?[0-9]+,", text):
        return TypedNumberError(f"stops at its comma: add the digits after it, or write {text[:-1]}")
    if re.fullmatch(r"[+-]?[0-9.,]*[.,][0-9.,]*", text) and re.search("[0-9]", text):
        return TypedNumberError("is not one number: it has more than one point or comma")
    return TypedNumberError("is not a number", "Write one such as 1.5, 1e-3, inf or nan.")


def _spaces(text: str) -> TypedNumberError:
    sign = re.fullmatch(r"([+-])\s+([0-9.]+)", text)
    if sign and _PLAIN.fullmatch(sign[2]):
        return TypedNumberError(f"has a space after its sign: write {sign[1]}{sign[2]}")
    if _SPACED.fullmatch(text):
        joined = re.sub(r"\s", "", text).replace(",", ".").rstrip(".")
        return TypedNumberError(f"has a space in it: if it is one number, write {joined}")
    return TypedNumberError("is not one number: it has a space in it")


def _check_float32(number: float, text: str) -> None:
    """Refuse what torch's float32 would make inf or 0.

    Raises:
        TypedNumberError: With what it would be.
    """
    sign = "-" if text.startswith("-") else ""
    held = _in_float32(number)
    if math.isinf(held):
        raise TypedNumberError(
            f"is beyond float32, which ends at 3.4e38: torch would make it {sign}inf",
            f"To try that, write {sign}inf.",
        )
    if held == 0 and re.search("[1-9]", re.split("[eE]", text)[0]):
        raise TypedNumberError(
            f"is too near 0 for float32, which begins at 1.4e-45: torch would make it {sign}0",
            f"To try that, write {sign}0.",
        )


def _in_float32(number: float) -> float:
    """A number as float32 holds it."""
    try:
        (held,) = struct.unpack("<f", struct.pack("<f", number))
    except OverflowError:
        return math.copysign(math.inf, number)
    return float(held)
