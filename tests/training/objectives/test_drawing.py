"""Partners drawn in a batch are what they are called, and drawn evenly."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from lossviz.training.objectives.drawing import TABLE_UP_TO, Partners, _from_rows, _from_table, draw


def dice() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("count", [20, TABLE_UP_TO, TABLE_UP_TO + 1, 500])
def test_positives_share_the_class_and_negatives_do_not(count: int) -> None:
    labels = torch.arange(count) % 10
    labels = labels[torch.randperm(count, generator=dice())]
    drawn = draw(labels, dice())
    assert (labels[drawn.positive] == labels).all()
    assert (drawn.positive != torch.arange(count)).all()
    assert (labels[drawn.negative] != labels).all()


def test_the_same_dice_draw_the_same_and_go_on_to_others() -> None:
    labels = torch.arange(64) % 10
    first, again, kept = dice(), dice(), []
    for _ in range(2):
        drawn = draw(labels, first)
        assert drawn.negative.tolist() == draw(labels, again).negative.tolist()
        kept.append(drawn.negative.tolist())
    assert kept[0] != kept[1]


@pytest.mark.parametrize("way", [_from_table, _from_rows])
def test_negatives_are_drawn_evenly(way: Callable[[torch.Tensor, torch.Generator], Partners]) -> None:
    labels = torch.tensor([0, 0, 0, 1, 1, 2])
    rolling, counts = dice(), torch.zeros(6)
    for _ in range(3_000):
        counts += way(labels, rolling).negative[:1].bincount(minlength=6)
    assert counts[:3].tolist() == [0, 0, 0]
    assert counts[3:].tolist() == pytest.approx([1_000] * 3, rel=0.1)


@pytest.mark.parametrize("way", [_from_table, _from_rows])
@pytest.mark.parametrize("labels", [[3], [3, 3], [3, 4], [0, 1, 2]])
def test_an_image_without_partner_is_its_own(
    labels: list[int], way: Callable[[torch.Tensor, torch.Generator], Partners]
) -> None:
    drawn = way(torch.tensor(labels), dice())
    for label, positive, negative in zip(
        labels, drawn.positive.tolist(), drawn.negative.tolist(), strict=True
    ):
        assert labels[positive] == label
        assert labels[negative] != label or len(set(labels)) == 1
