"""The images of a run, copied out of the data set into memory and onto the device."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from lossviz.training.data.dataset import Dataset
from lossviz.training.label_noise import with_label_noise
from lossviz.training.measure import Sample
from lossviz.training.settings import Settings
from lossviz.training.split import Split

MOST_WRONG_LABELS_MEASURED = 1_000


@dataclass(frozen=True, slots=True)
class Samples:
    """What a run trains on and what it holds out.

    Attributes:
        train: The images to train on, with the labels they are trained with.
        validation: Those held out.
        wrong: At most 1,000 training images whose label was replaced, with the wrong label; None where none was.
        wrong_labels: How many labels were replaced.
    """

    train: Sample
    validation: Sample
    wrong: Sample | None
    wrong_labels: int


def samples(settings: Settings, dataset: Dataset, picked: Split, device: torch.device) -> Samples:
    """The images of a run, bytes as they are, its label noise made."""
    validation = _sample(dataset, dataset.train_images, dataset.train_labels, picked.validation, device)
    train = _sample(dataset, dataset.train_images, dataset.train_labels, picked.train, device)
    right = train.labels.cpu()
    labels = with_label_noise(right, settings.label_noise, settings.seed)
    replaced = (labels != right).nonzero().flatten()
    if not len(replaced):
        return Samples(train, validation, None, 0)
    noisy = replace(train, labels=labels.to(device))
    some = replaced[:MOST_WRONG_LABELS_MEASURED].to(device)
    wrong = replace(noisy, images=noisy.images[some], labels=noisy.labels[some])
    return Samples(noisy, validation, wrong, len(replaced))


def test_sample(dataset: Dataset, device: torch.device) -> Sample:
    """All official test images."""
    everything = torch.arange(len(dataset.test_labels))
    return _sample(dataset, dataset.test_images, dataset.test_labels, everything, device)


def _sample(
    dataset: Dataset, images: np.ndarray, labels: np.ndarray, picked: Tensor, device: torch.device
) -> Sample:
    """Copy picked images from the map into memory, as bytes, onto the device."""
    pixels = torch.from_numpy(images[picked.numpy()]).unsqueeze(1)
    classes = torch.from_numpy(labels[picked.numpy()].astype(np.int64))
    return Sample(pixels.to(device), classes.to(device), dataset.mean * 255, dataset.std * 255)
