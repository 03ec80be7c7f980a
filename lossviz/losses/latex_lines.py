r"""LaTeX in lines that fit a narrow box: a long sum is broken before a plus or a minus."""

from __future__ import annotations

import re
from collections.abc import Sequence


def broken(text: str, width: float) -> list[str]:
    r"""LaTeX in lines that fit a width, broken before a plus or minus that stands in no bracket.

    Args:
        text: LaTeX as :mod:`lossviz.losses.formula` writes it.
        width: How many letters of rendered mathematics fit a line. A term that is longer has a line to itself.

    >>> broken("a + b - c", 5)
    ['a + b', '- c']
    >>> broken(r"3 \left(a + b\right)", 3)
    ['3 \\left(a + b\\right)']
    """
    lines = [""]
    for term in _terms(text):
        joined = f"{lines[-1]} {term}".strip()
        if lines[-1] and rendered_width(joined) > width:
            lines.append(term)
        else:
            lines[-1] = joined
    return lines


def equation(name: str, sides: Sequence[str], width: float, signs: Sequence[str] = ()) -> list[str]:
    r"""A chain of equations as rows of LaTeX's ``aligned``, broken to fit a width.

    Args:
        name: What stands left of the first sign.
        sides: What it equals, one after the other; a side that repeats the one before it is left out.
        width: How many letters of rendered mathematics fit a line.
        signs: What stands before each side; equals signs if nothing is given.

    >>> equation("y", ["a + b", "1 + 2", "3"], 24)
    ['y &= a + b = 1 + 2 = 3']
    >>> equation("y", ["a + b", "1 + 2", "3"], 14)
    ['y &= a + b', '&= 1 + 2 = 3']
    >>> equation("y", ["a + b - c", "3"], 10)
    ['y &= a + b', '&\\quad {} - c = 3']
    >>> equation("y", ["a + b", "3"], 14, ["=", r"\approx"])
    ['y &= a + b \\approx 3']
    """
    room = width - rendered_width(name) - 3
    lines: list[str] = []
    signs = signs or ["="] * len(sides)
    for place, (sign, side) in enumerate(zip(signs, sides, strict=True)):
        if place and side == sides[place - 1]:
            continue
        if lines and rendered_width(f"{lines[-1]} {sign} {side}") <= room:
            lines[-1] += f" {sign} {side}"
            continue
        first, *others = broken(side, room)
        lines += [f"{sign} {first}", *others]
    rows = [f"&{line}" if line.startswith(tuple(signs)) else rf"&\quad {{}} {line}" for line in lines]
    return [f"{name} {rows[0]}", *rows[1:]]


def case(formula: str, condition: str, width: float, *, boxed: bool = False) -> str:
    r"""A row of LaTeX's ``cases``: the condition stands beside the formula, or under it where both do not fit.

    Args:
        formula: What holds in this case.
        condition: When it holds.
        width: How many letters of rendered mathematics fit between the brace and the edge.
        boxed: Whether the formula gets a frame.

    >>> case("x - y", "x > y", 20, boxed=True)
    '\\boxed{x - y} & x > y'
    >>> case("x - y", "x > y", 9)
    '\\begin{aligned} & x - y \\\\ & \\quad \\text{if } x > y \\end{aligned}'
    """
    lines = broken(formula, width)
    whole = formula if len(lines) == 1 else _stacked(lines)
    framed = rf"\boxed{{{whole}}}" if boxed else whole
    # The gap between the columns takes the room of two letters.
    if rendered_width(formula) + rendered_width(condition) <= width - 2:
        return f"{framed} & {condition}"
    if rendered_width(condition) <= width - 4:
        return _stacked([framed, rf"\quad \text{{if }} {condition}"])
    first, *others = condition.split(_AND)
    return _stacked(
        [framed, rf"\quad \text{{if }} {first}", *(rf"\quad \text{{and }} {part}" for part in others)]
    )


_AND = r" \text{ and } "


def _stacked(lines: Sequence[str]) -> str:
    return r"\begin{aligned} & " + r" \\ & ".join(lines) + r" \end{aligned}"


def rendered_width(text: str) -> float:
    r"""About how many letters wide LaTeX is when it is rendered; what is raised or lowered is smaller.

    >>> rendered_width("a + b"), rendered_width(r"2 \frac{a + b}{2 c}"), rendered_width("z_{0}^{2}")
    (5.0, 6.0, 2.4)
    """
    fraction = re.search(r"\\frac{", text)
    if fraction:
        top = _closing(text, fraction.end() - 1)
        bottom = _closing(text, top + 1)
        inner = max(rendered_width(text[fraction.end() : top]), rendered_width(text[top + 2 : bottom]))
        return rendered_width(text[: fraction.start()]) + inner + rendered_width(text[bottom + 1 :])
    script = re.search(r"[_^]", text)
    if script:
        start = script.end()
        braced = text[start : start + 1] == "{"
        end = _closing(text, start) if braced else start + 1
        inner = rendered_width(text[start + braced : end])
        return rendered_width(text[: script.start()] + text[end + braced :]) + 0.7 * inner
    text = re.sub(r"\\(left|right|boxed|text|operatorname|bar|hat)(?![a-z])", "", text)
    # A function's name is written out; any other command, such as a Greek letter or a dot, is one letter.
    text = re.sub(r"\\(log|max|min|sin|cos|arctan)(?![a-z])", r"\1", text)
    text = re.sub(r"\\[A-Za-z]+", "x", text)
    # Only the spaces around a sign are seen.
    text = re.sub(r" *(?<= )([-+=<>]) ", r"_\1_", text)
    return float(len(re.sub(r"[{}\\ ]", "", text)))


def lines(row: str) -> float:
    r"""About how many lines of text a row of LaTeX is high.

    >>> lines("x - y"), lines(r"\frac{x}{y}"), lines(r"\begin{aligned} & x \\ & \quad \text{if } y \end{aligned}")
    (1.0, 1.7, 2.0)
    """
    return sum(1.7 if re.search(r"\\(frac|sum)", part) else 1.0 for part in row.split(r"\\"))


def _terms(text: str) -> list[str]:
    """The terms of a sum outside all brackets, each with its sign."""
    terms, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        opens = letter in "{(" or text[:place].endswith("\\left")
        closes = letter in "})" or text[:place].endswith("\\right")
        depth += opens - closes
        if depth == 0 and text[place : place + 3] in (" + ", " - "):
            terms.append(text[start:place])
            start = place + 1
    return [*terms, text[start:]]


def _closing(text: str, opening: int) -> int:
    """The place of the brace that closes the one at a place."""
    depth = 0
    for place in range(opening, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return place
    raise ValueError(f"no closing brace in {text}")
