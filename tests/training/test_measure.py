"""Measuring equals an independent measuring, image by image."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from lossviz.training import models
from lossviz.training.data.dataset import Dataset
from lossviz.training.measure import BATCH, Sample, measure, normalise
from lossviz.training.objective import objective
from lossviz.training.settings import Settings

COUNT = 2 * BATCH + 37  # a last batch of another size shows a mean of means


@pytest.fixture(scope="module")
def sample(dataset: Dataset) -> Sample:
    images = torch.from_numpy(np.array(dataset.train_images[:COUNT])).unsqueeze(1)
    labels = torch.from_numpy(dataset.train_labels[:COUNT].astype(np.int64))
    return Sample(images, labels, dataset.mean * 255, dataset.std * 255)


def test_values_are_means_over_images(sample: Sample, dataset: Dataset) -> None:
    model = models.build("mlp")
    measured = measure(model, objective(Settings()), sample, keep_probabilities=True)
    with torch.no_grad():
        logits = model((sample.images / 255 - dataset.mean) / dataset.std)
    assert measured.images == COUNT
    assert measured.loss == pytest.approx(nn.CrossEntropyLoss()(logits, sample.labels).item(), rel=1e-5)
    assert measured.accuracy == (logits.argmax(dim=1) == sample.labels).double().mean().item()
    assert measured.probabilities is not None
    torch.testing.assert_close(measured.probabilities, logits.softmax(dim=1), rtol=1e-4, atol=1e-6)


def test_normalised_pixels_have_mean_0_and_deviation_1(dataset: Dataset) -> None:
    images = torch.from_numpy(np.array(dataset.train_images))
    values = normalise(images, dataset.mean * 255, dataset.std * 255)
    assert values.dtype == torch.float32
    assert values.mean(dtype=torch.float64).item() == pytest.approx(0, abs=1e-4)
    assert values.double().std().item() == pytest.approx(1, abs=1e-4)


def test_measuring_ends_when_it_is_enough(sample: Sample) -> None:
    measured = measure(models.build("linear"), objective(Settings()), sample, enough=lambda: True)
    assert measured.images == BATCH


def test_the_network_is_measured_in_eval_mode_and_left_in_train_mode(sample: Sample) -> None:
    modes = []

    class Watcher(nn.Flatten):
        def forward(self, values: torch.Tensor) -> torch.Tensor:
            modes.append(self.training)
            return super().forward(values)

    model = nn.Sequential(Watcher(), nn.Linear(784, 10))
    measure(model, objective(Settings()), sample.first(5))
    assert modes == [False]
    assert model.training
