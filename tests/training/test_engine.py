"""The engine's numbers are torch's own: steps, epochs, outcome."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch
from torch import nn

from lossviz.training import engine, models
from lossviz.training.data.dataset import Dataset
from lossviz.training.errors import TrainingError
from lossviz.training.events import Epoch, Event, Finished, Initial, Started, Steps, Stopped, to_line
from lossviz.training.results import load_predictions
from lossviz.training.settings import LOSSES, MODELS, Settings
from lossviz.training.split import split

SMALL = Settings(model="mlp", train_size=1_100, epochs=2, batch_size=64, device="cpu")


def run(settings: Settings, dataset: Dataset, folder: Path | None = None) -> list[Event]:
    events: list[Event] = []
    engine.train(settings, dataset, events.append, run="run", folder=folder)
    return events


E = TypeVar("E", bound=Event)


def of(kind: type[E], events: list[Event]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def losses(events: list[Event]) -> list[float]:
    return [loss for event in of(Steps, events) for loss in event.losses]


def by_hand(settings: Settings, dataset: Dataset) -> tuple[nn.Module, list[float], list[float]]:
    """The run in torch's plainest words: the trained network, the loss of each step, the loss of each image."""
    picked = split(settings, len(dataset.train_labels)).train.numpy()
    images = torch.from_numpy(dataset.train_images[picked]).unsqueeze(1).float() / 255
    images = (images - dataset.mean) / dataset.std
    labels = torch.from_numpy(dataset.train_labels[picked].astype(np.int64))
    torch.manual_seed(settings.seed)
    model = models.build(settings.model)
    stepper = torch.optim.Adam(model.parameters(), lr=settings.learning_rate)
    criterion = nn.CrossEntropyLoss()
    order, by_step, by_image = torch.Generator().manual_seed(settings.seed), [], []
    for _ in range(settings.epochs):
        shuffled = torch.randperm(len(labels), generator=order)
        for start in range(0, len(labels), settings.batch_size):
            batch = shuffled[start : start + settings.batch_size]
            loss = criterion(model(images[batch]), labels[batch])
            stepper.zero_grad()
            torch.autograd.backward(loss)
            stepper.step()
            by_step.append(loss.item())
            by_image += [loss.item()] * len(batch)
    return model.eval(), by_step, by_image


def test_a_run_tells_its_events_in_order(dataset: Dataset) -> None:
    events = run(SMALL, dataset)
    kinds = [type(event) for event in events if not isinstance(event, Steps)]
    assert kinds == [Started, Initial, Epoch, Epoch, Finished]
    assert isinstance(events[2], Steps), "the first step is told at once"
    steps = of(Steps, events)
    assert [event.first_step for event in steps[1:]] == [
        event.first_step + len(event.losses) for event in steps[:-1]
    ]
    assert len(losses(events)) == SMALL.steps_total


def test_started_says_what_is_trained(dataset: Dataset) -> None:
    [started] = of(Started, run(SMALL, dataset))
    assert Settings.parse(started.settings) == SMALL
    assert (started.run, started.data_name, started.data_origin) == ("run", dataset.name, dataset.origin)
    assert (started.device, started.parameters) == ("cpu", 101_770)
    assert started.device_name
    assert started.threads == torch.get_num_threads()
    assert (started.train_images, started.validation_images) == (990, 110)
    assert (started.steps_per_epoch, started.steps_total) == (16, 32)
    assert started.test_images == len(dataset.test_labels)
    assert started.chance_loss == math.log(10)


@pytest.mark.parametrize("model", MODELS)
def test_steps_are_torchs_own(dataset: Dataset, model: str) -> None:
    settings = replace(SMALL, model=model, schedule="constant", learning_rate=1e-3, epochs=1)
    _, expected, _ = by_hand(settings, dataset)
    assert losses(run(settings, dataset)) == pytest.approx(expected, rel=2e-3)
    assert losses(run(settings, dataset))[0] == pytest.approx(expected[0], rel=1e-5)


def test_epochs_and_outcome_equal_an_independent_measuring(dataset: Dataset) -> None:
    settings = replace(SMALL, schedule="constant", learning_rate=1e-3)
    events = run(settings, dataset)
    model, _, by_image = by_hand(settings, dataset)
    picked = split(settings, len(dataset.train_labels))

    def measured(images: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
        with torch.no_grad():
            values = (torch.from_numpy(images).unsqueeze(1).float() / 255 - dataset.mean) / dataset.std
            logits, classes = model(values), torch.from_numpy(labels.astype(np.int64))
        right = (logits.argmax(dim=1) == classes).double().mean().item()
        return nn.functional.cross_entropy(logits, classes).item(), right

    last = of(Epoch, events)[-1]
    train = measured(dataset.train_images[picked.train], dataset.train_labels[picked.train])
    held_out = measured(dataset.train_images[picked.validation], dataset.train_labels[picked.validation])
    test = measured(np.array(dataset.test_images), dataset.test_labels)
    [finished] = of(Finished, events)
    assert (last.train_loss, last.train_accuracy) == pytest.approx(train, rel=5e-3)
    assert (last.validation_loss, last.validation_accuracy) == pytest.approx(held_out, rel=5e-3)
    assert (finished.validation_loss, finished.validation_accuracy) == pytest.approx(held_out, rel=5e-3)
    assert (finished.test_loss, finished.test_accuracy) == pytest.approx(test, rel=5e-3)
    assert last.running_train_loss == pytest.approx(np.mean(by_image[settings.train_images :]), rel=1e-3)
    assert last.train_loss < last.running_train_loss, "re-measured after the epoch is another value"


@pytest.mark.parametrize("loss", LOSSES)
def test_the_same_seed_gives_the_same_losses(dataset: Dataset, loss: str) -> None:
    settings = replace(SMALL, model="cnn", loss=loss, epochs=1)
    first, again = losses(run(settings, dataset)), losses(run(settings, dataset))
    assert first == again
    assert losses(run(replace(settings, seed=1), dataset)) != first


def test_the_first_point_is_near_chance(dataset: Dataset) -> None:
    [initial] = of(Initial, run(SMALL, dataset))
    assert initial.train_loss == pytest.approx(math.log(10), rel=0.15)
    assert initial.validation_measured_on == 110


def test_a_small_cnn_learns(dataset: Dataset) -> None:
    events = run(replace(SMALL, model="cnn", train_size=6_000, epochs=3), dataset)
    [finished] = of(Finished, events)
    assert finished.test_accuracy is not None
    assert finished.test_accuracy > 0.6
    assert of(Epoch, events)[-1].train_loss < of(Initial, events)[0].train_loss


def test_predictions_are_those_of_the_validation_images(dataset: Dataset, tmp_path: Path) -> None:
    [finished] = of(Finished, run(SMALL, dataset, tmp_path))
    path = finished.artefacts["predictions"]
    assert path is not None
    left = load_predictions(Path(path))
    np.testing.assert_array_equal(left.indices, split(SMALL, len(dataset.train_labels)).validation.numpy())
    np.testing.assert_array_equal(left.labels, dataset.train_labels[left.indices])
    assert (left.predicted == left.labels).mean() == pytest.approx(finished.validation_accuracy)
    np.testing.assert_allclose(left.probabilities.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("after", [0, 1, 20])
def test_a_stopped_run_keeps_what_it_learned(dataset: Dataset, tmp_path: Path, after: int) -> None:
    events: list[Event] = []
    asked = iter(range(10_000))
    engine.train(SMALL, dataset, events.append, lambda: next(asked) >= after, folder=tmp_path)
    stopped = events[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.step == len(losses(events)) <= after
    assert stopped.validation_measured_on == 110
    assert stopped.test_accuracy is None
    path = stopped.artefacts["predictions"]
    assert path is not None
    assert len(load_predictions(Path(path)).labels) == 110


def test_a_diverged_run_is_told_in_valid_json(dataset: Dataset) -> None:
    events = run(replace(SMALL, optimizer="sgd", learning_rate=100.0, schedule="constant"), dataset)
    assert not math.isfinite(losses(events)[-1])
    assert isinstance(events[-1], Finished)
    assert not math.isfinite(events[-1].validation_loss)
    for event in events:
        to_line(event)


def test_a_device_that_is_not_there_is_said(dataset: Dataset) -> None:
    absent = "mps" if not torch.backends.mps.is_available() else "cuda"
    with pytest.raises(TrainingError, match=absent) as caught:
        run(replace(SMALL, device=absent), dataset)
    assert "auto" in caught.value.advice
