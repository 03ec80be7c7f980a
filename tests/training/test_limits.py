"""What a server allows: one place, set by the environment, clear about what it cannot use."""

from __future__ import annotations

import dataclasses

import pytest

from lossviz.training import limits
from lossviz.training.cores import cores, shared_out
from lossviz.training.limits import VARIABLES, Limits, read_limits
from lossviz.training.settings import Settings


def test_without_variables_the_defaults_hold() -> None:
    assert read_limits({"PATH": "/bin", "LOSSVIZ_HOME": "/x", "LOSSVIZ_RUNS_KEPT": "  "}) == (Limits(), [])


def test_every_limit_can_be_set_and_is_documented() -> None:
    assert set(VARIABLES) == {field.name for field in dataclasses.fields(Limits)}
    for name, (variable, low, high) in VARIABLES.items():
        assert variable in str(Limits.__doc__)
        assert low <= getattr(Limits(), name) <= high
        for value in (low, high):
            set_to, problems = read_limits({variable: f" {value:.0f} "})
            assert problems == []
            assert getattr(set_to, name) == value
            assert type(getattr(set_to, name)) is type(getattr(Limits(), name))


@pytest.mark.parametrize("bad", ["many", "0", "-3", "1e99", "nan", "10.5", "51", "0x10", "9" * 5_000])
def test_a_bad_value_is_named_with_what_is_allowed_and_left(bad: str) -> None:
    found, [problem] = read_limits({"LOSSVIZ_MOST_EPOCHS": bad, "LOSSVIZ_MOST_QUEUED": "7"})
    assert found == Limits(most_queued=7)
    assert problem.startswith("LOSSVIZ_MOST_EPOCHS is '")
    assert "it must be a whole number from 1 to 50. It was left at 50." in problem
    assert len(problem) < 150


def test_seconds_may_have_a_fraction() -> None:
    assert read_limits({"LOSSVIZ_LONGEST_SECONDS": "90.5"})[0].longest_seconds == 90.5
    assert "a number from" in read_limits({"LOSSVIZ_LONGEST_SECONDS": "inf"})[1][0]


def test_settings_beyond_the_limits_are_told_one_by_one() -> None:
    allowed = Limits(most_epochs=2, most_images=1_000)
    assert allowed.problems(Settings(epochs=2, train_size=1_000)) == []
    epochs, images = allowed.problems(Settings(epochs=3, train_size=1_001))
    assert "epochs is 3" in epochs
    assert "at most 2" in epochs
    assert "train_size is 1,001" in images
    assert Limits().problems(Settings(epochs=50, train_size=60_000)) == []


def test_workers_share_the_processors() -> None:
    assert cores() >= 1
    assert shared_out(1) == {}
    # A worker leaves one of those it sees to the page: three workers of eight processors train with two each.
    assert shared_out(3, {}, 8) == {"OMP_NUM_THREADS": "3"}
    assert shared_out(64, {}, 2) == {"OMP_NUM_THREADS": "2"}


def test_the_module_says_how_to_set_them() -> None:
    assert "LOSSVIZ_MOST_EPOCHS=10" in str(limits.__doc__)
