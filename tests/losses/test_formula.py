"""The formula's three readings, on shapes that no entry has yet."""

from __future__ import annotations

import numpy as np
import pytest

from lossviz.losses.formula import FormulaError, evaluate, latex

SYMBOLS = {"x": "x", "y": "y", "beta": r"\beta"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x - (y - beta)", r"x - \left(y - \beta\right)"),
        ("x - y - beta", r"x - y - \beta"),
        ("(x + y) * beta", r"\left(x + y\right) \beta"),
        ("2 * 3", r"2 \cdot 3"),
        ("-x ** 2", r"-x^{2}"),
        ("(-x) ** 2", r"\left(-x\right)^{2}"),
        ("exp(x) - y * x", r"e^{x} - y x"),
        ("max(0, x - y)", r"\max\left(0, x - y\right)"),
        ("x >= beta", r"x \ge \beta"),
        ("x == 1 and y != 0", r"x = 1 \text{ and } y \ne 0"),
        ("sqrt(x) * pi", r"\sqrt{x} \pi"),
    ],
)
def test_brackets_stand_where_they_must(text: str, expected: str) -> None:
    assert latex(text, SYMBOLS) == expected


def test_numbers_in_place_of_symbols() -> None:
    assert latex("x - y", {"x": -1, "y": -0.5}) == r"\left(-1\right) - \left(-0.5\right)" or (
        latex("x - y", {"x": -1, "y": -0.5}) == r"-1 - \left(-0.5\right)"
    )
    assert latex("beta * (x - 1)", {"x": 2, "beta": 3}) == r"3 \cdot \left(2 - 1\right)"


def test_plain_arithmetic() -> None:
    assert evaluate("-x ** 2 + max(y, 1) / 4", {"x": 3, "y": 2}) == -8.5
    assert np.array_equal(evaluate("abs(x) < 2", {"x": np.array([-3, -1, 1])}), [False, True, True])
    assert evaluate("max(x, 1, y) + min(3, 2, x)", {"x": 0, "y": 5}) == 5
    assert evaluate("x > 1 and y == 2", {"x": 2, "y": 2})
    assert not evaluate("x > 1 and y == 2", {"x": 2, "y": 3})
    assert evaluate("exp(x)", {"x": 1e9}) == float("inf")
    assert evaluate("exp(log(x))", {"x": 5.0}) == pytest.approx(5.0)
    assert evaluate("arccos(x)", {"x": 0.5}) == pytest.approx(np.pi / 3)
    assert evaluate("inf", {}) == float("inf")
    assert np.isnan(evaluate("nan", {}))


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "x.real", "x if y else 0", "unknown", "x or y", "x < y < beta", "'text'", "x +"],
)
def test_nothing_else_is_a_formula(text: str) -> None:
    with pytest.raises(FormulaError):
        evaluate(text, {"x": 1, "y": 1, "beta": 1})
    with pytest.raises(FormulaError):
        latex(text, SYMBOLS)
