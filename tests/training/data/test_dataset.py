"""A data set is mapped as it was kept, with what normalises it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lossviz.training.classes import CLASS_NAMES
from lossviz.training.data.array_file import ArrayFileError
from lossviz.training.data.dataset import Dataset, keep_dataset, open_dataset, pixel_statistics


def test_the_data_is_what_its_name_says(dataset: Dataset, data_kind: str) -> None:
    sizes = (60_000, 10_000) if data_kind == "fashion-mnist" else (12_000, 2_000)
    assert dataset.name == ("FashionMNIST" if data_kind == "fashion-mnist" else "drawn garments")
    assert dataset.train_images.shape == (sizes[0], 28, 28)
    assert dataset.test_images.shape == (sizes[1], 28, 28)
    assert dataset.classes == CLASS_NAMES
    assert dataset.class_counts.sum() == sizes[0]
    assert not dataset.train_images.flags.writeable
    if data_kind == "fashion-mnist":
        assert (round(dataset.mean, 4), round(dataset.std, 4)) == (0.2860, 0.3530)  # as published
        assert set(dataset.class_counts) == {6_000}


def test_the_statistics_are_those_of_the_pixels(dataset: Dataset) -> None:
    pixels = dataset.train_images[:500].astype(np.float64) / 255
    mean, std = pixel_statistics(dataset.train_images[:500])
    assert mean == pytest.approx(pixels.mean(), rel=1e-12)
    assert std == pytest.approx(pixels.std(), rel=1e-12)


@pytest.mark.parametrize("wrong", ["labels", "classes", "missing"])
def test_arrays_that_do_not_fit_together_are_refused(tmp_path: Path, wrong: str) -> None:
    arrays = {
        "train_images": np.zeros((4, 28, 28), np.uint8),
        "train_labels": np.zeros(3 if wrong == "labels" else 4, np.uint8),
        "test_images": np.zeros((2, 28, 28), np.uint8),
        "test_labels": np.full(2, 10 if wrong == "classes" else 9, np.uint8),
    }
    if wrong == "missing":
        del arrays["test_labels"]
    keep_dataset(tmp_path / "kept", "name", "origin", arrays)
    with pytest.raises(ArrayFileError):
        open_dataset(tmp_path / "kept")
