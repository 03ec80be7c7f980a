"""The plane of boxes: what it draws is looked up, and what it is drawn from is torch's."""

from __future__ import annotations

import json
from itertools import pairwise

import pandas as pd
import pytest
import torch
import torchvision

from lossviz.charts import boxes, picture
from lossviz.losses.box_knobs import HEIGHTS_OVERLAP, ONE_MINUS_IOU, OVERLAP_ZONE, TRUE_BOX
from lossviz.losses.call import exact
from lossviz.losses.catalogue import catalogue, in_category
from lossviz.losses.checks import boxes_ordered
from lossviz.losses.entry import LossEntry
from lossviz.losses.formula import evaluate
from lossviz.losses.lattice import lattice, overlay_lattice

ENTRIES = in_category("boxes")
every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
SHIFTS = {"overlapping": 4.0, "apart": 2.0, "far": 0.0}


@every_entry
def test_the_plane_holds_a_cell_for_every_place_of_the_centre(entry: LossEntry) -> None:
    (cells,) = boxes.datasets(entry, entry.chosen({}), ()).values()
    x, y, *_ = entry.knobs
    assert len(cells) == x.count * y.count
    assert set(zip(cells["x"], cells["y"], strict=True)) == {(a, b) for a in x.values for b in y.values}
    for _, row in cells.groupby("y"):
        # No gap between two cells into which a hand could fall.
        assert all(right == left for right, left in pairwise_edges(row))


def pairwise_edges(row: pd.DataFrame) -> list[tuple[float, float]]:
    """The right edge of every cell with the left edge of the next."""
    cells = list(zip(row["left"], row["right"], strict=True))
    return [(first[1], second[0]) for first, second in pairwise(cells)]


@every_entry
def test_a_drag_moves_the_centre_in_both_directions(entry: LossEntry) -> None:
    assert set(boxes.drags(entry)) == {"x", "y"}
    params = {param["name"]: param for param in picture.spec(entry)["params"]}
    assert all("pointermove" in json.dumps(params[f"{key}_knob"]["select"]["on"]) for key in ("x", "y"))
    assert "pointermove" not in json.dumps(params["width_knob"]["select"]["on"])


@every_entry
def test_no_number_of_the_moment_is_in_the_spec(entry: LossEntry) -> None:
    before = json.dumps(picture.spec(entry))
    for label in TRUE_BOX.choices:
        picture.datasets(entry, (("target", label),))
    assert json.dumps(picture.spec(entry)) == before
    assert not any(character.isdigit() for character in boxes.alt_text(entry))


def test_a_loss_without_boxes_is_refused() -> None:
    with pytest.raises(ValueError, match="no box"):
        boxes.drags(catalogue()["MSELoss"])


@every_entry
def test_the_overlap_and_the_pull_are_torchs(entry: LossEntry) -> None:
    settings = entry.defaults | {"x": 4.25, "y": 3.5, "width": 1.5}
    said = exact(entry, settings)
    prediction = torch.tensor([[4.25, 3.5, 1.5, 2.0]], requires_grad=True)
    corners = torchvision.ops.box_convert(prediction, "cxcywh", "xyxy")
    target = torch.tensor([[4.0, 2.0, 6.0, 4.0]])
    assert said.probes["iou"] == pytest.approx(torchvision.ops.box_iou(corners, target).flatten().tolist())
    getattr(torchvision.ops, entry.name)(corners, target).sum().backward()
    assert prediction.grad is not None
    assert said.probes["gradient_of_box"] == pytest.approx(prediction.grad[0].tolist())
    assert said.gradient == said.probes["gradient_of_box"][0]


@every_entry
def test_without_overlap_one_minus_iou_is_stuck_and_the_others_pull(entry: LossEntry) -> None:
    table, plain = lattice(entry), overlay_lattice(entry, "1-IoU")
    apart = table["iou"] == 0
    assert 0.3 < apart.mean() < 0.9
    assert (plain.loss[apart] == 1).all()
    # Where the boxes just touch, clamp lets a gradient through.
    assert (plain.gradient[apart] == 0).mean() > 0.9
    assert (table.loss[apart] >= 1).all()
    assert (table.gradient[apart] != 0).mean() > 0.9
    assert not table.isna().to_numpy().any()


@pytest.mark.parametrize(("name", "x"), SHIFTS.items())
def test_one_minus_iou_is_box_iou(name: str, x: float) -> None:
    said = exact(ONE_MINUS_IOU, ONE_MINUS_IOU.defaults | {"x": x, "y": 3.0})
    overlap = max(0.0, 2 - abs(5 - x)) * 2
    assert said.loss == pytest.approx(1 - overlap / (8 - overlap)), name


def test_the_shaded_zone_is_where_boxes_overlap() -> None:
    entry = ENTRIES[0]
    for label in TRUE_BOX.choices:
        for y in entry.knobs[1].values:
            numbers = entry.numbers(entry.defaults | {"y": y, "height": 1, "target": label})
            start, end = (evaluate(edge, numbers) for edge in (OVERLAP_ZONE.start, OVERLAP_ZONE.end))
            if evaluate(HEIGHTS_OVERLAP, numbers):
                half = (numbers["width"] + numbers["target_2"]) / 2
                assert (start, end) == (5 - half, 5 + half)
            else:
                assert start == end == 5


@every_entry
def test_what_is_said_of_inverted_boxes_is_what_lossviz_says(entry: LossEntry) -> None:
    (refused,) = (edge for edge in entry.edges if edge.refused)
    with pytest.raises(ValueError, match="corners in order") as raised:
        boxes_ordered([[2, 2, 0, 0]])
    assert str(raised.value) == refused.says
