"""A fair race: what differs between two runs of one seed is what was chosen, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lossviz.training import engine
from lossviz.training.data.dataset import Dataset, pixel_statistics
from lossviz.training.data.garments import draw
from lossviz.training.data.locate import GARMENTS_NAME, GARMENTS_ORIGIN
from lossviz.training.events import Event, Started
from lossviz.training.objectives import catalogue
from lossviz.training.settings import Settings
from lossviz.training.tasks.task import Task
from lossviz.training.tasks.tasks import TASKS

OWN_LAYERS = ("AdaptiveLogSoftmaxWithLoss",)
"""Losses whose last layers are others than a linear layer to ten classes."""


@pytest.fixture(scope="module")
def garments() -> Dataset:
    """A few drawn garments, in memory."""
    images, labels = draw("train", 220)
    tests, test_labels = draw("test", 20)
    mean, std = pixel_statistics(images)
    return Dataset(GARMENTS_NAME, GARMENTS_ORIGIN, images, labels, tests, test_labels, mean, std)


def settings_of(**asked: object) -> Settings:
    return Settings.parse(
        {"model": "mlp", "train_size": 200, "batch_size": 32, "epochs": 1, "device": "cpu", **asked}
    )


def began(settings: Settings, garments: Dataset, monkeypatch: pytest.MonkeyPatch) -> tuple[Started, Any, Any]:
    """A run's `Started`, the weights of its network before the first step, and the images of each batch."""
    first: list[list[torch.Tensor]] = []
    batches: list[bytes] = []
    task = TASKS[settings.task]

    def network(asked: Settings) -> nn.Sequential:
        made = task.network(asked)
        first.append([each.detach().clone() for each in made.parameters()])
        return made

    def target(pixels: torch.Tensor, labels: torch.Tensor, batch: Any) -> torch.Tensor:  # noqa: ANN401 - as in Task
        if isinstance(batch, torch.Tensor):  # a training step: measuring takes slices
            batches.append(
                batch.numpy().tobytes() + pixels.numpy().tobytes() + labels[batch].numpy().tobytes()
            )
        return task.target(pixels, labels, batch)

    watched = Task(network, target, task.meter, task.baseline)
    events: list[Event] = []
    with monkeypatch.context() as patch:
        patch.setattr(engine, "TASKS", {settings.task: watched})
        engine.train(settings, garments, events.append)
    assert isinstance(events[0], Started)
    return events[0], first[0], batches


@pytest.mark.parametrize("task", catalogue.TASKS)
def test_losses_begin_with_the_same_weights_and_see_the_same_batches(
    garments: Dataset, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [reference, *others] = [
        (loss, began(settings_of(task=task, loss=loss), garments, monkeypatch))
        for loss in catalogue.losses(task)
        if loss != "GaussianNLLLoss"  # two numbers a pixel: another network
    ]
    _, (started, weights, batches) = reference
    assert len(batches) == settings_of(task=task).steps_total
    for loss, (again, its_weights, its_batches) in others:
        assert its_batches == batches, loss
        assert again.batches_digest == started.batches_digest
        assert again.body_digest == started.body_digest, loss
        same = again.weights_digest == started.weights_digest
        assert same == (loss not in OWN_LAYERS), loss
        for ours, theirs in zip(weights, its_weights, strict=False):  # the last layer may be the loss's own
            assert torch.equal(ours, theirs), loss


def test_the_digests_tell_what_differs(garments: Dataset) -> None:
    def started(**asked: object) -> Started:
        events: list[Event] = []
        engine.train(settings_of(**asked), garments, events.append)
        assert isinstance(events[0], Started)
        return events[0]

    base = started()
    assert len(base.weights_digest) == len(base.body_digest) == len(base.batches_digest) == 12
    for same in ({"learning_rate": 0.1}, {"dropout": 0.5}, {"optimizer": "sgd"}, {"schedule": "cosine"}):
        other = started(**same)
        assert (other.weights_digest, other.batches_digest) == (base.weights_digest, base.batches_digest)
    seed, noise, batch = started(seed=1), started(label_noise=0.2), started(batch_size=16)
    assert seed.weights_digest != base.weights_digest
    assert noise.weights_digest == base.weights_digest
    assert batch.weights_digest == base.weights_digest
    assert len({each.batches_digest for each in (base, seed, noise, batch)}) == 4
    assert noise.wrong_labels == 36


def test_dropout_leaves_out_the_same_units_whatever_layers_the_loss_has_drawn(
    garments: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    masks: dict[str, list[torch.Tensor]] = {}
    kept = nn.functional.dropout
    for loss in ("CrossEntropyLoss", *OWN_LAYERS):
        seen = masks.setdefault(loss, [])

        def dropout(values: torch.Tensor, *args: Any, seen: list[torch.Tensor] = seen) -> torch.Tensor:  # noqa: ANN401
            if args[1]:
                state = torch.get_rng_state()
                seen.append(kept(torch.ones_like(values), *args[:2]))
                torch.set_rng_state(state)
            return kept(values, *args)

        with monkeypatch.context() as patch:
            patch.setattr(nn.functional, "dropout", dropout)
            engine.train(settings_of(loss=loss, dropout=0.5), garments, lambda _event: None)
    # Before the first step the layers' shapes are found with an image of zeros: another draw, and no training.
    first, second = (seen[-settings_of().steps_total :] for seen in masks.values())
    assert first[0].shape == (32, 128)
    assert len(first) == len(second) == settings_of().steps_total
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(first, second, strict=True))
    assert 0.4 < np.mean([float((mask == 0).float().mean()) for mask in first]) < 0.6


def test_equal_settings_with_dropout_and_noise_give_equal_losses(garments: Dataset) -> None:
    def told(settings: Settings) -> list[float]:
        events: list[Event] = []
        outcome = engine.train(settings, garments, events.append)
        return [outcome.validation_loss, outcome.test_loss or 0.0]

    settings = settings_of(dropout=0.4, label_noise=0.3, epochs=2)
    assert told(settings) == told(settings)
    assert told(replace(settings, seed=1)) != told(settings)
