"""What last layers cost, by torch's own modules and the clock."""

from __future__ import annotations

import pytest

from lossviz.losses import head_cost
from lossviz.losses.head_cost import ADAPTIVE, CHUNKED, FUSED, TWO_STEPS, Size

SMALL = Size(rows=8, features=16, classes=100, cutoffs=(10, 50))


def test_parameters_are_those_of_the_modules() -> None:
    costs = head_cost.costs(SMALL)
    assert list(costs) == [TWO_STEPS, FUSED, CHUNKED, ADAPTIVE]
    assert {costs[head].parameters for head in (TWO_STEPS, FUSED, CHUNKED)} == {16 * 100}
    # The head, and for each cluster a projection to 4 features, to 1, and its classes.
    assert costs[ADAPTIVE].parameters == 16 * 12 + (16 * 4 + 4 * 40) + (16 * 1 + 1 * 50)


def test_logits_are_four_bytes_a_row_and_class() -> None:
    costs = head_cost.costs(SMALL)
    assert costs[TWO_STEPS].logits == 8 * 100 * 4
    assert costs[ADAPTIVE].logits is None


def test_the_same_weights_give_the_same_loss_in_one_step_or_two() -> None:
    losses = {head: head_cost.training_step(head, SMALL)() for head in head_cost.heads()}
    assert losses[FUSED] == pytest.approx(losses[TWO_STEPS], rel=1e-6)
    assert losses[CHUNKED] == pytest.approx(losses[TWO_STEPS], rel=1e-6)


def test_every_head_is_timed() -> None:
    times = head_cost.step_times(SMALL, repeats=1)
    assert set(times) == set(head_cost.heads())
    assert all(seconds > 0 for seconds in times.values())
