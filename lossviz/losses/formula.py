"""A formula written once, in Python's own notation, and read in three ways.

The same text is rendered as LaTeX with symbols, rendered as LaTeX with the current numbers in it, and
evaluated in plain Python floats or arrays. The contract test holds the last against torch, so the formula on the
page is the formula that was checked. Nothing is ever passed to ``eval``: the syntax tree is walked.
"""

from __future__ import annotations

import ast
import functools
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

import numpy as np

from lossviz.losses.knob import compact

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    # As torch's: what divides by 0 is infinite or not a number, and no error.
    ast.Div: np.divide,
    ast.Pow: np.float_power,
}
_COMPARISON: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: (r"\le", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (r"\ge", operator.ge),
    ast.Eq: ("=", operator.eq),
    ast.NotEq: (r"\ne", operator.ne),
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "arccos": np.arccos,
    "arctan": np.arctan,
    "cos": np.cos,
    "exp": np.exp,
    "log": np.log,
    "max": np.maximum,
    "min": np.minimum,
    "sign": np.sign,
    "sin": np.sin,
    "sqrt": np.sqrt,
}
_CONSTANTS: dict[str, tuple[str, float]] = {
    "inf": (r"\infty", math.inf),
    "nan": (r"\text{not a number}", math.nan),
    "pi": (r"\pi", math.pi),
}
# Strength of binding: a part is bracketed when it binds less tightly than its place asks for.
_SUM, _PRODUCT, _NEGATIVE, _POWER, _ATOM = range(5)


class FormulaError(ValueError):
    """A formula uses something beyond arithmetic, a comparison or the listed functions."""


@functools.cache
def parse(text: str) -> ast.expr:
    """The syntax tree of a formula.

    Args:
        text: An arithmetic expression or a comparison in Python's notation.

    Raises:
        FormulaError: If the text is not an expression.
    """
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise FormulaError(f"not a formula: {text}") from error


def evaluate(text: str, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a float, a bool or an array of either
    """The value of a formula in plain arithmetic, without torch.

    Args:
        text: The formula.
        values: A float or a NumPy array for every name in it.

    Returns:
        A number, an array of the shape of the values, or a truth value for a comparison.

    Raises:
        FormulaError: If the formula uses an unknown name, function or operator.

    >>> float(evaluate("abs(prediction - target) - beta / 2", {"prediction": 2.5, "target": 0, "beta": 0.75}))
    2.125
    """
    # Beyond a float's range and outside a function's, a formula says inf or nan, as torch does.
    with np.errstate(all="ignore"):
        return _evaluate(parse(text), values)


def _evaluate(node: ast.expr, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as for evaluate
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name][1]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand, values)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _ARITHMETIC[type(op)](_evaluate(left, values), _evaluate(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISON:
            return _COMPARISON[type(op)][1](_evaluate(left, values), _evaluate(right, values))
        case ast.BoolOp(op=ast.And(), values=parts):
            return functools.reduce(np.logical_and, (_evaluate(part, values) for part in parts))
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _FUNCTIONS:
            if name == "log" and _is_one_more(arguments[0]):
                # What is added to 1 must not be lost.
                return np.log1p(_evaluate(arguments[0].right, values))
            # The largest of three is the larger of the first and the larger of the others.
            return _call(_FUNCTIONS[name], [_evaluate(argument, values) for argument in arguments])
    raise FormulaError(f"not allowed in a formula: {ast.unparse(node)}")


def _is_one_more(node: ast.expr) -> TypeGuard[ast.BinOp]:
    """Whether a part is 1 and something more."""
    match node:
        case ast.BinOp(left=ast.Constant(value=1), op=ast.Add()):
            return True
    return False


def _call(function: Callable[..., Any], arguments: list[Any]) -> Any:  # noqa: ANN401 - as for evaluate
    return functools.reduce(function, arguments) if len(arguments) > 2 else function(*arguments)


def latex(text: str, symbols: Mapping[str, str | float]) -> str:
    r"""A formula in LaTeX.

    Args:
        text: The formula.
        symbols: For every name, the LaTeX symbol to write, or the number to put in its place.

    Raises:
        FormulaError: If the formula uses an unknown name, function or operator.

    >>> latex("(x - y) ** 2 / (2 * beta)", {"x": "x", "y": "y", "beta": r"\beta"})
    '\\frac{\\left(x - y\\right)^{2}}{2 \\beta}'
    >>> latex("(x - y) ** 2 / (2 * beta)", {"x": 1, "y": -2, "beta": 0.5})
    '\\frac{\\left(1 - \\left(-2\\right)\\right)^{2}}{2 \\cdot 0.5}'
    """
    return _latex(parse(text), symbols)[0]


def _latex(node: ast.expr, symbols: Mapping[str, str | float]) -> tuple[str, int]:
    """The LaTeX of a part and how tightly it binds."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return _number(number)
        case ast.Name(id=name) if name in symbols:
            symbol = symbols[name]
            return (symbol, _ATOM) if isinstance(symbol, str) else _number(symbol)
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name][0], _ATOM
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_bound(operand, symbols, _POWER)}", _NEGATIVE
        case ast.BinOp(left=left, op=op, right=right):
            return _latex_arithmetic(left, op, right, symbols)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISON:
            sign = _COMPARISON[type(op)][0]
            return f"{_latex(left, symbols)[0]} {sign} {_latex(right, symbols)[0]}", _SUM
        case ast.BoolOp(op=ast.And(), values=parts):
            return r" \text{ and } ".join(_latex(part, symbols)[0] for part in parts), _SUM
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _FUNCTIONS:
            return _latex_call(name, [_latex(argument, symbols)[0] for argument in arguments]), _ATOM
    raise FormulaError(f"not allowed in a formula: {ast.unparse(node)}")


def _latex_arithmetic(
    left: ast.expr, op: ast.operator, right: ast.expr, symbols: Mapping[str, str | float]
) -> tuple[str, int]:
    match op:
        case ast.Add():
            return f"{_bound(left, symbols, _SUM)} + {_bound(right, symbols, _PRODUCT)}", _SUM
        case ast.Sub():
            return f"{_bound(left, symbols, _SUM)} - {_bound(right, symbols, _PRODUCT)}", _SUM
        case ast.Mult():
            first, second = _bound(left, symbols, _PRODUCT), _bound(right, symbols, _POWER)
            # Two numbers side by side would read as one, and "1 (2 - 3)" as a function of its bracket.
            numbers = first[-1:].isdigit() and second.startswith(r"\left(")
            dot = r" \cdot " if second[:1].isdigit() or numbers else " "
            return f"{first}{dot}{second}", _PRODUCT
        case ast.Div():
            return rf"\frac{{{_latex(left, symbols)[0]}}}{{{_latex(right, symbols)[0]}}}", _PRODUCT
        case ast.Pow():
            return f"{_bound(left, symbols, _ATOM)}^{{{_latex(right, symbols)[0]}}}", _POWER
    raise FormulaError(f"not allowed in a formula: {type(op).__name__}")


def _latex_call(name: str, arguments: list[str]) -> str:
    match name:
        case "abs":
            return rf"\left|{arguments[0]}\right|"
        case "exp":
            return f"e^{{{arguments[0]}}}"
        case "sqrt":
            return rf"\sqrt{{{arguments[0]}}}"
        case "sign":
            return rf"\operatorname{{sign}}\left({arguments[0]}\right)"
    return rf"\{name}\left({', '.join(arguments)}\right)"


def _bound(node: ast.expr, symbols: Mapping[str, str | float], needed: int) -> str:
    """The LaTeX of a part, bracketed where it would otherwise fall apart."""
    text, strength = _latex(node, symbols)
    return text if strength >= needed else rf"\left({text}\right)"


def _number(value: float) -> tuple[str, int]:
    if math.isnan(value):
        return _CONSTANTS["nan"][0], _ATOM
    written = compact(value).replace("inf", r"\infty")
    mantissa, has_exponent, exponent = written.partition("e")
    if has_exponent:
        power = f"10^{{{int(exponent)}}}"
        bare = mantissa.removesuffix("1")  # 1 and -1 need no digit before the power
        written = f"{bare}{power}" if bare in ("", "-") else rf"{mantissa} \cdot {power}"
    strength = _PRODUCT if has_exponent else _ATOM
    return written, strength if value >= 0 else _SUM
