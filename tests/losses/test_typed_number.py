"""One rule for a number that is typed: what is read, what is refused with what it can mean, and float32's ends."""

from __future__ import annotations

import math
import random

import pytest
import torch

from lossviz.losses.typed_number import TypedNumberError, read_number, read_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.5", 1.5),
        ("1,5", 1.5),
        ("-0,25", -0.25),
        ("1,5e-3", 0.0015),
        ("0,500", 0.5),
        ("1234,567", 1234.567),
        ("1,2345", 1.2345),
        ("1.500", 1.5),
        (" \t+1\u00a0", 1),
        (".5", 0.5),
        (",5", 0.5),
        ("5.", 5),
        ("\u22123", -3),
        ("\u20133e\u22122", -0.03),
        ("1e30", 1e30),
        ("1e-45", 1e-45),
        ("3.4028235e38", 3.4028235e38),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        ("\u2212\u221e", -math.inf),
        ("0e-999", 0),
    ],
)
def test_what_can_mean_one_number_is_read(text: str, number: float) -> None:
    assert read_number(text) == number


def test_nan_is_a_number_and_a_zero_keeps_its_sign() -> None:
    assert math.isnan(read_number("NaN"))
    assert math.copysign(1, read_number("\u22120")) == -1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,500", "can be 1.5 or 1500: write 1.5 or 1500"),
        ("12,345", "can be 12.345 or 12345: write 12.345 or 12345"),
        ("-1,000", "can be -1 or -1000: write -1 or -1000"),
        ("1,500e3", "can be 1.5e3 or 1500e3: write 1.5e3 or 1500e3"),
        ("1,234,567", "has commas between its thousands: write 1234567"),
        ("1,234.5", "has commas between its thousands: write 1234.5"),
        ("1.234,5", "has points between its thousands: write 1234.5"),
        ("1.234.567", "has points between its thousands: write 1234567"),
        ("1 500", "has a space in it: if it is one number, write 1500"),
        ("1\u202f500,25", "has a space in it: if it is one number, write 1500.25"),
        ("1 5", "is not one number: it has a space in it"),
        ("- 5", "has a space after its sign: write -5"),
        ("1_000", "has an underscore in it: write 1000"),
        ("1\u2019000", "has an apostrophe in it: write 1000"),
        ("1,", "stops at its comma: add the digits after it, or write 1"),
        ("1,5,2", "is not one number: it has more than one point or comma"),
        ("\uff11\uff12", "is not written with the digits 0 to 9 alone"),
        ("10\u00b2", "is not written with the digits 0 to 9 alone"),
        ("\u0663", "is not written with the digits 0 to 9 alone"),
        ("", "is empty"),
        ("much", "is not a number"),
        ("0x10", "is not a number"),
        ("--1", "is not a number"),
        ("+-inf", "is not a number"),
        ("1e1,5", "is not a number"),
        ("1;2", "is not a number"),
    ],
)
def test_what_is_refused_says_why_and_what_to_write(text: str, why: str) -> None:
    with pytest.raises(TypedNumberError) as refused:
        read_number(text)
    assert refused.value.why == why


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("1e39", math.inf),
        ("3.4028236e38", math.inf),
        ("1e400", math.inf),
        ("-1e400", -math.inf),
        ("9" * 400, math.inf),
        ("-3.5e-50", 0),
        ("7e-46", 0),
        ("1e-400", 0),
    ],
)
def test_what_float32_does_not_hold_is_told_with_what_torch_makes_of_it(text: str, becomes: float) -> None:
    assert torch.tensor(float(text)).item() == becomes
    with pytest.raises(TypedNumberError) as refused:
        read_number(text)
    assert refused.value.why.endswith(f"torch would make it {torch.tensor(float(text)).item():g}")


def test_every_float32_is_read_as_it_is() -> None:
    draw = random.Random(7)
    for _ in range(2000):
        number = torch.tensor(draw.getrandbits(31), dtype=torch.int32).view(torch.float32).item()
        text = f"{number:.9g}"
        read = read_number(text)
        assert torch.tensor(read).item() == number or (math.isnan(read) and math.isnan(number))
        if "." in text:
            digits = text.partition(".")[2].partition("e")[0]
            if len(digits) != 3 or text.startswith("0"):
                assert read_number(text.replace(".", ",")) == read


@pytest.mark.parametrize(
    ("text", "count", "numbers"),
    [
        ("1, 5", 2, [1, 5]),
        ("1;5", 2, [1, 5]),
        ("1 5", 2, [1, 5]),
        ("1 ; 5", 2, [1, 5]),
        ("1,5", 2, [1.5]),
        ("1,5 2", 2, [1.5, 2]),
        ("1,5; 2,25", 2, [1.5, 2.25]),
        ("1, 500", 2, [1, 500]),
        ("1,1,9", 3, [1, 1, 9]),
        ("0.5,1,2", 3, [0.5, 1, 2]),
    ],
)
def test_a_list_is_separated_by_spaces_semicolons_or_a_comma_with_a_space(
    text: str, count: int, numbers: list[float]
) -> None:
    assert read_numbers(text, count) == numbers


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("1,500 2 3", "has 1,500 in it, which can be 1.5 or 1500: write 1.5 or 1500"),
        ("1 ,5 2", "has a space before a comma: write the comma first, or leave it out"),
        ("1;;5", "has nothing between two separators, or after the last one"),
        ("1,2,3,4", "has commas without a space, which can be decimal commas: write spaces between"),
        ("1, x, 2", "has x in it, which is not a number"),
    ],
)
def test_a_list_that_is_refused_says_why(text: str, why: str) -> None:
    with pytest.raises(TypedNumberError) as refused:
        read_numbers(text, 3)
    assert refused.value.why == why
