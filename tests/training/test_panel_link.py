"""From a loss's panel to a run and back: every entry of the catalogue takes the way."""

from __future__ import annotations

import pytest

from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from lossviz.losses.link import from_link as panel_from_link
from lossviz.training.link import from_link
from lossviz.training.objectives.catalogue import CANNOT_TRAIN
from lossviz.training.panel_link import to_panel, to_training
from lossviz.training.settings import Settings

every_entry = pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.name)


def panel_settings(entry: LossEntry) -> list[dict[str, float | str]]:
    """The panel's defaults, and every other choice and both ends of every knob of a constructor argument."""
    found = [dict(entry.defaults)]
    sources = {source for source in entry.parameters.values() if isinstance(source, str)}
    for option in entry.options:
        if option.key in sources:
            found += [entry.defaults | {option.key: label} for label in option.choices]
    for knob in entry.knobs:
        if knob.key in sources:
            found += [entry.defaults | {knob.key: value} for value in (knob.low, knob.high)]
    return found


@every_entry
def test_every_panel_leads_to_a_run_or_says_why_not(entry: LossEntry) -> None:
    for settings in panel_settings(entry):
        way = to_training(entry, settings)
        if entry.name in CANNOT_TRAIN:
            assert way.why_not == CANNOT_TRAIN[entry.name]
            assert not way.parameters
            continue
        opened = from_link(way.parameters)
        assert opened.problems == ()
        assert opened.settings.loss == entry.name
        assert not way.why_not


def test_the_run_that_was_set_up_last_keeps_all_but_its_loss() -> None:
    last = Settings.parse(
        {"task": "reconstruct", "loss": "PoissonNLLLoss", "arguments": {"log_input": False}}
        | {"mistake": "sum", "model": "cnn", "epochs": 9, "seed": 3, "optimizer": "sgd", "learning_rate": 0.5}
        | {"range_test": True}
    )
    entry = catalogue()["HuberLoss"]
    found = from_link(to_training(entry, dict(entry.defaults) | {"delta": 2.0}, last).parameters)
    assert found.problems == ()
    assert found.settings == Settings.parse(
        {"task": "reconstruct", "loss": "HuberLoss", "arguments": {"delta": 2.0}}
        | {"model": "cnn", "epochs": 9, "seed": 3, "optimizer": "sgd", "learning_rate": 0.5}
    )
    triplet = catalogue()["TripletMarginLoss"]
    elsewhere = from_link(to_training(triplet, dict(triplet.defaults), last).parameters).settings
    assert (elsewhere.task, elsewhere.model, elsewhere.epochs) == ("embed", "cnn", 9)


@every_entry
def test_every_setting_of_a_panel_is_carried_or_named(entry: LossEntry) -> None:
    if entry.name in CANNOT_TRAIN:
        return
    for settings in panel_settings(entry):
        way = to_training(entry, settings)
        told = "\n".join((*way.carried, *way.left))
        for name, source in entry.parameters.items():
            if not isinstance(source, str):
                continue
            option = next((each for each in entry.options if each.key == source), None)
            untouched = option is not None and settings[source] == option.default
            assert f"{name} = " in told or f"{name}: " in told or untouched, (name, told)
        for key in entry.batch_keys:
            assert key.replace("_", " ") in told


@every_entry
def test_a_run_leads_back_to_the_panel_that_it_came_from(entry: LossEntry) -> None:
    if entry.name in CANNOT_TRAIN:
        return
    for settings in panel_settings(entry):
        way = to_training(entry, settings)
        back = to_panel(from_link(way.parameters).settings)
        assert back is not None
        category, parameters = back
        opened = panel_from_link(category, parameters)
        assert opened.problems == ()
        assert opened.state.entry is entry
        again = to_training(entry, dict(settings) | dict(opened.state.settings))
        assert dict(from_link(again.parameters).settings.arguments) == dict(
            from_link(way.parameters).settings.arguments
        )


@pytest.mark.parametrize(
    ("loss", "panel", "run"),
    [
        ("HuberLoss", {"delta": 2.0}, {"delta": "2"}),
        ("SmoothL1Loss", {"beta": 0.5}, {"beta": "0.5"}),
        ("CrossEntropyLoss", {"label_smoothing": "0.1"}, {"label_smoothing": "0.1"}),
        ("CrossEntropyLoss", {"weight": "1,1,9"}, {"weight": "1,1,9,1,1,1,1,1,1,1"}),
        ("BCEWithLogitsLoss", {"pos_weight": "9"}, {"pos_weight": "9"}),
        ("sigmoid_focal_loss", {"gamma": 5.0, "alpha": "0.5"}, {"gamma": "5", "alpha": "0.5"}),
        ("TripletMarginLoss", {"swap": "on", "p": "1"}, {"swap": "true", "p": "1", "margin": "1"}),
        ("PoissonNLLLoss", {"log_input": "False"}, {"log_input": "false"}),
        ("GaussianNLLLoss", {"full": "True"}, {"full": "true"}),
        ("KLDivLoss", {"reduction": "sum"}, {"mistake": "sum"}),
        ("MarginRankingLoss", {"margin": 0.0}, {"margin": "0"}),
    ],
)
def test_what_is_set_on_the_panel_is_set_in_the_run(
    loss: str, panel: dict[str, float | str], run: dict[str, str]
) -> None:
    entry = catalogue()[loss]
    way = to_training(entry, entry.defaults | panel)
    assert {key: way.parameters.get(key) for key in run} == run


def test_what_a_run_cannot_take_is_told_with_the_reason() -> None:
    entry = catalogue()["TripletMarginLoss"]
    way = to_training(entry, entry.defaults | {"p": "inf"})
    assert "p" not in way.parameters
    assert any(text.startswith("p = inf: a run takes a number from 1 to 10") for text in way.left)


def test_a_run_of_another_value_opens_its_panel_at_it() -> None:
    settings = Settings(loss="HuberLoss", task="reconstruct", arguments={"delta": 0.75})
    assert to_panel(settings) == ("regression", {"loss": "HuberLoss", "delta": "0.75"})
