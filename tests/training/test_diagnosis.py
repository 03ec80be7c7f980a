"""The doctor on curves whose illness is known, and on healthy ones."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from lossviz.training.diagnosis import Curve, Thresholds, diagnose

CHANCE = math.log(10)

HEALTHY = Curve(
    initial=2.305,
    train=[0.504, 0.415, 0.372, 0.333, 0.318, 0.290, 0.272, 0.251, 0.236, 0.223],
    validation=[0.526, 0.450, 0.421, 0.392, 0.381, 0.360, 0.351, 0.330, 0.312, 0.318],
    chance=CHANCE,
    accuracy=0.92,
)


def test_a_healthy_run_is_called_healthy_in_every_epoch_though_its_gap_is_wide() -> None:
    for epochs in range(2, 11):
        said = diagnose(
            replace(HEALTHY, train=HEALTHY.train[:epochs], validation=HEALTHY.validation[:epochs])
        )
        assert said.verdict == "healthy"
        assert said.advice == ""
    assert "43%" in diagnose(HEALTHY).evidence[0]


def test_before_the_second_epoch_nothing_is_said() -> None:
    assert diagnose(replace(HEALTHY, train=[0.5], validation=[0.6])).verdict == "too early"


@pytest.mark.parametrize("where", ["steps", "train", "validation"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_not_finite_is_divergence_however_early(where: str, value: float) -> None:
    lists = {"steps": [0.5], "train": [0.5], "validation": [0.5]}
    lists[where] = [0.5, value]
    said = diagnose(Curve(HEALTHY.initial, lists["train"], lists["validation"], CHANCE, steps=lists["steps"]))
    assert said.verdict == "diverged"
    assert "2" in said.evidence[0]


def test_a_loss_above_where_it_began_diverges() -> None:
    assert diagnose(replace(HEALTHY, train=[4.0, 5.0], validation=[4.0, 5.0])).verdict == "diverging"
    rising = [0.5, 0.9, 1.3, 1.7]
    assert diagnose(replace(HEALTHY, train=rising, validation=rising)).verdict == "diverging"


def test_overfitting_names_the_epoch_since_when_and_only_once_it_is_sure() -> None:
    validation = [0.75, 0.60, 0.554, 0.60, 0.66, 0.75, 0.90]
    train = [0.6, 0.4, 0.25, 0.15, 0.08, 0.04, 0.02]
    found = [
        diagnose(Curve(2.3, train[:n], validation[:n], CHANCE)).verdict == "overfitting" for n in range(2, 8)
    ]
    assert found == [False, False, False, False, True, True]
    said = diagnose(Curve(2.3, train, validation, CHANCE))
    assert said.since == 3
    assert "35%" in said.evidence[1]


def test_train_that_rises_too_is_no_overfitting() -> None:
    validation = [0.75, 0.60, 0.554, 0.60, 0.66, 0.75, 0.90]
    assert diagnose(Curve(2.3, validation, validation, CHANCE)).verdict != "overfitting"


def test_underfitting_tells_improving_from_flat_and_from_a_softmax_too_many() -> None:
    improving = [2.2, 2.1, 1.9, 1.7, 1.5, 1.35]
    flat = [1.60, 1.598, 1.597, 1.596, 1.595, 1.595]
    assert "still improving" in diagnose(Curve(2.3, improving, improving, CHANCE, 0.5)).headline
    assert "flat" in diagnose(Curve(1.61, flat, flat, CHANCE, 0.3)).headline
    assert "already probabilities" in diagnose(Curve(2.3, flat, flat, CHANCE, 0.905, logits=True)).headline
    # Another loss has no softmax that could be one too many.
    assert "flat" in diagnose(Curve(1.61, flat, flat, CHANCE, 0.905)).headline


def test_a_low_loss_with_few_right_asks_for_something_else() -> None:
    low = [0.01, 0.005, 0.004]
    said = diagnose(Curve(2.3, low, low, CHANCE, 0.18))
    assert said.verdict == "wrong goal"
    assert "18%" in said.evidence[1]
    assert diagnose(Curve(2.3, low, low, CHANCE, 0.9)).verdict == "healthy"
    # One against all: saying no ten times has a low loss too, and is only the beginning.
    begun = [0.335, 0.33]
    assert diagnose(Curve(0.69, begun, begun, math.log(2), 0.2)).verdict == "healthy"


def test_a_plateau_is_where_validation_no_longer_improves() -> None:
    validation = [0.6, 0.50, 0.45, 0.449, 0.4495, 0.449, 0.4485, 0.449]
    train = [0.55, 0.46, 0.41, 0.40, 0.40, 0.40, 0.40, 0.40]
    said = diagnose(Curve(2.3, train, validation, CHANCE))
    assert (said.verdict, said.since) == ("plateau", 3)


def test_noise_is_a_badge_beside_the_verdict() -> None:
    validation = [0.60, 0.52, 0.44, 0.53, 0.40, 0.50, 0.37, 0.46]
    train = [0.6, 0.55, 0.5, 0.45, 0.42, 0.4, 0.36, 0.33]
    said = diagnose(Curve(2.3, train, validation, CHANCE))
    assert said.noisy
    assert said.verdict == "healthy"
    assert "jumps" in said.evidence[-1]


def test_the_thresholds_can_be_moved() -> None:
    assert diagnose(HEALTHY, Thresholds(plateau=0.5)).verdict == "plateau"


def test_a_loss_that_may_be_negative_is_judged_by_the_size_of_its_change() -> None:
    train, validation = [0.5, -0.4, -0.7, -0.8], [0.5, -0.3, -0.6, -0.65]
    assert diagnose(Curve(1.0, train, validation)).verdict == "healthy"
    worse = [-0.5, -0.8, -0.6, -0.55, -0.5, -0.4]
    by_heart = [-0.6, -0.9, -1.1, -1.3, -1.4, -1.5]
    assert diagnose(Curve(1.0, by_heart, worse)).verdict == "overfitting"
