"""The drawn garments: what is promised about the data set, and that it teaches what it is for."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from typing import Literal

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from lossviz.training.classes import CLASS_NAMES
from lossviz.training.data import garments
from lossviz.training.data.garment_dice import Dice
from lossviz.training.data.garments import RECIPES, SPLIT_SIZES, Split, draw, labels

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def whole_test_split() -> tuple[Pixels, Pixels]:
    return draw("test", 10_000)


@pytest.fixture(scope="module")
def train_images() -> tuple[Pixels, Pixels]:
    return draw("train", 7_000)


def test_splits_have_the_sizes_of_fashion_mnist_and_balanced_classes() -> None:
    assert SPLIT_SIZES == {"train": 60_000, "test": 10_000}
    for split, size in SPLIT_SIZES.items():
        assert np.bincount(labels(split)).tolist() == [size // 10] * 10


def test_labels_are_shuffled() -> None:
    first = labels("train")[:1_000]
    assert np.bincount(first, minlength=10).min() > 60
    neighbours = np.mean(first[1:] == first[:-1])
    assert 0.05 < neighbours < 0.16


def test_recipes_stand_in_the_order_of_the_class_names() -> None:
    names = [name.lower().replace("/top", "").replace("-", "_").replace(" ", "_") for name in CLASS_NAMES]
    assert [recipe.__name__ for recipe in RECIPES] == names


def test_images_are_28_by_28_uint8(whole_test_split: tuple[Pixels, Pixels]) -> None:
    images, their_labels = whole_test_split
    assert images.shape == (10_000, 28, 28)
    assert images.dtype == np.uint8
    assert their_labels.shape == (10_000,)
    assert their_labels.dtype == np.uint8
    assert np.array_equal(their_labels, labels("test"))


def test_every_image_is_a_bright_garment_on_black(whole_test_split: tuple[Pixels, Pixels]) -> None:
    pixels = whole_test_split[0].reshape(10_000, -1)
    assert pixels.max(axis=1).min() > 60
    lit = np.count_nonzero(pixels > 20, axis=1)
    assert lit.min() > 50
    assert lit.max() < 700
    assert 0.20 < pixels.mean() / 255 < 0.30
    assert 0.30 < pixels.std() / 255 < 0.40


def test_no_image_comes_twice(
    whole_test_split: tuple[Pixels, Pixels], train_images: tuple[Pixels, Pixels]
) -> None:
    seen = {image.tobytes() for images, _ in (whole_test_split, train_images) for image in images}
    assert len(seen) == 17_000


@pytest.mark.parametrize(
    ("split", "digest"),
    [
        ("train", "b73975a218237e79c62ffec2ec52cbdc7562a5cf32a39f63564ad32c731e4b80"),
        ("test", "edd2073d59a0d342d6e3b9d95c4050f4a7874b245aeb47b7dce8fec593fda3ad"),
    ],
)
def test_seed_0_draws_the_same_images_on_every_machine(split: Literal["train", "test"], digest: str) -> None:
    images, their_labels = draw(split, 200, seed=0)
    assert hashlib.sha256(images.tobytes() + their_labels.tobytes()).hexdigest() == digest


@pytest.mark.parametrize("count", [0, 1, 999, 1_000, 1_001, 2_500])
def test_an_image_is_the_same_whatever_count_is_asked_for(
    whole_test_split: tuple[Pixels, Pixels], count: int
) -> None:
    images, their_labels = draw("test", count)
    assert images.shape == (count, 28, 28)
    assert np.array_equal(images, whole_test_split[0][:count])
    assert np.array_equal(their_labels, whole_test_split[1][:count])


def test_the_number_of_threads_changes_nothing(
    whole_test_split: tuple[Pixels, Pixels], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garments, "_MOST_THREADS", 1)
    assert np.array_equal(draw("test", 3_000)[0], whole_test_split[0][:3_000])


def test_seeds_and_splits_differ() -> None:
    images, their_labels = draw("train", 100, seed=0)
    for split, seed in (("train", 1), ("test", 0)):
        other_images, other_labels = draw("train" if split == "train" else "test", 100, seed)
        assert not np.array_equal(other_labels, their_labels)
        assert not (other_images == images).all(axis=(1, 2)).any()


def test_recipes_keep_to_float32() -> None:
    for number, recipe in enumerate(RECIPES):
        shades = recipe(Dice(3, 0, number))
        assert shades.shape == (3, 28, 28)
        assert shades.dtype == np.float32
        assert np.isfinite(shades).all()


def test_progress_is_told_in_order_from_the_calling_thread() -> None:
    told: list[tuple[int, int, int]] = []
    draw("test", 2_500, progress=lambda done, total: told.append((done, total, threading.get_ident())))
    here = threading.get_ident()
    assert told == [(1_000, 2_500, here), (2_000, 2_500, here), (2_500, 2_500, here)]


@pytest.mark.parametrize(
    ("split", "count", "seed", "message"),
    [
        ("validation", 10, 0, "split is 'validation'; drawn garments have the splits 'train' and 'test'"),
        ("train", -1, 0, "count is -1; the train split has 0 to 60000 images"),
        ("test", 10_001, 0, "count is 10001; the test split has 0 to 10000 images"),
        ("test", 10, -1, "seed is -1; it must be 0 or more"),
    ],
)
def test_bad_arguments_are_named(split: Split, count: int, seed: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw(split, count, seed)


def test_a_nearest_mean_is_no_answer_but_no_guess_either(whole_test_split: tuple[Pixels, Pixels]) -> None:
    images, their_labels = whole_test_split
    flat = images.reshape(10_000, -1).astype(np.float64)
    means = np.stack([flat[:5_000][their_labels[:5_000] == label].mean(axis=0) for label in range(10)])
    distances = (means**2).sum(axis=1) - 2 * flat[5_000:] @ means.T
    right = distances.argmin(axis=1) == their_labels[5_000:]
    recall = np.array([right[their_labels[5_000:] == label].mean() for label in range(10)])
    assert 0.60 < right.mean() < 0.72
    assert CLASS_NAMES[int(recall.argmin())] == "Shirt"


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Threads that wait for each other on a busy machine cost more than they bring here."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _tensors(data: tuple[Pixels, Pixels]) -> tuple[torch.Tensor, torch.Tensor]:
    images = torch.from_numpy(data[0]).unsqueeze(1).float() / 255
    images = ((images - 0.24) / 0.35).contiguous(memory_format=torch.channels_last)
    return images, torch.from_numpy(data[1]).long()


def _scores(model: nn.Module, images: torch.Tensor, targets: torch.Tensor) -> tuple[float, float]:
    with torch.inference_mode():
        output = model(images)
        loss = nn.functional.cross_entropy(output, targets)
        return float(loss), float((output.argmax(1) == targets).float().mean())


def _fit(
    model: nn.Module, images: torch.Tensor, targets: torch.Tensor, epochs: int, learning_rate: float = 1e-3
) -> Iterator[None]:
    """Train by Adam with batches of 64, and hand over after every epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    for _ in range(epochs):
        order = torch.randperm(len(images))
        for first in range(0, len(order), 64):
            batch = order[first : first + 64]
            optimizer.zero_grad()
            torch.autograd.backward(nn.functional.cross_entropy(model(images[batch]), targets[batch]))
            optimizer.step()
        yield


@pytest.mark.usefixtures("one_thread")
def test_a_small_cnn_beats_a_linear_model_and_stays_below_perfect(
    train_images: tuple[Pixels, Pixels],
) -> None:
    images, targets = _tensors(train_images)
    torch.manual_seed(0)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    for _ in _fit(linear, images[:4_000], targets[:4_000], epochs=8):
        pass
    cnn = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 10),
    ).to(memory_format=torch.channels_last)
    for _ in _fit(cnn, images[:4_000], targets[:4_000], epochs=4, learning_rate=2e-3):
        pass
    _, linear_accuracy = _scores(linear, images[5_000:], targets[5_000:])
    _, cnn_accuracy = _scores(cnn, images[5_000:], targets[5_000:])
    assert 0.74 < linear_accuracy < 0.84
    assert linear_accuracy + 0.03 < cnn_accuracy < 0.92


@pytest.mark.usefixtures("one_thread")
def test_a_small_sample_overfits_visibly(train_images: tuple[Pixels, Pixels]) -> None:
    images, targets = _tensors(train_images)
    torch.manual_seed(0)
    mlp = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
    )
    train_accuracies, validation_losses = [], []
    for _ in _fit(mlp, images[:450], targets[:450], epochs=40):
        train_accuracies.append(_scores(mlp, images[:450], targets[:450])[1])
        validation_losses.append(_scores(mlp, images[5_000:5_500], targets[5_000:5_500])[0])
    assert max(train_accuracies) > 0.97
    assert validation_losses[-1] > 1.2 * min(validation_losses)
