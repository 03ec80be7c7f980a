"""The plane of a triplet: torch's numbers in its tables, and an outline that ends where torch's loss does."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lossviz.charts import triplet_plane
from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry, Settings
from lossviz.losses.lattice import lattice

TRIPLET, WITH_DISTANCE = catalogue()["TripletMarginLoss"], catalogue()["TripletMarginWithDistanceLoss"]
ANCHOR = {"0,0": (0.0, 0.0), "-1,0": (-1.0, 0.0), "1,1": (1.0, 1.0)}
NORMS = {"1": 1.0, "2": 2.0, "inf": math.inf}


def test_the_pairs_hold_distances_and_descents_as_torch_says_them() -> None:
    pairs = triplet_plane.datasets(TRIPLET, TRIPLET.chosen({}), ())["triplet_pairs"]
    knobs = TRIPLET.knobs
    draw = np.random.default_rng(3)
    for _ in range(20):
        places = [int(draw.integers(knob.count)) for knob in knobs[:4]]
        n_x, n_y, p_x, p_y = (knob.values[place] for knob, place in zip(knobs, places, strict=False))
        strides = np.cumprod([1, *(knob.count for knob in knobs[:3])])
        row = pairs.iloc[int(np.dot(places, strides))]
        points = {
            "anchor": torch.zeros(1, 2, requires_grad=True),
            "positive": torch.tensor([[p_x, p_y]], requires_grad=True),
            "negative": torch.tensor([[n_x, n_y]], requires_grad=True),
        }
        torch.nn.TripletMarginLoss(margin=50.0)(*points.values()).backward()
        distance = torch.nn.PairwiseDistance()
        assert row["ap"] == pytest.approx(distance(points["anchor"], points["positive"]).item())
        assert row["pn"] == pytest.approx(distance(points["positive"], points["negative"]).item())
        for name, point in points.items():
            assert point.grad is not None
            pull = [row[f"{name}_pull_0"], row[f"{name}_pull_1"]]
            assert pull == pytest.approx((-point.grad[0]).tolist(), abs=1e-5)


@pytest.mark.parametrize("p", list(NORMS))
@pytest.mark.parametrize("anchor", list(ANCHOR))
def test_the_outline_is_where_torchs_loss_ends(anchor: str, p: str) -> None:
    data = triplet_plane.datasets(TRIPLET, TRIPLET.chosen({"anchor": anchor, "p": p}), ())
    ball = data["triplet_edge"].query("body == 0")
    a_x, a_y = ANCHOR[anchor]
    settings: Settings = {
        "positive_x": 0.5,
        "positive_y": -0.5,
        "margin": 1.5,
        "anchor": anchor,
        "p": p,
        "swap": "off",
    }
    # The radius that the picture looks up: torch's loss with the negative on the anchor.
    radius = exact(TRIPLET, {**settings, "negative_x": a_x, "negative_y": a_y}).loss
    for _, unit in ball.iloc[::15].iterrows():
        for share, free in ((0.999, False), (1.001, True)):
            there = {
                "negative_x": a_x + share * radius * float(unit["unit_x"]),
                "negative_y": a_y + share * radius * float(unit["unit_y"]),
            }
            assert (exact(TRIPLET, {**settings, **there}).loss == 0) == free


def test_with_swap_there_is_a_ball_around_the_positive_too() -> None:
    def bodies(swap: str) -> list[int]:
        data = triplet_plane.datasets(TRIPLET, TRIPLET.chosen({"swap": swap}), ())
        return sorted(set(data["triplet_edge"]["body"]))

    assert (bodies("off"), bodies("on")) == ([0, 2], [0, 1, 2])


def test_a_distance_that_is_no_norm_has_no_outline_but_whole_cells() -> None:
    for label, whole in (("euclidean", False), ("cosine", True)):
        data = triplet_plane.datasets(WITH_DISTANCE, WITH_DISTANCE.chosen({"distance_function": label}), ())
        assert data["triplet_cells"]["whole"].eq(whole).all()
        assert (data["triplet_edge"]["body"] == 0).any() != whole


def test_the_cells_are_the_places_of_the_negative_and_reach_beyond_the_page() -> None:
    cells = triplet_plane.datasets(TRIPLET, TRIPLET.chosen({}), ())["triplet_cells"]
    across, up, positive_x, _, _ = TRIPLET.knobs
    assert len(cells) == across.count * up.count
    assert set(cells["negative_x"]) == set(across.values)
    assert set(cells["positive_x"]) == set(positive_x.values)
    assert cells["left"].min() < -20
    assert cells["top"].max() > 20


@pytest.mark.parametrize("entry", [TRIPLET, WITH_DISTANCE], ids=lambda entry: entry.name)
def test_what_an_option_changes_is_data_of_the_same_kind_and_fits_a_page(entry: LossEntry) -> None:
    first = triplet_plane.datasets(entry, entry.chosen({}), ())
    for option in entry.options:
        for label in option.choices:
            chosen = entry.chosen({option.key: label})
            data = triplet_plane.datasets(entry, chosen, ())
            for name, frame in data.items():
                assert list(frame.columns) == list(first[name].columns)
                assert list(frame.dtypes) == list(first[name].dtypes)
            size = sum(
                frame.memory_usage(index=False).sum()
                for frame in (data["triplet_pairs"], lattice(entry, chosen))
            )
            assert size <= 500_000
