"""Label noise: so many labels, each another class, the same ones for the same seed."""

from __future__ import annotations

import pytest
import torch

from lossviz.training.label_noise import with_label_noise

LABELS = torch.arange(1_000) % 10


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_exactly_the_share_gets_another_class(share: float) -> None:
    noisy = with_label_noise(LABELS, share, 0)
    assert (noisy != LABELS).sum().item() == round(share * 1_000)
    assert 0 <= int(noisy.min()) <= int(noisy.max()) <= 9
    assert torch.equal(LABELS, torch.arange(1_000) % 10)


def test_the_seed_draws_and_a_smaller_share_is_part_of_a_larger_one() -> None:
    few, many = with_label_noise(LABELS, 0.2, 0), with_label_noise(LABELS, 0.4, 0)
    assert torch.equal(few, with_label_noise(LABELS, 0.2, 0))
    assert not torch.equal(few, with_label_noise(LABELS, 0.2, 1))
    replaced = few != LABELS
    assert torch.equal(few[replaced], many[replaced])


def test_every_wrong_class_is_as_likely() -> None:
    labels = torch.zeros(9_000, dtype=torch.int64)
    counts = with_label_noise(labels, 0.9, 3).bincount(minlength=10)
    assert counts[0] == 900
    assert (counts[1:] - 900).abs().max() < 120  # four standard deviations


def test_it_does_not_pick_the_first_batch() -> None:
    first = torch.randperm(1_000, generator=torch.Generator().manual_seed(0))[:100]
    assert (with_label_noise(LABELS, 0.1, 0) != LABELS)[first].sum() < 30
