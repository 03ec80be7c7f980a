"""The picture of an adaptive head: boxes as wide as their probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from lossviz.charts import cluster_tree
from lossviz.losses.catalogue import catalogue
from lossviz.losses.cluster_head import CLASSES, HEAD
from lossviz.losses.lattice import lattice

ADAPTIVE = catalogue()["AdaptiveLogSoftmaxWithLoss"]
TARGETS = [str(target) for target in range(CLASSES)]


def boxes(target: str) -> tuple[list[str], list[str]]:
    """The names of all boxes, and of those that are marked, for a target."""
    frame = cluster_tree.datasets(ADAPTIVE, ADAPTIVE.chosen({"target": target}), ())["clusters"]
    return frame["name"].tolist(), frame.loc[frame["true"], "name"].tolist()


def test_there_is_a_box_for_each_output_of_the_head_and_each_class() -> None:
    names, _ = boxes("0")
    assert names == ["class 0", "class 1", "cluster 1", "cluster 2", *TARGETS]


@pytest.mark.parametrize("target", TARGETS)
def test_the_way_to_the_true_class_is_marked(target: str) -> None:
    slots = ["class 0", "class 1", *["cluster 1"] * 3, *["cluster 2"] * 5]
    assert boxes(target)[1] == [slots[int(target)], target]


def test_both_rows_are_as_wide_as_the_picture_and_stand_one_above_the_other() -> None:
    table = lattice(ADAPTIVE, ADAPTIVE.chosen({}))
    head = table[[f"head_{slot}" for slot in range(len(HEAD))]].to_numpy(float)
    classes = table[[f"probability_{number}" for number in range(CLASSES)]].to_numpy(float)
    assert head.sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert classes.sum(axis=1) == pytest.approx(1, abs=1e-6)
    slot_of = np.array([cluster_tree.slot_of(number) for number in range(CLASSES)])
    for slot in range(len(HEAD)):
        assert classes[:, slot_of == slot].sum(axis=1) == pytest.approx(head[:, slot], abs=1e-6)


def test_the_loss_is_that_of_the_full_log_probability() -> None:
    table = lattice(ADAPTIVE, ADAPTIVE.chosen({}))
    assert table["minus_full_log_prob"].to_numpy() == pytest.approx(table["loss"].to_numpy(), rel=1e-6)
