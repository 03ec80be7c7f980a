"""The curves of a run: one spec for every moment of every run, and data that says all that was measured."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lossviz.charts import confusion, pictures, probabilities, roles, training_curves
from lossviz.charts.training_curves import TITLES, Course
from lossviz.training import frames

ROWS = [
    (0, "loss", "train, after the epoch", 2.31, 9000),
    (0, "loss", "validation", 2.32, 1000),
    (0, "accuracy", "train, after the epoch", 0.11, 9000),
    (0, "accuracy", "validation", 0.1, 1000),
    (1, "loss", "train, during the epoch", 1.1, 9000),
    (1, "loss", "train, after the epoch", 0.6, 9000),
    (1, "loss", "validation", 0.65, 1000),
    (1, "accuracy", "train, after the epoch", 0.8, 9000),
    (1, "accuracy", "validation", 0.78, 1000),
]
CLASSES = tuple(f"class {place}" for place in range(10))


def course(rows: list[Any] = ROWS, steps: tuple[float, ...] = (2.3, 1.0, 0.7), epochs: int = 4) -> Course:
    """A run that has measured this much."""
    table = pd.DataFrame(rows, columns=pd.Index(["epoch", "measure", "line", "value", "images"]))
    return Course(table, steps, 3, epochs, "drawn garments")


def named_data(part: Any) -> set[str]:  # noqa: ANN401 - a part of a JSON document
    """The names of all datasets that a spec draws from."""
    if isinstance(part, dict):
        here = {part["data"]["name"]} if isinstance(part.get("data"), dict) else set()
        return here.union(*(named_data(value) for value in part.values()))
    return set[str]().union(*(named_data(value) for value in part)) if isinstance(part, list) else set()


def test_the_specs_find_their_data_and_name_no_run() -> None:
    data = training_curves.loss_datasets(course())
    assert named_data(training_curves.loss_spec()) == set(data)
    assert named_data(training_curves.accuracy_spec()) == set(training_curves.accuracy_datasets(course()))
    written = json.dumps([training_curves.loss_spec(), training_curves.accuracy_spec()])
    assert "garments" not in written
    assert "FashionMNIST" not in written


@pytest.mark.parametrize(
    "make",
    [training_curves.loss_datasets, training_curves.accuracy_datasets, training_curves.embed_datasets],
)
def test_every_moment_has_the_same_tables(make: Any) -> None:  # noqa: ANN401 - one of two functions
    before, after = make(course([], ())), make(course())
    assert list(before) == list(after)
    for name in before:
        assert list(before[name].columns) == list(after[name].columns)
        assert list(before[name].dtypes) == list(after[name].dtypes)


def test_the_frames_lines_are_the_charts_lines() -> None:
    assert set(TITLES) == {
        frames.TRAIN_DURING,
        frames.TRAIN_AFTER,
        frames.VALIDATION,
        training_curves.BY_STEP,
    }
    assert len(set(TITLES.values())) == len(TITLES)
    assert TITLES[frames.TRAIN_AFTER] != TITLES[frames.TRAIN_DURING]


def test_the_lines_differ_in_colour() -> None:
    worn = (roles.TRAIN_AFTER, roles.TRAIN_DURING, roles.TRAIN_BY_STEP, roles.VALIDATION)
    assert len(set(worn)) == len(worn)
    assert set(worn) <= set(roles.ROLES)


def test_the_datas_name_stands_on_every_picture() -> None:
    for data in (training_curves.loss_datasets(course()), training_curves.accuracy_datasets(course())):
        assert data["about"]["text"].tolist() == ["drawn garments"]


def test_every_measured_value_is_drawn() -> None:
    data = training_curves.loss_datasets(course())
    assert sorted(data["points"]["value"]) == sorted(row[3] for row in ROWS if row[1] == "loss")
    assert data["steps"]["epoch"].tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert data["steps"]["value"].tolist() == pytest.approx([2.3, 1.0, 0.7])
    accuracy = training_curves.accuracy_datasets(course())
    assert sorted(accuracy["points"]["value"]) == [0.1, 0.11, 0.78, 0.8]


def test_the_axes_are_the_runs_and_stay() -> None:
    first, later = training_curves.loss_datasets(course([], ())), training_curves.loss_datasets(course())
    assert first["frame"].equals(later["frame"])
    assert first["frame"]["epoch"].tolist() == [0, 4]
    assert first["frame"]["value"].max() > math.log(10)


def test_the_loss_axis_grows_for_what_leaves_it_and_marks_what_is_beyond() -> None:
    grown = training_curves.loss_datasets(course(steps=(2.3, 5.0)))
    assert grown["frame"]["value"].max() == 6
    assert not len(grown["beyond"])
    wild = training_curves.loss_datasets(course(steps=(2.3, 5e6, 2.0)))
    top = wild["frame"]["value"].max()
    assert wild["beyond"]["value"].tolist() == [top]
    assert wild["steps"]["value"].max() == top


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_written_out_and_never_drawn(bad: float) -> None:
    data = training_curves.loss_datasets(course(steps=(2.3, bad, bad)))
    assert data["notes"]["text"].tolist() == ["diverged: not finite at step 2"]
    assert np.isfinite(data["steps"]["value"]).all()
    rows = [*ROWS[:-4], (1, "loss", "validation", bad, 1000)]
    data = training_curves.loss_datasets(course(rows))
    assert data["notes"]["text"].tolist() == ["validation: not finite after epoch 1"]
    assert np.isfinite(data["points"]["value"]).all()


def test_a_long_run_is_thinned_with_its_extremes() -> None:
    losses = np.random.default_rng(0).random(20_000)
    losses[[777, 12_345]] = [9.0, -1.0]
    kept = training_curves.thinned(losses, len(losses))
    assert len(kept) <= training_curves.MOST_POINTS
    assert {777, 12_345} <= set(kept.tolist())
    assert (np.diff(kept) > 0).all()


def test_what_is_drawn_stays_as_the_run_goes_on() -> None:
    losses = np.random.default_rng(1).random(10_000)
    half = training_curves.thinned(losses[:5_000], len(losses)).tolist()
    whole = training_curves.thinned(losses, len(losses)).tolist()
    assert half == [step for step in whole if step < 5_000]


def test_a_short_run_is_drawn_whole() -> None:
    losses = np.linspace(2, 1, 100)
    assert training_curves.thinned(losses, 400).tolist() == list(range(100))


def test_the_confusion_matrix_shows_every_field() -> None:
    counts = pd.DataFrame(np.arange(100).reshape(10, 10), index=list(CLASSES), columns=list(CLASSES))
    data = confusion.datasets(counts, "drawn garments, 4,950 validation images")
    assert named_data(confusion.spec(CLASSES)) == set(data)
    fields = data["fields"].set_index(["true", "predicted"])
    assert fields.loc[("class 3", "class 4"), "count"] == 34
    assert fields.groupby("true")["share"].sum().tolist() == pytest.approx([1.0] * 10)
    assert data["about"]["text"].tolist() == ["drawn garments, 4,950 validation images"]


def test_a_class_without_images_has_no_share() -> None:
    counts = pd.DataFrame(np.zeros((10, 10), int), index=list(CLASSES), columns=list(CLASSES))
    assert confusion.datasets(counts, "")["fields"]["share"].eq(0).all()


def test_probabilities_name_the_true_class() -> None:
    data = probabilities.datasets(CLASSES, [0.05] * 9 + [0.55], 2)
    assert named_data(probabilities.spec(CLASSES)) == set(data)
    assert data["bars"]["text"].tolist()[2] == "5.0 %, true class"
    assert [role == roles.TARGET for role in data["bars"]["role"]].index(True) == 2


def test_pictures_are_enlarged_without_blur_and_set_apart() -> None:
    images = np.arange(3 * 28 * 28, dtype=np.uint32).reshape(3, 28, 28).astype(np.uint8)
    whole = pictures.sheet(images, columns=2, times=3, gap=6)
    assert whole.shape == (2 * 90, 2 * 90, 4)
    assert (whole[:84:3, :84:3, 0] == images[0]).all()
    assert (whole[84:90, :, 3] == 0).all()
    assert (whole[90:, 90:, 3] == 0).all()


@pytest.mark.parametrize("level", [2.302585, 0.0883, 147.4, 1.0, 0.5, 0.0, -0.3, math.nan])
def test_the_loss_axis_suits_the_size_of_the_loss(level: float) -> None:
    size = abs(level) if level and math.isfinite(level) else 1.0
    top = training_curves.axis_top([], level)
    assert 1.1 * size <= top <= 1.6 * size
    assert training_curves.axis_top([1e9], level) <= 4.4 * size
    assert training_curves.axis_top([top * 1.01], level) > top


def test_losses_below_zero_have_room() -> None:
    rows = [(0, "loss", "validation", 0.4, 100), (1, "loss", "validation", -1.3, 100)]
    frame = training_curves.loss_datasets(course(rows, (0.5, -1.4)))["frame"]
    assert frame["value"].min() == -2


def test_the_level_line_says_what_it_is_and_is_absent_where_it_is_not_known() -> None:
    known = replace(course(), chance_loss=0.0883, level="0.0883, always the mean image")
    reference = training_curves.loss_datasets(known)["reference"]
    assert reference.to_dict("records") == [{"value": 0.0883, "text": "0.0883, always the mean image"}]
    unknown = training_curves.loss_datasets(replace(known, chance_loss=math.nan))["reference"]
    assert not len(unknown)
    assert list(unknown.dtypes.items()) == list(reference.dtypes.items())


def test_an_embedding_is_drawn_by_its_neighbours_and_what_is_still_active() -> None:
    active = (1, "active share", "validation", 0.3, 1000)
    data = training_curves.embed_datasets(course([*ROWS, active]))
    assert named_data(training_curves.embed_spec()) == set(data)
    assert sorted(data["points"]["value"]) == [0.1, 0.11, 0.3, 0.78, 0.8]
    assert data["points"]["line"].notna().all()
    assert data["points"]["role"].nunique() == 3
