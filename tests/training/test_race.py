"""A race differs in what was chosen, says what else differs, and compares what can be compared."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lossviz.training import race
from lossviz.training.events import Finished, Started
from lossviz.training.objectives import catalogue
from lossviz.training.results import Predictions
from lossviz.training.settings import Settings, SettingsError
from lossviz.training.snapshots import RunSnapshot

BASES = [Settings().with_loss(loss, task) for task in catalogue.TASKS for loss in catalogue.losses(task)]


@pytest.mark.parametrize("base", BASES, ids=lambda base: f"{base.task}-{base.loss}")
def test_whatever_is_offered_can_be_raced(base: Settings) -> None:
    found = race.fields(base)
    assert found[:3] == ("loss", "learning_rate", "batch_size")
    assert {"data", "task", "device", "validation_share", "arguments"}.isdisjoint(found)
    for field in found:
        values = race.offered(base, field)
        assert race.value_text(base, field) in values
        runs = race.build(base, field, race.suggested(base, field))
        assert field in race.differing(runs)
        for text in values:
            (_, other) = race.build(base, field, [next(v for v in values if v != text), text])
            assert race.value_text(other, field) == text


def test_a_field_that_cannot_differ_is_not_offered() -> None:
    assert "dropout" not in race.fields(Settings(model="linear"))
    assert "label_smoothing" not in race.fields(Settings(loss="NLLLoss"))
    assert "delta" in race.fields(Settings(loss="HuberLoss"))
    assert "weight" not in race.fields(Settings())  # ten numbers are no name


def test_the_runs_differ_in_the_field_alone_but_for_what_it_brings() -> None:
    assert race.differing(race.build(Settings(), "learning_rate", ["0.001", "0.1"])) == ("learning_rate",)
    # An optimiser whose learning rate nobody chose takes its usual one.
    assert race.differing(race.build(Settings(), "optimizer", ["adam", "sgd"])) == (
        "optimizer",
        "learning_rate",
    )
    chosen = race.build(Settings(learning_rate=0.02), "optimizer", ["adam", "sgd"])
    assert race.differing(chosen) == ("optimizer",)
    smooth = race.build(Settings(label_smoothing=0.1), "loss", ["CrossEntropyLoss", "MSELoss"])
    assert race.differing(smooth) == ("loss", "label_smoothing")
    assert not race.same_loss(smooth)
    huber = race.build(Settings(loss="HuberLoss"), "delta", ["1", "2"])
    assert race.differing(huber) == ("delta",)
    assert not race.same_loss(huber)
    assert race.same_loss(race.build(Settings(), "model", ["mlp", "cnn"]))


@pytest.mark.parametrize(
    ("field", "values", "says"),
    [
        (
            "learning_rate",
            ["fast", "0.1"],
            "“fast”, which is not a number; it must be a number from 1e-07 to 100",
        ),
        (
            "learning_rate",
            ["1,500", "0.1"],
            "“1,500”, which can be 1.5 or 1500: write 1.5 or 1500; it must be",
        ),
        ("learning_rate", ["0,1", "0.1"], "is there twice"),
        ("learning_rate", ["0.1"], "A race takes 2 to 4 values, not 1"),
        ("learning_rate", ["0.1", "0.2", "0.3", "0.4", "0.5"], "A race takes 2 to 4 values, not 5"),
        ("learning_rate", ["0.1", "1e-1"], "is there twice"),
        ("batch_size", ["64", "8.5"], "whole number from 1 to 4096"),
        ("loss", ["CrossEntropyLoss", "CTCLoss"], "CTCLoss cannot train here"),
        ("model", ["cnn", "resnet"], "must be one of"),
        ("mistake", ["none", "target-shape"], "Set it to none"),
        ("batch_size", ["1", "64"], "steps; at most"),
    ],
)
def test_what_cannot_be_raced_says_why(field: str, values: list[str], says: str) -> None:
    base = Settings(train_size=60_000, epochs=20)
    with pytest.raises(SettingsError) as caught:
        race.build(base, field, values)
    assert says in " ".join(caught.value.problems)


def test_a_range_test_is_no_race() -> None:
    with pytest.raises(SettingsError, match="Switch it off to race"):
        race.build(Settings(range_test=True), "loss", ["CrossEntropyLoss", "MSELoss"])


def test_what_changes_nothing_learned_is_no_difference() -> None:
    assert race.differing([Settings(), Settings(data="fashion-mnist", device="cpu", landscape=True)]) == ()


def started(weights: str, body: str, batches: str) -> Started:
    """A run that reports how it began."""
    begun = Started("", {}, "drawn garments", "", "cpu", "", 1, 1, [], 90, 10, 10, 90, 1, 1, 2.3)
    return replace(begun, weights_digest=weights, body_digest=body, batches_digest=batches)


def test_what_the_runs_report_of_their_start_is_compared() -> None:
    alike = race.same_start([started("a", "b", "c"), started("a", "b", "c")])
    assert alike == race.SameStart(weights=True, body=True, batches=True)
    head = race.same_start([started("a", "b", "c"), started("x", "b", "y")])
    assert head == race.SameStart(weights=False, body=True, batches=False)
    assert race.same_start([started("a", "b", "c"), started("", "", "")]) is None
    assert race.same_start([started("a", "b", "c")]) is None


def test_every_problem_is_named_once() -> None:
    with pytest.raises(SettingsError) as caught:
        race.build(Settings(), "learning_rate", ["a", "b", "a", "0.1", "0.2"])
    assert len(caught.value.problems) == 3


def contestant(name: str, right: int, images: int = 100, first: int = 0) -> race.Contestant:
    """A run that gets the first images right, always sure."""
    labels = np.arange(images) % 10
    said = np.where(np.arange(images) < right, labels, (labels + 1) % 10)
    probabilities = np.full((images, 10), 0.01, np.float32)
    probabilities[np.arange(images), said] = 0.91
    result = Finished(
        4, 8, 20.0, 18.0, 0.5, right / images, images, 0.6, 0.8, 900.0, {}, {"active share": 0.1}
    )
    predictions = Predictions(np.arange(first, first + images), labels, probabilities)
    return race.Contestant(name, RunSnapshot(name, Settings(), "finished", result=result), predictions)


def test_what_can_be_compared_stands_in_a_row_a_run() -> None:
    table = race.compared(
        [contestant("a", 91), contestant("b", 50), race.Contestant("c", contestant("c", 1).run)]
    )
    assert list(table.index) == ["a", "b", "c"]
    assert table["validation_accuracy"].tolist() == [0.91, 0.5, 0.01]
    assert table["test_accuracy"].tolist() == [0.8, 0.8, 0.8]
    assert table["calibration_error"].tolist()[:2] == pytest.approx([0.0, 0.41], abs=1e-6)
    assert math.isnan(table["calibration_error"].iloc[2])
    assert (table["worst_recall"].iloc[0], table["worst_class"].iloc[2]) == (0.9, "")
    assert table["squared_error"].isna().all()
    assert list(race.recalls([contestant("a", 91), contestant("b", 50)]).columns) == ["a", "b"]


def test_a_lead_is_counted_on_the_same_images() -> None:
    found = race.margin([contestant("a", 50), contestant("b", 91), contestant("c", 52)])
    assert found == race.Margin("b", "c", 100, 39, 0)
    assert found.beyond_chance
    close = race.margin([contestant("a", 52), contestant("b", 50)])
    assert close is not None
    assert not close.beyond_chance
    assert not race.Margin("a", "b", 100, 0, 0).beyond_chance


def test_no_lead_is_claimed_on_different_images_or_without_answers() -> None:
    assert race.margin([contestant("a", 50), contestant("b", 91, first=7)]) is None
    assert race.margin([contestant("a", 50), race.Contestant("b", contestant("b", 1).run)]) is None
    assert race.margin([contestant("a", 50)]) is None
