"""The plane of an embedding: one spec for every moment, every class told apart, axes that do not shrink."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lossviz.charts import embedding_plane
from lossviz.training.classes import CLASS_NAMES
from tests.charts.test_training_curves import named_data

DICE = np.random.default_rng(0)
EARLY, LATE = (DICE.normal(0, size, (30, 2)).astype(np.float32) for size in (0.5, 3.0))
LABELS = [place % 10 for place in range(30)]


def test_the_spec_finds_its_data_and_names_no_run() -> None:
    spec = embedding_plane.spec(CLASS_NAMES)
    data = embedding_plane.datasets(CLASS_NAMES, [EARLY], LABELS, "drawn garments", "after epoch 1 of 2")
    assert named_data(spec) == set(data)
    assert "garments" not in json.dumps(spec)


def test_every_moment_has_the_same_tables() -> None:
    before = embedding_plane.datasets(CLASS_NAMES, [], [], "", "before the first step")
    after = embedding_plane.datasets(CLASS_NAMES, [EARLY, LATE], LABELS, "FashionMNIST", "after epoch 1 of 2")
    for name in before:
        assert list(before[name].dtypes.items()) == list(after[name].dtypes.items())
    assert len(after["points"]) == 30


def test_every_class_has_a_shape_of_its_own() -> None:
    shapes = [
        layer["encoding"]["shape"]["scale"]
        for layer in embedding_plane.spec(CLASS_NAMES)["layer"]
        if "shape" in layer.get("encoding", {})
    ]
    (scale,) = shapes
    assert sorted(scale["domain"]) == sorted(CLASS_NAMES)
    assert len(set(scale["range"])) == len(CLASS_NAMES)


def test_the_axes_hold_every_point_so_far_and_do_not_shrink() -> None:
    reach = embedding_plane.reach([LATE])
    assert reach >= np.abs(LATE).max()
    assert embedding_plane.reach([LATE, EARLY]) == reach
    assert embedding_plane.reach([np.zeros((3, 2), np.float32)]) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_points_that_are_not_finite_are_counted_and_not_drawn(bad: float) -> None:
    plane = LATE.copy()
    plane[:4, 0] = bad
    data = embedding_plane.datasets(CLASS_NAMES, [plane], LABELS, "FashionMNIST", "")
    assert len(data["points"]) == 26
    assert data["about"]["note"].tolist() == ["4 points are not finite"]
    assert data["points"]["class"].tolist() == [CLASS_NAMES[label] for label in LABELS[4:]]
