"""Images are picked by seed alone, and what is held out is never trained on."""

from __future__ import annotations

import pytest
import torch

from lossviz.training.errors import TrainingError
from lossviz.training.settings import Settings
from lossviz.training.split import split


def test_train_and_validation_images_are_different_ones() -> None:
    picked = split(Settings(train_size=1_000, validation_share=0.2), 5_000)
    assert (len(picked.train), len(picked.validation)) == (800, 200)
    both = torch.cat([picked.train, picked.validation])
    assert len(set(both.tolist())) == 1_000
    assert int(both.max()) < 5_000


def test_the_seed_decides() -> None:
    first, again = (split(Settings(seed=3), 20_000) for _ in range(2))
    other = split(Settings(seed=4), 20_000)
    assert torch.equal(first.train, again.train)
    assert not torch.equal(first.train, other.train)


def test_more_images_than_there_are_is_said() -> None:
    with pytest.raises(TrainingError, match="10,000 images are asked for and the data has 500"):
        split(Settings(train_size=10_000), 500)
