"""What a run can do beside training: stop early, test learning rates, look inside, go on with a full disk."""

from __future__ import annotations

import errno
import math
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch

from lossviz.training import engine, landscape, models
from lossviz.training.data.dataset import Dataset
from lossviz.training.events import (
    Epoch,
    Event,
    Finished,
    Initial,
    Started,
    Steps,
    Stopped,
    from_line,
    to_line,
)
from lossviz.training.objectives import catalogue
from lossviz.training.optimizers import learning_rates
from lossviz.training.run_diagnosis import diagnose_events, diagnose_run
from lossviz.training.settings import RANGE_TEST_STEPS, Settings
from lossviz.training.snapshots import RunSnapshot
from lossviz.training.split import split
from lossviz.training.weights import load_weights

Kind = TypeVar("Kind", bound=Event)


@pytest.fixture(scope="module", name="dataset")
def fewer_test_images(dataset: Dataset) -> Dataset:
    """The data with a few test images, which every run measures."""
    return replace(dataset, test_images=dataset.test_images[:500], test_labels=dataset.test_labels[:500])


def run(dataset: Dataset, folder: Path | None = None, **asked: object) -> tuple[Settings, list[Event]]:
    settings = Settings.parse({"model": "mlp", "train_size": 600, "epochs": 2, "device": "cpu", **asked})
    events: list[Event] = []
    engine.train(settings, dataset, events.append, folder=folder)
    return settings, events


def of(kind: type[Kind], events: list[Event]) -> list[Kind]:
    return [event for event in events if isinstance(event, kind)]


def test_an_early_stop_keeps_the_best_weights(dataset: Dataset, tmp_path: Path) -> None:
    _, events = run(
        dataset, tmp_path, model="wide-mlp", learning_rate=3e-3, schedule="constant", batch_size=16, epochs=30,
        early_stopping=3,
    )  # fmt: skip
    [finished] = of(Finished, events)
    losses = [epoch.validation_loss for epoch in of(Epoch, events)]
    assert finished.stopped_early == finished.epochs == len(losses) < 30
    assert finished.best_epoch == int(np.argmin(losses)) + 1 == len(losses) - 3
    assert finished.validation_loss == min(losses)
    assert finished.test_loss is not None
    weights = finished.artefacts["weights"]
    assert weights is not None
    network = models.build("wide-mlp")
    network.load_state_dict(dict(load_weights(Path(weights)).tensors))
    test = torch.from_numpy(np.array(dataset.test_images)).unsqueeze(1).float() / 255
    with torch.no_grad():
        logits = network.eval()((test - dataset.mean) / dataset.std)
    expected = torch.nn.functional.cross_entropy(
        logits, torch.from_numpy(dataset.test_labels.astype(np.int64))
    )
    assert finished.test_loss == pytest.approx(expected.item(), rel=1e-4), "the best weights, not the last"


def test_without_early_stopping_the_last_weights_are_measured(dataset: Dataset) -> None:
    _, events = run(dataset)
    [finished] = of(Finished, events)
    assert (finished.best_epoch, finished.stopped_early) == (None, None)
    assert finished.validation_loss == of(Epoch, events)[-1].validation_loss


def test_a_diverged_run_stops_early_too(dataset: Dataset) -> None:
    _, events = run(
        dataset, optimizer="sgd", learning_rate=100.0, schedule="constant", epochs=9, early_stopping=2
    )
    [finished] = of(Finished, events)
    assert finished.epochs < 9
    assert diagnose_events(Settings(), events).verdict == "diverged"  # type: ignore[union-attr]  # it has begun


@pytest.mark.parametrize("task", catalogue.TASKS)
def test_a_range_test_tells_rates_with_their_losses(dataset: Dataset, task: str, tmp_path: Path) -> None:
    settings, events = run(dataset, tmp_path, task=task, range_test=True, landscape=True, train_size=1_000)
    [finished] = of(Finished, events)
    found = finished.range_test
    assert found is not None
    assert found.rates == learning_rates(settings)
    losses = [loss for event in of(Steps, events) for loss in event.losses]
    assert len(losses) == RANGE_TEST_STEPS
    assert found.losses == losses or not math.isfinite(losses[-1])
    assert found.suggestion is not None
    assert (finished.epochs, finished.test_loss, finished.landscape) == (0, None, None)
    assert finished.validation_loss == of(Initial, events)[0].validation_loss
    assert not of(Epoch, events)
    assert not list(tmp_path.iterdir())
    assert diagnose_events(settings, events) is None


def test_a_stopped_range_test_is_read_up_to_there(dataset: Dataset) -> None:
    asked = iter(range(1_000))
    settings = Settings.parse({"model": "mlp", "range_test": True, "device": "cpu", "train_size": 600})
    events: list[Event] = []
    stopped = engine.train(settings, dataset, events.append, lambda: next(asked) >= 40)
    assert isinstance(stopped, Stopped)
    assert stopped.range_test is not None
    assert len(stopped.range_test.losses) == 40


@pytest.mark.parametrize(
    ("task", "loss"), [(t, loss) for t, known in catalogue.TASKS.items() for loss in known]
)
def test_gradient_norms_are_told_by_layer(dataset: Dataset, task: str, loss: str) -> None:
    _, events = run(dataset, task=task, loss=loss, train_size=200, epochs=1)
    [started] = of(Started, events)
    learning = [f"{at} {layer.name}" for at, layer in enumerate(started.layers, 1) if layer.parameters]
    told = [
        *(each.gradient_norms for each in of(Initial, events)),
        *(each.gradient_norms for each in of(Epoch, events)),
    ]
    for norms in told:
        assert list(norms) == learning
        assert all(norm >= 0 and math.isfinite(norm) for norm in norms.values())
        assert any(norms.values())


def test_gradient_norms_are_torchs_own(dataset: Dataset) -> None:
    settings, events = run(dataset, batch_size=32, epochs=1)
    picked = split(settings, len(dataset.train_labels)).train[:32].numpy()
    torch.manual_seed(settings.seed)
    network = models.build("mlp")
    images = torch.from_numpy(dataset.train_images[picked]).unsqueeze(1).float() / 255
    labels = torch.from_numpy(dataset.train_labels[picked].astype(np.int64))
    logits = network((images - dataset.mean) / dataset.std)
    torch.autograd.backward(torch.nn.functional.cross_entropy(logits, labels))
    expected = [
        math.hypot(*(each.grad.norm().item() for each in module.parameters() if each.grad is not None))
        for module in network
        if [*module.parameters()]
    ]
    assert list(of(Initial, events)[0].gradient_norms.values()) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("task", catalogue.TASKS)
def test_a_landscape_is_measured_when_asked_for(
    dataset: Dataset, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landscape, "MOST_IMAGES", 64)
    _, events = run(dataset, task=task, landscape=True, epochs=1)
    _, without = run(dataset, task=task, epochs=1)
    [finished], [plain] = of(Finished, events), of(Finished, without)
    found = finished.landscape
    assert plain.landscape is None
    assert found is not None
    assert finished.test_loss == plain.test_loss
    assert found.grid()[found.side // 2, found.side // 2] == found.centre
    assert found.centre == pytest.approx(of(Epoch, events)[-1].train_loss, rel=0.5), "64 of the same images"
    back = from_line(to_line(finished))
    assert isinstance(back, Finished)
    assert back.landscape == found or math.isnan(np.sum(found.losses))


def test_wrong_labels_are_counted_and_learned_by_heart(dataset: Dataset) -> None:
    settings, events = run(
        dataset,
        model="wide-mlp",
        label_noise=0.3,
        epochs=25,
        batch_size=16,
        learning_rate=1e-3,
        schedule="constant",
    )
    [started] = of(Started, events)
    assert started.wrong_labels == round(0.3 * settings.train_images)
    shares = [epoch.memorised for epoch in of(Epoch, events)]
    assert shares[0] is not None
    assert shares[-1] is not None
    assert shares[0] < 0.3 < shares[-1]
    said = diagnose_events(settings, events)
    assert said is not None
    assert f"{started.wrong_labels} training labels are wrong" in said.evidence[-1]
    entropy = -0.7 * math.log(0.7) - 0.3 * math.log(0.3 / 9)
    assert started.floor_loss == pytest.approx(entropy)
    assert of(Epoch, run(dataset)[1])[-1].memorised is None


def test_the_lowest_loss_is_what_the_exact_answer_has(dataset: Dataset) -> None:
    def floor(**asked: object) -> float:
        return of(Started, run(dataset, None, epochs=1, **asked)[1])[0].floor_loss

    assert floor() == 0
    target = 0.9 * torch.eye(10)[:1] + 0.01
    smoothed = torch.nn.functional.cross_entropy(target.log(), torch.tensor([0]), label_smoothing=0.1).item()
    assert floor(label_smoothing=0.1) == pytest.approx(smoothed, rel=1e-5)
    assert floor(task="reconstruct", loss="MSELoss") < 1e-5
    assert 0.1 < floor(task="reconstruct", loss="BCEWithLogitsLoss") < 0.4
    assert floor(loss="TripletMarginLoss") == 0
    assert math.isnan(floor(task="reconstruct", loss="GaussianNLLLoss"))
    # A bug does not change what was meant; a sum is as many times larger as it has terms.
    assert floor(mistake="softmax-first") == 0
    assert floor(mistake="sum", label_smoothing=0.1, batch_size=32) == pytest.approx(32 * smoothed, rel=1e-5)
    assert floor(task="reconstruct", loss="MSELoss", mistake="target-shape", batch_size=32) < 1e-5


def test_the_doctor_says_the_same_of_a_snapshot_and_of_its_events(dataset: Dataset) -> None:
    settings, events = run(dataset)
    steps = tuple(loss for event in of(Steps, events) for loss in event.losses)
    snapshot = RunSnapshot(
        "run", settings, "finished", started=of(Started, events)[0], initial=of(Initial, events)[0],
        step_losses=steps, epochs=tuple(of(Epoch, events)),
    )  # fmt: skip
    said = diagnose_run(snapshot)
    assert said is not None
    assert said == diagnose_events(settings, events)
    assert diagnose_run(RunSnapshot("run", settings, "queued")) is None


def test_a_full_disk_costs_the_files_and_not_the_run(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_named: object) -> None:
        (tmp_path / "predictions.part.npz").write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    _, events = run(dataset, tmp_path)
    [finished] = of(Finished, events)
    assert finished.artefacts["predictions"] is None
    assert finished.artefacts["weights"] is not None
    [note] = finished.notes
    assert "predictions could not be kept (No space left on device)" in note
    assert not list(tmp_path.glob("*.part*"))
    assert math.isfinite(finished.validation_loss)
