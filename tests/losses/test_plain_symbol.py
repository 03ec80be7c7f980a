"""Symbols in plain text: every one that a slider, a widget or a metric shows can be written."""

from __future__ import annotations

from itertools import pairwise

import pytest

from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from lossviz.losses.plain_symbol import gradient_name, named, plain_symbol

every_entry = pytest.mark.parametrize("entry", list(catalogue().values()), ids=lambda entry: entry.name)


@every_entry
def test_every_symbol_of_a_knob_and_an_option_has_a_plain_form(entry: LossEntry) -> None:
    symbols = [knob.symbol for knob in entry.knobs] + [option.symbol for option in entry.options]
    written = [plain_symbol(symbol) for symbol in symbols]
    assert all(written)
    assert not set("".join(written)) & set("\\{}^$\0")
    # Different knobs stay different.
    knobs = [named(knob) for knob in entry.knobs]
    assert len(set(knobs)) == len(knobs)


@every_entry
def test_no_name_says_a_word_twice_in_a_row(entry: LossEntry) -> None:
    for knob in entry.knobs:
        words = named(knob).split()
        assert all(first != second for first, second in pairwise(words)), words


@pytest.mark.parametrize(
    ("symbol", "written"),
    [
        ("x", "x"),
        (r"\theta", "θ"),
        (r"\epsilon", "ε"),
        (r"\varepsilon", "ε"),
        ("n_0", "n₀"),
        ("h_{12}", "h₁₂"),
        ("s_a", "sₐ"),
        (r"\hat{v}", "v̂"),
        (r"\hat{y}", "ŷ"),
        (r"\mathrm{full}\,", "full"),
        (r"\mathrm{log\_target}", "log_target"),
    ],
)
def test_a_symbol_in_plain_text(symbol: str, written: str) -> None:
    assert plain_symbol(symbol) == written


@pytest.mark.parametrize("symbol", [r"\frac{a}{b}", "x^2", r"\nosuchletter", "x_{y_0}", "x_Q"])
def test_what_has_no_plain_form_is_refused(symbol: str) -> None:
    with pytest.raises(ValueError, match=r"plain form|lowered"):
        plain_symbol(symbol)


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        ("SmoothL1Loss", "∂loss/∂x"),
        ("CrossEntropyLoss", "∂loss/∂z₀"),
        ("TripletMarginLoss", "∂loss/∂n₀"),
        ("CosineEmbeddingLoss", "∂loss/∂θ"),
        ("CTCLoss", "∂loss/∂s₋"),
    ],
)
def test_the_gradient_names_its_component(loss: str, name: str) -> None:
    assert gradient_name(catalogue()[loss]) == name
