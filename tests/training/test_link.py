"""Training settings as a link: there and back, and nothing in a link is trusted."""

from __future__ import annotations

import random

import pytest

from lossviz.training.link import checked, checked_argument, from_link, to_link
from lossviz.training.presets import ALL_PRESETS, TrainingPreset
from lossviz.training.settings import LEARNING_RATES, RANGES, Settings


@pytest.mark.parametrize("preset", ALL_PRESETS, ids=lambda preset: preset.key)
def test_settings_survive_a_link(preset: TrainingPreset) -> None:
    settings = preset.settings
    assert from_link(to_link(settings)).settings == settings
    assert from_link(to_link(settings)).problems == ()


def test_defaults_need_no_link() -> None:
    assert to_link(Settings()) == {}
    assert from_link({}).settings == Settings()


def test_a_preset_is_where_a_link_starts() -> None:
    opened = from_link({"preset": "overfit", "epochs": "5"})
    assert opened.problems == ()
    assert (opened.settings.model, opened.settings.epochs) == ("wide-mlp", 5)


def test_an_optimizer_brings_its_learning_rate() -> None:
    assert from_link({"optimizer": "sgd"}).settings.learning_rate == LEARNING_RATES["sgd"]
    assert from_link({"optimizer": "sgd", "learning_rate": "0.5"}).settings.learning_rate == 0.5


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("model", "resnet"),
        ("epochs", "0"),
        ("epochs", "two"),
        ("epochs", "2.5"),
        ("epochs", "nan"),
        ("epochs", "1e400"),
        ("epochs", "9" * 5000),
        ("epochs", "1_0"),
        ("epochs", "\uff13"),
        ("train_size", "10,000"),
        ("learning_rate", "1,500"),
        ("learning_rate", "1e-60"),
        ("seed", "-1"),
        ("learning_rate", "inf"),
        ("learning_rate", ""),
        ("label_smoothing", "1.01"),
        ("loss", "CTCLoss"),
        ("loss", "mean squared"),
        ("task", "sleep"),
        ("mistake", "all"),
        ("arguments", "{}"),
        ("margin", "1"),
        ("weight", "1,2,3"),
        ("train_size", "<script>"),
        ("preset", "[x](http://a)"),
        ("no_such", "1"),
        ("__class__", "1"),
    ],
)
def test_what_cannot_be_used_falls_back_and_is_told(name: str, text: str) -> None:
    opened = from_link({name: text, "batch_size": "32"})
    assert opened.settings == Settings(batch_size=32)
    (problem,) = opened.problems
    assert len(problem) < 400


def test_names_are_read_in_any_case() -> None:
    opened = from_link({"LOSS": "huber", "Delta": "2", "Epochs": "3", "MODEL": "mlp"})
    assert opened == from_link({"loss": "HuberLoss", "delta": "2", "epochs": "3", "model": "mlp"})
    assert opened.problems == ()
    assert (opened.settings.loss, opened.settings.epochs, opened.settings.model) == ("HuberLoss", 3, "mlp")
    # Which of the two is meant cannot be told.
    twice = from_link({"epochs": "3", "EPOCHS": "4"})
    assert twice.settings.epochs == 3
    assert "“EPOCHS”" in twice.problems[0]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("learning_rate", "0,02", 0.02),
        ("learning_rate", "5e\u22124", 5e-4),
        ("epochs", "3.0", 3),
        ("seed", "2147483647", 2147483647),
        ("dropout", ",5", 0.5),
    ],
)
def test_a_number_is_typed_as_everywhere(name: str, text: str, value: float) -> None:
    assert checked(name, text) == (value, None)
    assert from_link({name: text}).problems == ()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "train_size",
            "10,000",
            (
                "train_size is “10,000”, which can be 10 or 10000: write 10 or 10000; it must be a whole number "
                "from 100 to 60000."
            ),
        ),
        ("train_size", "61000", "train_size is “61000”; it must be a whole number from 100 to 60000."),
        ("epochs", "2,5", "epochs is “2,5”; it must be a whole number from 1 to 50."),
        (
            "seed",
            "two",
            "seed is “two”, which is not a number; it must be a whole number from 0 to 2147483647.",
        ),
        ("dropout", "nan", "dropout is “nan”; it must be a number from 0 to 0.8."),
    ],
)
def test_a_number_that_is_not_taken_says_why_and_what_is(name: str, text: str, says: str) -> None:
    assert checked(name, text) == (None, says)


def test_class_weights_are_a_list_and_say_how_it_is_separated() -> None:
    (weight,) = [each for each in Settings().spec.arguments if each.kind == "weights"]
    nines = " 1" * 9
    assert checked_argument(weight, f"1,5{nines}") == ((1.5, *[1] * 9), None)
    assert checked_argument(weight, "1, 5;1 1 1 1 1 1 1 1") == ((1, 5, *[1] * 8), None)
    assert checked_argument(weight, f"1,500{nines}") == (
        None,
        (
            f"weight is “1,500{nines}”, which has 1,500 in it, which can be 1.5 or 1500: write 1.5 or 1500; it must be "
            f"{weight.allowed}."
        ),
    )
    assert weight.allowed.endswith("one a class, separated by spaces, semicolons, or a comma with a space")


def test_settings_that_do_not_go_together_fall_back_together() -> None:
    opened = from_link({"loss": "NLLLoss", "label_smoothing": "0.1"})
    assert opened.settings == Settings()
    assert any("label_smoothing" in problem for problem in opened.problems)
    opened = from_link({"mistake": "target-shape"})
    assert opened.settings == Settings()
    assert any("mistake" in problem for problem in opened.problems)


@pytest.mark.parametrize(
    ("link", "settings"),
    [
        ({"loss": "HuberLoss", "delta": "2"}, {"loss": "HuberLoss", "arguments": {"delta": 2.0}}),
        (
            {"task": "reconstruct", "loss": "MSELoss", "mistake": "target-shape"},
            {"task": "reconstruct", "loss": "MSELoss", "mistake": "target-shape"},
        ),
        (
            {"loss": "TripletMarginLoss", "swap": "true", "p": "1"},
            {"task": "embed", "loss": "TripletMarginLoss", "arguments": {"swap": True, "p": 1.0}},
        ),
        (
            {"weight": "1,1,1,1,1,1,5,1,1,1", "label_smoothing": "0.1"},
            {"arguments": {"weight": [1, 1, 1, 1, 1, 1, 5, 1, 1, 1]}, "label_smoothing": 0.1},
        ),
    ],
)
def test_a_losss_arguments_stand_in_the_link(link: dict[str, str], settings: dict[str, object]) -> None:
    opened = from_link(link)
    assert opened.problems == ()
    assert opened.settings == Settings.parse(settings)
    assert from_link(to_link(opened.settings)) == opened
    task = {"task": opened.settings.task} if opened.settings.task != "classify" else {}
    assert to_link(opened.settings) == {**link, **task}


def test_an_argument_of_another_loss_is_left_out_of_a_link() -> None:
    opened = from_link({"loss": "HuberLoss", "beta": "2", "delta": "99", "epochs": "3"})
    assert opened.settings == Settings(loss="HuberLoss", epochs=3)
    assert len(opened.problems) == 2
    assert "HuberLoss has no setting called" in opened.problems[0]
    assert "a number from 0.001 to 10. Taking 1." in opened.problems[1]


def test_whatever_a_link_holds_the_settings_can_be_trained_with() -> None:
    dice = random.Random(0)
    pieces = [
        "",
        "1",
        "-1",
        "1e9",
        "nan",
        "cnn",
        "sgd",
        "é",
        "0x10",
        "1_000",
        "1,000",
        "٣",
        "\0",
        "true",
        "None",
    ]
    names = [*Settings().as_dict(), "preset", "run", "?"]
    for _ in range(500):
        link = {dice.choice(names): dice.choice(pieces) for _ in range(dice.randrange(6))}
        settings = from_link(link).settings
        assert Settings.parse(settings.as_dict()) == settings


@pytest.mark.parametrize("name", list(RANGES))
def test_a_field_takes_the_ends_of_its_range(name: str) -> None:
    for end in RANGES[name]:
        assert checked(name, f"{end:.10g}") == (end, None)


def test_switches_and_the_lab_s_settings_stand_in_a_link() -> None:
    settings = Settings(
        model="wide-mlp", dropout=0.25, label_noise=0.4, early_stopping=3, schedule="cosine", landscape=True
    )
    link = to_link(settings)
    assert (link["landscape"], link["early_stopping"]) == ("true", "3")
    assert from_link(link).settings == settings
    assert from_link(link).problems == ()
    opened = from_link({"range_test": "perhaps"})
    assert opened.settings == Settings()
    assert "true or false" in opened.problems[0]
