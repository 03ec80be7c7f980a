"""Reading a range test: where the loss falls most steeply, where it is lowest, from where it diverges."""

from __future__ import annotations

import itertools
import math

import pytest

from lossviz.training.range_test import FROM_TO, read, rising_rates
from lossviz.training.settings import OPTIMIZERS, RANGE_TEST_STEPS


def valley(step: int) -> float:
    """Flat, a slope that is steepest at step 70, a rise from step 110 on."""
    return 0.5 + 1.8 / (1 + math.exp((step - 70) / 6)) + (0.02 * (step - 110) ** 2 if step > 110 else 0.0)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_rates_rise_by_a_constant_factor(optimizer: str) -> None:
    rates = rising_rates(optimizer)
    assert (rates[0], rates[-1]) == pytest.approx(FROM_TO[optimizer])
    assert len(rates) == RANGE_TEST_STEPS
    assert {round(b / a, 9) for a, b in itertools.pairwise(rates)} == {round(rates[1] / rates[0], 9)}


def test_a_valley_is_read() -> None:
    rates = rising_rates("adam")
    found = read(rates, [valley(step) for step in range(150)])
    assert found.suggestion is not None
    assert found.lowest is not None
    assert found.diverges is not None
    assert rates[68] <= found.suggestion <= rates[84], "the running mean lags by some steps"
    assert found.suggestion < found.lowest < found.diverges
    assert rates[105] <= found.lowest <= rates[118]
    assert len(found.table()) == 150


def test_a_loss_that_is_no_number_ends_the_reading() -> None:
    rates = rising_rates("sgd")
    found = read(rates, [valley(step) if step < 120 else math.nan for step in range(150)])
    assert found.diverges == rates[120]
    assert found.suggestion is not None


@pytest.mark.parametrize(
    "losses", [[], [2.3], [2.3] * 150, [2.3 + step for step in range(150)], [math.nan] * 20]
)
def test_where_nothing_falls_nothing_is_suggested(losses: list[float]) -> None:
    found = read(rising_rates("adam"), losses)
    assert found.suggestion is None
    assert len(found.rates) == len(found.losses) == len(found.smoothed) == len(losses)
