"""A run's weights: written whole, read back, refused when damaged; its network asked without an optimiser."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from lossviz.training import engine, weights
from lossviz.training.data.dataset import Dataset
from lossviz.training.events import Event, Finished
from lossviz.training.results import load_predictions
from lossviz.training.settings import Settings
from lossviz.training.trained_network import ask
from lossviz.training.weights import WeightsError, load_weights
from tests.fresh_python import run_alone

SMALL = Settings(model="mlp", train_size=400, epochs=1, device="cpu")


def trained(settings: Settings, dataset: Dataset, folder: Path) -> Path:
    """Where a run of these settings left its weights."""
    events: list[Event] = []
    engine.train(settings, dataset, events.append, folder=folder)
    assert isinstance(events[-1], Finished)
    assert events[-1].artefacts["weights"] == str(folder / "weights.safetensors")
    assert not [path for path in folder.iterdir() if "part" in path.name]
    return folder / "weights.safetensors"


def test_a_run_leaves_its_weights_and_says_what_they_are(dataset: Dataset, tmp_path: Path) -> None:
    path = trained(SMALL, dataset, tmp_path)
    kept = load_weights(path)
    assert (kept.mean, kept.std, kept.data_name) == (dataset.mean, dataset.std, dataset.name)
    assert kept.tensors.keys() == load_file(path).keys() == {"1.weight", "1.bias", "3.weight", "3.bias"}
    assert path.stat().st_size < 410_000


def test_the_answers_are_those_that_the_run_measured(dataset: Dataset, tmp_path: Path) -> None:
    settings = Settings(model="cnn", train_size=600, epochs=1, device="cpu")
    path = trained(settings, dataset, tmp_path)
    predictions = load_predictions(tmp_path / "predictions.npz")
    for row in range(5):
        answer = ask(settings, path, dataset.train_images[predictions.indices[row]])
        assert answer.probabilities is not None
        np.testing.assert_allclose(answer.probabilities, predictions.probabilities[row], rtol=1e-4, atol=1e-6)
        assert (answer.picture, answer.point) == (None, None)


@pytest.mark.parametrize(
    ("task", "loss"),
    [
        ("embed", "TripletMarginLoss"),
        ("reconstruct", "GaussianNLLLoss"),
        ("classify", "AdaptiveLogSoftmaxWithLoss"),
    ],
)
def test_every_task_answers_in_its_own_way(dataset: Dataset, tmp_path: Path, task: str, loss: str) -> None:
    settings = Settings.parse({**SMALL.as_dict(), "task": task, "loss": loss})
    answer = ask(settings, trained(settings, dataset, tmp_path), dataset.test_images[0])
    if task == "classify":
        assert answer.probabilities is not None
        assert answer.probabilities.sum() == pytest.approx(1, rel=1e-5)
    elif task == "embed":
        assert answer.point is not None
        assert answer.point.shape == (2,)
    else:
        assert answer.picture is not None
        assert answer.picture.shape == (28, 28)
        assert answer.picture.dtype == np.uint8


def test_damaged_and_foreign_weights_are_refused(dataset: Dataset, tmp_path: Path) -> None:
    path = trained(SMALL, dataset, tmp_path)
    image = dataset.test_images[0]
    with pytest.raises(WeightsError, match="of another network"):
        ask(Settings(model="cnn"), path, image)
    whole = path.read_bytes()
    for broken in (b"", b"x" * 100, whole[:50], whole[:-10], b"\xff" * 8 + whole[8:]):
        path.write_bytes(broken)
        with pytest.raises(WeightsError, match="cannot be read"):
            ask(SMALL, path, image)
    path.unlink()
    with pytest.raises(WeightsError, match="cannot be read"):
        load_weights(path)
    save_file({"1.weight": torch.zeros(2)}, path)
    with pytest.raises(WeightsError, match="cannot be read"):
        load_weights(path)


def test_weights_are_written_whole_or_not_at_all(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = trained(SMALL, dataset, tmp_path)
    before = path.read_bytes()

    def full(_path: Path, data: bytes) -> int:
        assert data
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        weights.save_weights(torch.nn.Linear(2, 2), None, SMALL, dataset, path)
    monkeypatch.undo()
    assert path.read_bytes() == before


def test_asking_makes_no_optimiser_and_leaves_the_random_state_alone(
    dataset: Dataset, tmp_path: Path
) -> None:
    settings = Settings.parse({**SMALL.as_dict(), "loss": "LinearCrossEntropyLoss"})
    path = trained(settings, dataset, tmp_path)
    code = f"""
import json, sys
import numpy as np, torch
from pathlib import Path
from lossviz.training.settings import Settings
from lossviz.training.trained_network import ask
before = torch.get_rng_state()
ask(Settings.parse(json.loads({json.dumps(settings.as_dict())!r})), Path({str(path)!r}), np.zeros((28, 28), np.uint8))
assert torch.equal(before, torch.get_rng_state())
assert "torch._dynamo" not in sys.modules
assert "torchvision" not in sys.modules
"""
    run_alone(code)
