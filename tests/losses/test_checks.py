"""What lossviz refuses before torch sees it."""

from __future__ import annotations

import math

import pytest

from lossviz.losses import checks


def test_usable_inputs_pass() -> None:
    checks.ctc_targets([(1, 2, 1), (1,), ()], classes=3)
    checks.ctc_targets([(0, 1)], classes=3, blank=2)
    checks.not_empty(1, "MultiMarginLoss")
    checks.boxes_ordered([(0, 0, 1, 2), (-3.5, 1, -1, 1.25)])


@pytest.mark.parametrize("label", [3, 100, -1, -100])
def test_a_ctc_label_must_be_a_class(label: int) -> None:
    with pytest.raises(ValueError, match=rf"sample 1 has the label {label},.* Take labels from 0 to 2"):
        checks.ctc_targets([(1, 2), (1, label)], classes=3)


@pytest.mark.parametrize("blank", [0, 2])
def test_a_ctc_label_must_not_be_the_blank(blank: int) -> None:
    with pytest.raises(ValueError, match=r"which is the blank\. Leave blanks out"):
        checks.ctc_targets([(1, blank)], classes=3, blank=blank)


@pytest.mark.parametrize("loss", ["MultiMarginLoss", "MultiLabelMarginLoss"])
def test_a_batch_must_not_be_empty(loss: str) -> None:
    with pytest.raises(ValueError, match=rf"The batch is empty\. {loss} .* Skip empty batches"):
        checks.not_empty(0, loss)


@pytest.mark.parametrize(
    ("box", "axis"),
    [
        ((2, 0, 1, 1), "x"),
        ((1, 0, 1, 1), "x"),
        ((0, 3, 1, 1), "y"),
        ((0, 1, 1, 1), "y"),
        ((math.nan, 0, 1, 1), "x"),
    ],
)
def test_a_box_must_have_its_corners_in_order(box: tuple[float, ...], axis: str) -> None:
    with pytest.raises(ValueError, match=rf"Box 1 .* {axis}1 < {axis}2"):
        checks.boxes_ordered([(0, 0, 1, 1), box])


def test_a_box_has_four_numbers() -> None:
    with pytest.raises(ValueError, match="Box 0 has 3 numbers"):
        checks.boxes_ordered([(0, 0, 1)])
