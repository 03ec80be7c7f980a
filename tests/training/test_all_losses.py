"""Every loss trains a network: a few steps on a few drawn garments, with torch's own value at the first."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pytest
import torch

from lossviz.training import engine, models
from lossviz.training.data.dataset import Dataset, pixel_statistics
from lossviz.training.data.garments import draw
from lossviz.training.data.locate import GARMENTS_NAME, GARMENTS_ORIGIN
from lossviz.training.events import Epoch, Event, Finished, Initial, Started, Steps
from lossviz.training.frames import curves
from lossviz.training.objective import objective
from lossviz.training.objectives import catalogue
from lossviz.training.run_diagnosis import diagnose_events
from lossviz.training.settings import MODELS, Settings, SettingsError
from lossviz.training.snapshots import RunSnapshot
from lossviz.training.split import split
from lossviz.training.tasks.tasks import TASKS

Kind = TypeVar("Kind", bound=Event)

HUBER = {"task": "reconstruct", "loss": "HuberLoss"}
EVERY = [(task, loss) for task, known in catalogue.TASKS.items() for loss in known]


@pytest.fixture(scope="module")
def garments() -> Dataset:
    """A few hundred drawn garments, in memory."""
    images, labels = draw("train", 500)
    tests, test_labels = draw("test", 50)
    mean, std = pixel_statistics(images)
    return Dataset(GARMENTS_NAME, GARMENTS_ORIGIN, images, labels, tests, test_labels, mean, std)


def run(garments: Dataset, **asked: object) -> tuple[Settings, list[Event]]:
    settings = Settings.parse(
        {"model": "mlp", "train_size": 400, "batch_size": 32, "epochs": 2, "device": "cpu", **asked}
    )
    events: list[Event] = []
    engine.train(settings, garments, events.append)
    return settings, events


def one(kind: type[Kind], events: list[Event]) -> Kind:
    return [event for event in events if isinstance(event, kind)][-1]


@pytest.mark.parametrize(("task", "loss"), EVERY)
def test_a_loss_trains(garments: Dataset, task: str, loss: str) -> None:
    settings, events = run(garments, task=task, loss=loss)
    started, initial, finished = one(Started, events), one(Initial, events), one(Finished, events)
    steps = [value for event in events if isinstance(event, Steps) for value in event.losses]
    assert len(steps) == settings.steps_total
    assert all(math.isfinite(value) for value in steps)
    assert finished.validation_loss < initial.validation_loss
    assert one(Epoch, events).train_loss < initial.train_loss
    assert (started.task, started.baseline) == (task, settings.spec.baseline)
    assert math.isfinite(started.chance_loss)
    if (task, loss) != (
        "classify",
        "L1Loss",
    ):  # its first answer is the median of a one-hot target: 0 for all
        assert finished.validation_loss < started.chance_loss, "it learned something about the single image"
    assert Settings.parse(started.settings) == settings


@pytest.mark.parametrize(("task", "loss"), EVERY)
def test_the_first_step_is_the_direct_call_on_the_same_tensors(
    garments: Dataset, task: str, loss: str
) -> None:
    settings, events = run(garments, task=task, loss=loss, epochs=1)
    picked = split(settings, len(garments.train_labels)).train
    batch = picked[torch.randperm(len(picked), generator=torch.Generator().manual_seed(settings.seed))][:32]
    pixels = torch.from_numpy(garments.train_images[batch.numpy()]).unsqueeze(1)
    labels = torch.from_numpy(garments.train_labels[batch.numpy()].astype(np.int64))
    torch.manual_seed(settings.seed)
    network = TASKS[task].network(settings)
    direct = objective(settings, models.FEATURES[settings.model])
    output = network((pixels / 255 - garments.mean) / garments.std)
    expected = direct(output, pixels / 255 if task == "reconstruct" else labels).item()
    first = next(event for event in events if isinstance(event, Steps)).losses[0]
    assert first == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("task", "loss"),
    [
        ("classify", "LinearCrossEntropyLoss"),
        ("classify", "AdaptiveLogSoftmaxWithLoss"),
        ("reconstruct", "MSELoss"),
        ("reconstruct", "GaussianNLLLoss"),
        ("embed", "TripletMarginLoss"),
    ],
)
def test_every_network_trains_in_every_task(garments: Dataset, model: str, task: str, loss: str) -> None:
    if (model, loss) == ("narrow-mlp", "AdaptiveLogSoftmaxWithLoss"):
        with pytest.raises(SettingsError, match="AdaptiveLogSoftmaxWithLoss"):
            Settings.parse({"task": task, "loss": loss, "model": model})
        return
    rate = 1e-3 if model == "wide-mlp" else 5e-3  # eight times as many units, each moved by as much
    _, events = run(garments, task=task, loss=loss, model=model, learning_rate=rate)
    assert one(Finished, events).validation_loss < one(Initial, events).validation_loss


@pytest.mark.parametrize(("task", "loss"), [("embed", "HingeEmbeddingLoss"), ("reconstruct", "BCELoss")])
def test_equal_settings_give_equal_losses(garments: Dataset, task: str, loss: str) -> None:
    runs = [
        [
            e.losses
            for e in run(garments, task=task, loss=loss, epochs=1, seed=seed)[1]
            if isinstance(e, Steps)
        ]
        for seed in (0, 0, 1)
    ]
    flat = [[value for part in parts for value in part] for parts in runs]
    assert flat[0] == flat[1]
    assert flat[0] != flat[2]


def test_an_embedding_shows_the_same_validation_images_after_every_epoch(garments: Dataset) -> None:
    settings, events = run(garments, task="embed", loss="TripletMarginLoss")
    looks = [event.plane for event in events if isinstance(event, Initial | Epoch)]
    held_out = split(settings, len(garments.train_labels)).validation.tolist()
    assert len(looks) == 3
    for plane in looks:
        assert plane is not None
        assert plane.indices == held_out
        assert plane.labels == garments.train_labels[held_out].tolist()
        assert plane.points.shape == (40, 2)
    assert looks[0] != looks[1]
    finished = one(Finished, events)
    assert 0 < finished.metrics["active share"] < 1
    assert 0 < finished.test_metrics["active share"] < 1
    assert finished.validation_accuracy > one(Initial, events).validation_accuracy
    assert finished.artefacts == {"predictions": None, "weights": None}


def test_an_autoencoder_shows_originals_and_reconstructions(garments: Dataset) -> None:
    settings, events = run(garments, task="reconstruct", loss="MSELoss")
    held_out = split(settings, len(garments.train_labels)).validation.numpy()[:10]
    errors = []
    for event in events:
        if isinstance(event, Initial | Epoch):
            pictures = event.pictures
            assert pictures is not None
            np.testing.assert_array_equal(pictures.originals, garments.train_images[held_out])
            difference = pictures.originals.astype(float) - pictures.reconstructions
            errors.append(np.square(difference / 255).mean())
            assert math.isnan(event.validation_accuracy)
    assert errors[-1] < errors[0]
    last = one(Epoch, events)
    assert last.metrics["mean squared error"] == pytest.approx(last.validation_loss, rel=1e-5)
    assert one(Finished, events).test_metrics["mean absolute error"] > 0


def test_other_tasks_have_their_curves(garments: Dataset) -> None:
    for task, measures in (
        ("reconstruct", {"loss", "mean squared error", "mean absolute error"}),
        ("embed", {"loss", "accuracy", "active share"}),
    ):
        settings, events = run(garments, task=task)
        epochs = tuple(event for event in events if isinstance(event, Epoch))
        snapshot = RunSnapshot("run", settings, "running", initial=one(Initial, events), epochs=epochs)
        frame = curves(snapshot)
        assert set(frame["measure"]) == measures
        assert np.isfinite(frame["value"]).all()


def test_baselines_are_what_they_are_called(garments: Dataset) -> None:
    def baseline(loss: str, task: str, **more: object) -> float:
        return one(Started, run(garments, loss=loss, task=task, epochs=1, **more)[1]).chance_loss

    for loss in ("CrossEntropyLoss", "NLLLoss", "LinearCrossEntropyLoss", "AdaptiveLogSoftmaxWithLoss"):
        assert baseline(loss, "classify") == math.log(10)
    for loss in ("CrossEntropyLoss", "LinearCrossEntropyLoss"):
        summed = baseline(loss, "classify", mistake="sum", batch_size=32)
        assert summed == pytest.approx(32 * math.log(10), rel=1e-6)
    assert baseline("BCELoss", "classify") == pytest.approx(math.log(2), rel=1e-6)
    assert baseline("MSELoss", "classify") == pytest.approx(0.1, rel=1e-6)
    assert baseline("TripletMarginLoss", "embed", arguments={"margin": 0.3}) == pytest.approx(0.3, rel=1e-5)
    assert baseline("CosineEmbeddingLoss", "embed") == pytest.approx(0.5, rel=1e-5)
    variance = np.var(garments.train_images / 255, axis=0).mean()
    assert baseline("MSELoss", "reconstruct") == pytest.approx(variance, rel=0.1)


def test_a_mistake_leaves_its_mark_on_the_run(garments: Dataset) -> None:
    double = one(Finished, run(garments, mistake="softmax-first", epochs=4)[1])
    floor = math.log(math.e + 9) - 1
    assert floor < double.validation_loss < math.log(10)
    weighted = one(Finished, run(garments, mistake="one-class-weights", batch_size=128, epochs=12)[1])
    assert weighted.validation_loss < 0.1
    assert weighted.validation_accuracy < 0.35
    healthy, summed = (
        one(Finished, run(garments, optimizer="sgd", mistake=mistake)[1]) for mistake in ("none", "sum")
    )
    assert math.isfinite(healthy.validation_loss)
    assert not summed.validation_loss < 10


@pytest.mark.parametrize(
    ("asked", "verdict", "headline"),
    [
        ({"mistake": "softmax-first"}, "underfitting", "already probabilities"),
        ({"mistake": "sum", "epochs": 4}, "healthy", "Healthy"),
        ({"mistake": "one-class-weights", "batch_size": 128}, "wrong goal", "few right"),
        ({"mistake": "target-shape", "loss": "MSELoss"}, "underfitting", "torch has warned"),
        (HUBER | {"mistake": "target-shape"}, "underfitting", "torch has warned"),
        (HUBER | {"epochs": 4}, "healthy", "Healthy"),
        ({"loss": "MSELoss", "epochs": 4}, "healthy", "Healthy"),
    ],
)
def test_the_doctor_sees_a_bug_that_was_made_on_purpose(
    garments: Dataset, asked: dict[str, Any], verdict: str, headline: str
) -> None:
    settings, events = run(garments, **{"epochs": 12} | asked)
    said = diagnose_events(settings, events)
    assert said is not None
    assert (said.verdict, headline in said.headline) == (verdict, True), said


@pytest.mark.parametrize("task", ["classify", "reconstruct"])
def test_torchs_warning_is_told_in_its_own_words(garments: Dataset, task: str) -> None:
    settings, events = run(garments, task=task, loss="MSELoss", mistake="target-shape", epochs=4)
    finished = one(Finished, events)
    for event in (one(Epoch, events), finished):
        assert 1 <= len(event.warnings) <= 3
        assert "broadcasting" in event.warnings[0]
        assert "torch.Size" in event.warnings[0]
    right = one(Finished, run(garments, task=task, loss="MSELoss", epochs=4)[1])
    started = one(Started, events)
    assert right.warnings == []
    assert finished.validation_loss > 0.85 * started.chance_loss > right.validation_loss
    assert settings.mistake == "target-shape"


def test_a_diverged_run_still_tells_its_looks(garments: Dataset) -> None:
    for task in ("embed", "reconstruct"):
        loss = {"embed": "HingeEmbeddingLoss", "reconstruct": "PoissonNLLLoss"}[task]
        _, events = run(
            garments, task=task, loss=loss, optimizer="sgd", learning_rate=100.0, schedule="constant"
        )
        epoch = one(Epoch, events)
        assert (epoch.plane is not None) == (task == "embed")
        assert (epoch.pictures is not None) == (task == "reconstruct")


def test_a_last_batch_of_one_image_is_no_obstacle(garments: Dataset) -> None:
    for task in catalogue.TASKS:
        settings = Settings.parse({"task": task, "model": "linear", "device": "cpu", "epochs": 1})
        settings = replace(settings, train_size=107, validation_share=0.1, batch_size=32)
        assert settings.train_images % settings.batch_size == 0
        settings = replace(settings, train_size=108)
        assert settings.train_images % settings.batch_size == 1
        events: list[Event] = []
        engine.train(settings, garments, events.append)
        assert math.isfinite(one(Finished, events).validation_loss)
