"""Settings are checked in the package: every bad value is named, with what is allowed."""

from __future__ import annotations

import json
import math

import pytest

from lossviz.training.presets import ALL_PRESETS
from lossviz.training.settings import (
    LEARNING_RATES,
    MEANINGS,
    OPTIMIZERS,
    RANGE_TEST_STEPS,
    RANGES,
    SWITCHES,
    Settings,
    SettingsError,
)


def problems(**values: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.parse(values)
    return caught.value.problems


def test_nothing_asked_for_gives_the_defaults() -> None:
    assert Settings.parse({}) == Settings()


def test_settings_survive_json() -> None:
    settings = Settings.parse({"model": "mlp", "learning_rate": 0.01, "epochs": 2, "seed": 7})
    assert Settings.parse(json.loads(json.dumps(settings.as_dict()))) == settings


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_missing_learning_rate_is_the_optimisers_own(optimizer: str) -> None:
    assert Settings.parse({"optimizer": optimizer}).learning_rate == LEARNING_RATES[optimizer]


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize(
    "bad",
    [math.nan, math.inf, -math.inf, "3", True, None, [], {}, 10**400, -(10**400), 1e308, -1, "x" * 10_000],
    ids=lambda bad: str(bad)[:12],
)
def test_a_bad_number_is_named_with_its_range(name: str, bad: object) -> None:
    [problem] = problems(**{name: bad})
    low, high = RANGES[name]
    assert problem.startswith(f"{name} is ")
    assert len(problem) < 200
    assert problem.endswith(f" from {low:.10g} to {high:.10g}.")


@pytest.mark.parametrize("name", ["batch_size", "epochs", "train_size", "seed"])
def test_a_count_is_a_whole_number(name: str) -> None:
    low, _ = RANGES[name]
    assert "whole number" in problems(**{name: low + 0.5})[0]
    assert getattr(Settings.parse({name: float(low)}), name) == low


@pytest.mark.parametrize("name", ["data", "loss", "model", "optimizer", "schedule", "device"])
@pytest.mark.parametrize(
    "bad", ["", "CNN", "../../etc/passwd", 3, None, ["cnn"], "x" * 10_000], ids=lambda bad: str(bad)[:12]
)
def test_a_bad_choice_is_named_with_what_there_is(name: str, bad: object) -> None:
    [problem] = problems(**{name: bad})
    assert problem.startswith(f"{name} is ")
    assert "one of" in problem
    assert len(problem) < 200


def test_every_problem_is_told_at_once() -> None:
    assert len(problems(epochs=0, batch_size=0, model="vgg", flavour="sweet")) == 4


def test_an_unknown_setting_is_named() -> None:
    [problem] = problems(lr=0.1)
    assert "'lr'" in problem
    assert "learning_rate" in problem


def test_settings_that_are_no_mapping_are_refused() -> None:
    with pytest.raises(SettingsError):
        Settings.parse([("epochs", 1)])  # type: ignore[arg-type]  # the wrong type is what is tested


def test_label_smoothing_belongs_to_cross_entropy() -> None:
    assert Settings.parse({"label_smoothing": 0.1}).label_smoothing == 0.1
    assert "CrossEntropyLoss" in problems(loss="NLLLoss", label_smoothing=0.1)[0]


def test_a_run_of_too_many_steps_is_refused() -> None:
    [problem] = problems(batch_size=1, epochs=50, train_size=60_000)
    assert "2,700,000 steps" in problem


def test_the_validation_share_is_held_out_of_the_train_size() -> None:
    settings = Settings(train_size=60_000, validation_share=0.1, batch_size=64, epochs=3)
    assert (settings.validation_images, settings.train_images) == (6_000, 54_000)
    assert (settings.steps_per_epoch, settings.steps_total) == (844, 2_532)


def test_the_smallest_run_still_validates() -> None:
    settings = Settings(train_size=100, validation_share=0.02)
    assert (settings.validation_images, settings.train_images) == (10, 90)


@pytest.mark.parametrize("preset", ALL_PRESETS, ids=lambda preset: preset.key)
def test_presets_are_good_settings(preset: object) -> None:
    chosen = next(known for known in ALL_PRESETS if known is preset)
    assert Settings.parse(chosen.settings.as_dict()) == chosen.settings
    assert chosen.title
    assert chosen.sentence.endswith(".")


def test_preset_keys_are_different() -> None:
    assert len({preset.key for preset in ALL_PRESETS}) == len(ALL_PRESETS)


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("bad", ["true", 1, 0, None, []], ids=str)
def test_a_switch_is_true_or_false(name: str, bad: object) -> None:
    [problem] = problems(**{name: bad})
    assert problem.startswith(f"{name} is ")
    assert getattr(Settings.parse({name: True}), name) is True


def test_dropout_needs_hidden_units_and_label_noise_labels() -> None:
    assert Settings.parse({"dropout": 0.8, "label_noise": 0.9, "early_stopping": 5}).early_stopping == 5
    assert "no hidden units" in problems(model="linear", dropout=0.1)[0]
    assert "no labels" in problems(task="reconstruct", loss="MSELoss", label_noise=0.1)[0]
    assert Settings(label_noise=0.2).with_loss("PoissonNLLLoss").label_noise == 0


def test_a_range_test_has_its_own_number_of_steps() -> None:
    assert Settings(range_test=True, epochs=50).steps_total == RANGE_TEST_STEPS


def test_settings_kept_by_an_older_version_take_the_new_defaults() -> None:
    new = ("dropout", "label_noise", "early_stopping", "range_test", "landscape")
    kept = {name: value for name, value in Settings().as_dict().items() if name not in new}
    assert Settings.parse(kept) == Settings()


@pytest.mark.parametrize("name", MEANINGS)
def test_a_meaning_is_one_sentence_of_a_setting(name: str) -> None:
    assert name in Settings().as_dict()
    assert MEANINGS[name].endswith(".")


def test_one_hidden_unit_cannot_be_divided() -> None:
    assert "cannot be divided" in problems(model="narrow-mlp", loss="AdaptiveLogSoftmaxWithLoss")[0]
    assert Settings(model="narrow-mlp").with_loss("AdaptiveLogSoftmaxWithLoss").model == Settings().model
