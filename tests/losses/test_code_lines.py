"""A long line of code over several: no wider than asked, and the same code."""

from __future__ import annotations

import ast

import pytest

from lossviz.losses import script
from lossviz.losses.catalogue import catalogue
from lossviz.losses.code_lines import WIDTH, folded
from lossviz.losses.entry import LossEntry


def same(folded_code: str, line: str) -> bool:
    return ast.dump(ast.parse(folded_code)) == ast.dump(ast.parse(line))


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("loss = f(first, second)", ["loss = f(first, second)"]),
        ("loss = f(first_one, second_one)", ["loss = f(", "    first_one, second_one", ")"]),
        (
            "loss = f(the_very_first_one, second_one=2)",
            ["loss = f(", "    the_very_first_one,", "    second_one=2,", ")"],
        ),
        # A row for each sample, and what follows them behind.
        (
            "x = tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)",
            ["x = tensor([", "    [1.0, 2.0],", "    [3.0, 4.0],", "], requires_grad=True)"],
        ),
        # Commas of a lambda, of a text and of a number within a text divide nothing.
        (
            "loss = f(lambda u, v: u, 'a, b (', key=3)",
            ["loss = f(", "    lambda u, v: u,", "    'a, b (',", "    key=3,", ")"],
        ),
        (
            'print(f"value {a[0, 1]:.4f} (", second)',
            ["print(", '    f"value {a[0, 1]:.4f} (",', "    second,", ")"],
        ),
        # Brackets that hold nothing are not opened, and what holds more is broken again.
        (
            "losses.sum(dim=1, keepdim=True).backward()",
            ["losses.sum(", "    dim=1, keepdim=True", ").backward()"],
        ),
        (
            "    loss = f(first(1, 2, 3, 4, 5), 6)",
            [
                "    loss = f(",
                "        first(",
                "            1, 2, 3, 4, 5",
                "        ),",
                "        6,",
                "    )",
            ],
        ),
        # Alone in brackets, it stays what it is.
        ("total = (first_number + second_number)", ["total = (", "    first_number + second_number", ")"]),
        (
            "x = f(a)[first_numbers + second_numbers]",
            ["x = f(a)[", "    first_numbers + second_numbers", "]"],
        ),
        (
            "x = tensor([1, 2][first_one + second_one])",
            ["x = tensor(", "    [1, 2][", "        first_one + second_one", "    ]", ")"],
        ),
        # No bracket, no break.
        ("# a comment that is longer than it may be", ["# a comment that is longer than it may be"]),
        ("first_name = second_name + third_name", ["first_name = second_name + third_name"]),
    ],
)
def test_a_long_line_is_broken_in_its_brackets(line: str, lines: list[str]) -> None:
    code = folded(line, 28)
    assert code.splitlines() == lines
    assert same(code.lstrip(), line.lstrip())


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.name)
def test_the_lines_of_every_loss_stay_the_same_code(entry: LossEntry) -> None:
    rows = [entry.defaults] * 10
    lines = [*script.tensors(entry, rows), *script.body(entry, entry.defaults, "none"), *entry.probe_steps]
    for line in lines:
        for width in (40, 60, WIDTH):
            assert same(folded(line, width), line)
