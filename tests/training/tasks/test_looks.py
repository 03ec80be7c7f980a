"""Planes and pictures travel as text and come back as they were."""

from __future__ import annotations

import numpy as np

from lossviz.training.events import Epoch, Initial, from_line, to_line
from lossviz.training.tasks.looks import PICTURES, POINTS, Pictures, Plane

DICE = np.random.default_rng(0)
NUMBERS = (1, 0.5, 0.4, 0.1, 90, 0.5, 0.2, 10, 100.0, 1.0)


def test_a_plane_comes_back_and_is_small() -> None:
    points = DICE.normal(size=(POINTS, 2)).astype(np.float32)
    points[0] = np.nan
    plane = Plane.pack(list(range(POINTS)), [3] * POINTS, points)
    line = to_line(Epoch(*NUMBERS, plane=plane, metrics={"active share": 0.25}))
    event = from_line(line)
    assert isinstance(event, Epoch)
    assert event.plane == plane
    np.testing.assert_array_equal(event.plane.points, points)
    assert event.metrics == {"active share": 0.25}
    assert len(line) < 10_000


def test_pictures_come_back_and_are_small() -> None:
    originals, drawn = DICE.integers(0, 256, (2, PICTURES, 28, 28), dtype=np.uint8)
    pictures = Pictures.pack(list(range(PICTURES)), [1] * PICTURES, originals, drawn)
    line = to_line(
        Initial(0.1, float("nan"), 0.1, float("nan"), 90, 10, {"x": float("inf")}, pictures=pictures)
    )
    event = from_line(line)
    assert isinstance(event, Initial)
    assert event.pictures == pictures
    np.testing.assert_array_equal(event.pictures.originals, originals)
    np.testing.assert_array_equal(event.pictures.reconstructions, drawn)
    assert event.metrics == {"x": float("inf")}
    assert len(line) < 25_000
