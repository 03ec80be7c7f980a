"""The data a run trains on, mapped from its array files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.training.classes import CLASS_NAMES
from lossviz.training.data import array_file

Bytes = NDArray[np.uint8]

_COUNTED_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Dataset:
    """Images and their classes, in two splits.

    Attributes:
        name: "FashionMNIST" or "drawn garments".
        origin: A sentence: where it came from.
        train_images: uint8, shape (60,000, 28, 28), 0 black to 255 white.
        train_labels: uint8, shape (60,000,), 0 to 9.
        test_images: uint8, shape (10,000, 28, 28).
        test_labels: uint8, shape (10,000,).
        mean: Mean of all train pixels on the scale 0 to 1.
        std: Their standard deviation on that scale.
        classes: The names of the ten classes.
    """

    name: str
    origin: str
    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes
    mean: float
    std: float
    classes: tuple[str, ...] = CLASS_NAMES

    @property
    def class_counts(self) -> NDArray[np.int64]:
        """How many train images each class has, shape (10,)."""
        return np.bincount(self.train_labels, minlength=len(self.classes)).astype(np.int64)


def keep_dataset(
    folder: Path,
    name: str,
    origin: str,
    arrays: Mapping[str, Bytes],
    about: Mapping[str, Any] | None = None,
) -> None:
    """Write a data set's arrays with what its pixels' mean and deviation are.

    Args:
        folder: Where; an older one is replaced.
        name: "FashionMNIST" or "drawn garments".
        origin: A sentence: where it came from.
        arrays: train_images, train_labels, test_images, test_labels, uint8.
        about: What else to keep.
    """
    mean, std = pixel_statistics(arrays["train_images"])
    facts = {**(about or {}), "name": name, "origin": origin, "mean": mean, "std": std}
    array_file.write(folder, arrays, facts)


def open_dataset(folder: Path, origin: str | None = None, *, verify: bool = True) -> Dataset:
    """Map a kept data set.

    Args:
        folder: Where it is kept: `DataStatus.dataset_folder`.
        origin: The sentence on where it came from, where it differs from the one kept.
        verify: Whether to compare checksums (about 0.1 s), not only sizes and shapes.

    Returns:
        The data set; its arrays are read-only maps.

    Raises:
        ArrayFileError: A file is missing or damaged, or the arrays do not fit together.
    """
    facts = array_file.about(folder) or {}
    arrays = array_file.read(folder, verify=verify)
    try:
        dataset = Dataset(
            name=str(facts["name"]),
            origin=origin or str(facts["origin"]),
            train_images=arrays["train_images"],
            train_labels=arrays["train_labels"],
            test_images=arrays["test_images"],
            test_labels=arrays["test_labels"],
            mean=float(facts["mean"]),
            std=float(facts["std"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise array_file.ArrayFileError(folder / array_file.ABOUT, f"lacks {error}") from error
    for images, labels in (
        (dataset.train_images, dataset.train_labels),
        (dataset.test_images, dataset.test_labels),
    ):
        if images.shape != (len(labels), 28, 28) or int(labels.max(initial=0)) >= len(CLASS_NAMES):
            raise array_file.ArrayFileError(folder, "holds images and labels that do not fit together")
    return dataset


def pixel_statistics(images: Bytes) -> tuple[float, float]:
    """Mean and standard deviation of all pixels on the scale 0 to 1.

    Args:
        images: uint8, any shape.

    Returns:
        Mean and (population) standard deviation, exact up to rounding: taken from the counts of the 256 values.
    """
    pixels = images.reshape(-1)
    # bincount makes eight bytes of each: of all at once, 376 MB.
    parts = (pixels[start : start + _COUNTED_AT_ONCE] for start in range(0, len(pixels), _COUNTED_AT_ONCE))
    counts = sum((np.bincount(part, minlength=256) for part in parts), np.zeros(256, np.int64))
    values = np.arange(256) / 255
    mean = float(np.average(values, weights=counts))
    return mean, float(np.sqrt(np.average((values - mean) ** 2, weights=counts)))
