"""The images of a run on drawn garments, for a script that cannot draw them. Imports torch when it is called."""

from __future__ import annotations

import io
import threading
import zipfile

import numpy as np

from lossviz.training.data.dataset import Dataset
from lossviz.training.settings import Settings

# For all 60,000 images it takes seconds and 60 MB: a classroom gets its files one after the other.
_ONE_AT_A_TIME = threading.Lock()


def arrays(settings: Settings, dataset: Dataset) -> bytes:
    """An .npz file with the images that a run trained on, held out and tested with.

    Args:
        settings: Which images: the seed and the sizes are read.
        dataset: The data of the run.

    Returns:
        train_images, validation_images and test_images, uint8 (N, 28, 28), and their labels, uint8 (N,), in the
        order in which the run measures them; and name, the data's.

    Raises:
        TrainingError: The data has fewer images than the run took.
    """
    from lossviz.training.split import split

    picked = split(settings, len(dataset.train_labels))
    train, held_out = picked.train.numpy(), picked.validation.numpy()
    parts = {
        "name": np.array(dataset.name),
        "train_images": dataset.train_images[train],
        "train_labels": dataset.train_labels[train],
        "validation_images": dataset.train_images[held_out],
        "validation_labels": dataset.train_labels[held_out],
        "test_images": dataset.test_images,
        "test_labels": dataset.test_labels,
    }
    whole = io.BytesIO()
    with _ONE_AT_A_TIME, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in parts.items():
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, np.asarray(array, order="C"), allow_pickle=False)
    return whole.getvalue()
