"""A run as a script of its own: trained by a worker, then by the script, with the same values after every epoch."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from lossviz.training import engine, models
from lossviz.training.data.dataset import Dataset, keep_dataset, open_dataset
from lossviz.training.data.fashion_mnist import FILES, NAME, find
from lossviz.training.data.garments import draw
from lossviz.training.data.locate import GARMENTS_NAME, GARMENTS_ORIGIN
from lossviz.training.events import Started
from lossviz.training.measure import BATCH
from lossviz.training.objective import objective
from lossviz.training.objectives import catalogue
from lossviz.training.optimizers import learning_rates
from lossviz.training.settings import MODELS, OPTIMIZERS, SCHEDULES, Settings, SettingsError
from lossviz.training.snapshots import RunSnapshot
from lossviz.training.take_home_arrays import arrays
from lossviz.training.take_home_script import (
    MEASURED_AT_ONCE,
    STATISTICS,
    TRAIN_MEASURED_AT_MOST,
    line,
    script,
)
from lossviz.training.tasks.tasks import TASKS
from lossviz.training.trained_network import ask
from tests.patience import PATIENCE
from tests.training.run_in_child import train_all

BESIDE_REPO = Path(__file__).resolve().parents[3] / "shared" / "fashion-mnist"
ARCHIVES = Path(os.environ.get("LOSSVIZ_TEST_DATA") or BESIDE_REPO)

SMALL: dict[str, Any] = {"model": "mlp", "train_size": 600, "batch_size": 32, "epochs": 2, "device": "cpu"}
CASES: dict[str, dict[str, Any]] = {
    "label smoothing": {"loss": "CrossEntropyLoss", "label_smoothing": 0.1, "model": "cnn"},
    "class weights": {
        "loss": "CrossEntropyLoss",
        "arguments": {"weight": [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]},
        "optimizer": "sgd-momentum",
        "schedule": "constant",
    },
    "sum": {"loss": "CrossEntropyLoss", "mistake": "sum", "model": "linear"},
    "one hot": {"loss": "HuberLoss", "arguments": {"delta": 0.3}, "model": "strided", "optimizer": "adamw"},
    "focal": {"loss": "sigmoid_focal_loss", "optimizer": "sgd"},
    "fused": {"loss": "LinearCrossEntropyLoss", "label_smoothing": 0.05},
    "adaptive": {"loss": "AdaptiveLogSoftmaxWithLoss", "model": "strided", "seed": 3},
    "dropout": {"loss": "CrossEntropyLoss", "dropout": 0.3, "schedule": "cosine", "model": "cnn"},
    "label noise": {"loss": "LinearCrossEntropyLoss", "label_noise": 0.3, "dropout": 0.2},
    "early stopping": {"learning_rate": 0.02, "schedule": "constant", "epochs": 25, "early_stopping": 2},
    "reconstruct": {"task": "reconstruct", "loss": "GaussianNLLLoss"},
    "reconstruct by convolutions": {"task": "reconstruct", "loss": "L1Loss", "model": "strided"},
    "triplets": {
        "task": "embed",
        "loss": "TripletMarginLoss",
        "arguments": {"swap": True},
        "batch_size": 128,
    },
    "pairs": {"task": "embed", "loss": "CosineEmbeddingLoss", "arguments": {"margin": 0.2}},
}

# Runs several scripts as `python script.py` would, with torch imported once; lossviz is not on its path.
RUNNER = """
import contextlib, io, runpy, sys
folder = sys.argv[1]
for path in sys.argv[2:]:
    sys.argv = [path, folder]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        runpy.run_path(path, run_name="__main__")
    open(path + ".out", "w").write(said.getvalue())
assert not [name for name in sys.modules if name.startswith("lossviz")]
"""


@dataclass
class Trained:
    """A run, its script, and what the script printed."""

    snapshot: RunSnapshot
    path: Path
    printed: list[str]


@dataclass
class Data:
    """The data of these tests, as a worker and as a script take it."""

    folder: Path
    dataset: Dataset

    def script(self, snapshot: RunSnapshot, beside: Path) -> str:
        """The script of a run; what it needs of the data is put beside it."""
        statistics = None
        if self.dataset.name != NAME:
            (beside / f"{snapshot.run_id}.npz").write_bytes(arrays(snapshot.settings, self.dataset))
            statistics = self.dataset.mean, self.dataset.std
        return script(snapshot, statistics=statistics, arrays=f"{snapshot.run_id}.npz")

    def place(self, beside: Path) -> Path:
        """The folder to call a script with."""
        return ARCHIVES if self.dataset.name == NAME else beside


@pytest.fixture(scope="module")
def data(data_folder: Path, dataset: Dataset) -> Data:
    """FashionMNIST where it is, drawn garments where it is not."""
    return Data(data_folder, dataset)


@pytest.fixture(scope="module")
def trained(data: Data, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trained]:
    """Every case trained by a worker and by its script."""
    home = tmp_path_factory.mktemp("take-home")
    wanted = [Settings.parse({**SMALL, **case}) for case in CASES.values()]
    snapshots = train_all(wanted, data.folder, home)
    paths = [home / f"{snapshot.run_id}.py" for snapshot in snapshots]
    for snapshot, path in zip(snapshots, paths, strict=True):
        path.write_text(data.script(snapshot, home), encoding="utf-8")
    run = [sys.executable, "-I", "-W", "error", "-c", RUNNER, str(data.place(home)), *map(str, paths)]
    subprocess.run(run, cwd=home, check=True, timeout=PATIENCE)
    return {
        case: Trained(snapshot, path, Path(f"{path}.out").read_text().splitlines())
        for case, snapshot, path in zip(CASES, snapshots, paths, strict=True)
    }


NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])")


def same(printed: str, expected: str) -> None:
    """Two lines of the same words and, within rounding, the same numbers."""
    assert NUMBER.sub("#", printed) == NUMBER.sub("#", expected)
    numbers = [[float(each) for each in NUMBER.findall(text)] for text in (printed, expected)]
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_the_script_prints_the_epochs_of_its_run(trained: dict[str, Trained], case: str) -> None:
    run = trained[case]
    assert len(run.printed) == len(run.snapshot.epochs) + 1
    assert (len(run.snapshot.epochs) < run.snapshot.settings.epochs) == (case == "early stopping")
    for printed, epoch in zip(run.printed, run.snapshot.epochs, strict=False):
        same(printed, line(run.snapshot.settings, epoch))
    result = run.snapshot.result
    assert result is not None
    assert result.test_loss is not None
    assert f"{result.test_loss:.5g}"[:4] in run.printed[-1]
    documented = (ast.get_docstring(ast.parse(run.path.read_text())) or "").splitlines()
    told = [said for said in documented if said.strip().startswith(("epoch", "test images"))]
    for printed, said in zip(run.printed, told, strict=True):
        same(printed, said.strip())


@pytest.mark.parametrize("case", ["label smoothing", "fused", "adaptive", "reconstruct"])
def test_the_weights_go_into_the_scripts_network(trained: dict[str, Trained], data: Data, case: str) -> None:
    run = trained[case]
    assert run.snapshot.result is not None
    kept = run.snapshot.result.artefacts["weights"]
    assert kept is not None
    module = executed(run.path.read_text())
    if case == "label smoothing":
        module["network"].load_state_dict(load_file(kept))
    else:
        module["load_weights"](kept)
    module["network"].eval()
    pixels = torch.from_numpy(np.array(data.dataset.test_images[:20])).unsqueeze(1)
    with torch.inference_mode():
        given = module["normalise"](pixels, module["MEAN"] * 255, module["STD"] * 255)
        output = module["network"](given)
        if case == "reconstruct":
            expected = (module["picture"](output)[:, 0] * 255).round()
        else:
            scores = module["scores"](output)
            expected = scores.exp() if case == "adaptive" else scores.softmax(dim=1)
    answers = [ask(run.snapshot.settings, Path(kept), image) for image in data.dataset.test_images[:20]]
    if case == "reconstruct":
        pictures = torch.tensor(np.array([answer.picture for answer in answers]), dtype=torch.float32)
        assert (pictures - expected).abs().max() <= 1
        return
    probabilities = torch.tensor(np.array([answer.probabilities for answer in answers]))
    torch.testing.assert_close(probabilities, expected, rtol=1e-4, atol=1e-6)
    right = (probabilities.argmax(dim=1).numpy() == data.dataset.test_labels[:20]).mean()
    assert right > 0.3, "it has learned something"


def test_the_script_runs_from_the_command_line_and_measures_weights(
    trained: dict[str, Trained], data: Data
) -> None:
    run = trained["one hot"]
    assert run.snapshot.result is not None
    kept = run.snapshot.result.artefacts["weights"]
    folder = data.place(run.path.parent)
    told = subprocess.run(
        [sys.executable, "-I", str(run.path), str(folder), str(kept)],
        cwd=run.path.parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    validation, test = told.stdout.splitlines()
    same(test, run.printed[-1])
    assert f"accuracy {run.snapshot.epochs[-1].validation_accuracy:.9g}" in validation


@pytest.mark.parametrize("task", catalogue.TASKS)
@pytest.mark.parametrize("model", MODELS)
def test_every_network_of_the_script_is_the_runs(task: str, model: str) -> None:
    for loss in catalogue.losses(task):
        dropout = 0.0 if model == "linear" else 0.25
        try:
            settings = Settings.parse(
                {**SMALL, "task": task, "loss": loss, "model": model, "seed": 5, "dropout": dropout}
            )
        except SettingsError:  # a loss that this network is too narrow for
            continue
        module = imported(started(settings))
        torch.manual_seed(5)
        network = TASKS[task].network(settings)
        own = objective(settings, models.FEATURES[model])
        assert str(module["network"]) == str(network)
        pairs: list[tuple[nn.Module, nn.Module]] = [(module["network"], network)]
        if own.head is not None:
            pairs.append((module["loss_function"], own.head))
        for mine, theirs in pairs:
            for name, tensor in theirs.state_dict().items():
                assert torch.equal(mine.state_dict()[name], tensor), f"{loss}: {name}"


EVERY = [
    pytest.param(task, loss, mistake, id=f"{task}-{loss}-{mistake}")
    for task, known in catalogue.TASKS.items()
    for loss, spec in known.items()
    for mistake in ("none", *spec.mistakes)
]


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize(("task", "loss", "mistake"), EVERY)
def test_every_loss_of_the_script_is_the_runs(task: str, loss: str, mistake: str) -> None:
    spec = catalogue.spec(task, loss)
    asked: dict[str, Any] = {}
    for argument in spec.arguments:  # none at its default
        if argument.kind == "switch":
            asked[argument.name] = not argument.default
        elif argument.kind == "weights":
            asked[argument.name] = [1 / (3 + place) for place in range(10)]
        else:
            between = argument.low + (min(argument.high, 4.0) - argument.low) / 3
            asked[argument.name] = int(between) + 1 if argument.kind == "whole" else between
    if mistake == "one-class-weights":
        asked.pop("weight", None)
    smoothing = 0.1 / 3 if spec.label_smoothing and mistake != "softmax-first" else 0.0
    settings = Settings.parse(
        {
            **SMALL,
            "task": task,
            "loss": loss,
            "mistake": mistake,
            "arguments": asked,
            "label_smoothing": smoothing,
        }
    )
    module = imported(started(settings))
    own = objective(settings, models.FEATURES[settings.model])
    dice = torch.Generator().manual_seed(11)
    labels = torch.randint(0, 10, (24,), generator=dice)
    pixels = torch.randint(0, 256, (24, 1, 28, 28), generator=dice, dtype=torch.uint8)
    with torch.no_grad():
        output = module["network"](pixels / 255)
        if own.head is not None:
            own.head.load_state_dict(module["loss_function"].state_dict())
        if task == "embed":
            partners = torch.Generator().manual_seed(settings.seed)
            found = module["loss_function"](*module["compared"](output, labels, partners))
            assert own.directions == module["DIRECTIONS"]
            assert torch.equal(found, own(output, labels))
            return
        target = labels if task == "classify" else pixels / 255
        assert torch.equal(module["batch_loss"](output, target), own(output, target))
        answer = module["scores" if task == "classify" else "picture"](output)
        assert torch.equal(answer, own.answer(output))


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_learning_rate_is_the_runs(optimizer: str, schedule: str) -> None:
    settings = Settings.parse({**SMALL, "optimizer": optimizer, "schedule": schedule})
    module = imported(started(settings))
    total = settings.steps_total
    if schedule != "constant":
        mine = [module["learning_rate"](step, total) for step in range(total)]
        assert mine == learning_rates(settings)
    assert module["LEARNING_RATE"] == settings.learning_rate


def test_what_is_written_twice_is_the_same(dataset: Dataset) -> None:
    assert (TRAIN_MEASURED_AT_MOST, MEASURED_AT_ONCE) == (engine.TRAIN_MEASURED_AT_MOST, BATCH)
    if dataset.name == NAME:
        assert (dataset.mean, dataset.std) == STATISTICS


def test_drawn_garments_come_beside_the_script(tmp_path: Path) -> None:
    images, labels = draw("train", 500)
    tests, test_labels = draw("test", 60)
    every = {"train_images": images, "train_labels": labels, "test_images": tests, "test_labels": test_labels}
    keep_dataset(tmp_path / "data", GARMENTS_NAME, GARMENTS_ORIGIN, every)
    data = Data(tmp_path / "data", open_dataset(tmp_path / "data"))
    settings = Settings.parse({**SMALL, "train_size": 400})
    [snapshot] = train_all([settings], data.folder, tmp_path)
    path = tmp_path / "script.py"
    path.write_text(data.script(snapshot, tmp_path), encoding="utf-8")
    text = path.read_text()
    assert "cannot draw them" in text
    assert "they are not FashionMNIST" in text
    run = [sys.executable, "-I", str(path), str(tmp_path)]
    told = subprocess.run(run, capture_output=True, text=True, check=True, timeout=PATIENCE)
    for printed, epoch in zip(told.stdout.splitlines(), snapshot.epochs, strict=False):
        same(printed, line(settings, epoch))
    (tmp_path / "run-0.npz").unlink()
    without = subprocess.run(run, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert without.returncode == 1
    assert "Download it from the page of this run" in without.stderr
    (tmp_path / "run-0.npz").write_bytes(arrays(replace(settings, train_size=300), data.dataset))
    other = subprocess.run(run, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert "images of another run" in other.stderr


def test_the_arrays_are_the_runs_own_images(dataset: Dataset, tmp_path: Path) -> None:
    settings = Settings.parse(SMALL)
    path = tmp_path / "arrays.npz"
    path.write_bytes(arrays(settings, dataset))
    with np.load(path, allow_pickle=False) as kept:
        assert str(kept["name"]) == dataset.name
        assert kept["train_images"].shape == (540, 28, 28)
        assert kept["validation_images"].shape == (60, 28, 28)
        np.testing.assert_array_equal(kept["test_images"], dataset.test_images)


@pytest.mark.parametrize("said", ['"""\nimport os', "\\", "line\nbreak", "a" * 500, "\x00", "ü 💥"])
def test_what_a_maker_calls_its_processor_stays_words(said: str) -> None:
    snapshot = started(Settings())
    assert snapshot.started is not None
    hostile = replace(snapshot, started=replace(snapshot.started, device_name=said, device=said))
    tree = ast.parse(script(hostile))
    assert isinstance(tree.body[0], ast.Expr)
    assert isinstance(tree.body[1], ast.ImportFrom)


def test_a_script_is_tidy(tmp_path: Path) -> None:
    for place, case in enumerate(CASES.values()):
        snapshot = started(Settings.parse({**SMALL, **case}))
        (tmp_path / f"{place}.py").write_text(script(snapshot))
        (tmp_path / f"{place}-garments.py").write_text(
            script(
                replace(snapshot, started=replace(snapshot.started, data_name="drawn garments")),  # type: ignore[type-var]  # it has started
                statistics=(0.3, 0.4),
            )
        )
    rules = ["--select=E,F,W,B,UP", "--line-length=120", "--target-version=py311"]
    run = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", *rules, str(tmp_path)]
    told = subprocess.run(run, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_a_run_that_trains_nothing_has_no_script() -> None:
    with pytest.raises(ValueError, match="range test trains no network"):
        script(started(Settings(range_test=True)))


def test_a_run_that_has_not_started_has_no_script() -> None:
    with pytest.raises(ValueError, match="has not started"):
        script(RunSnapshot("run", Settings(), "queued"))
    other = started(Settings())
    assert other.started is not None
    with pytest.raises(ValueError, match="the mean and the deviation of drawn garments"):
        script(replace(other, started=replace(other.started, data_name="drawn garments")))


def test_the_archives_of_these_tests_are_whole() -> None:
    if ARCHIVES.is_dir():
        assert find(ARCHIVES)[0].keys() == FILES.keys()


def started(settings: Settings) -> RunSnapshot:
    """A run that has started on FashionMNIST."""
    event = Started(
        "run",
        settings.as_dict(),
        NAME,
        "From a test.",
        "cpu",
        "a processor",
        torch.get_num_threads(),
        0,
        [],
        settings.train_images,
        settings.validation_images,
        10_000,
        settings.train_images,
        settings.steps_per_epoch,
        settings.steps_total,
        2.3,
    )
    return RunSnapshot("run", settings, "running", started=event)


def imported(snapshot: RunSnapshot) -> dict[str, Any]:
    """The names that a run's script defines; nothing is trained."""
    return executed(script(snapshot))


def executed(text: str) -> dict[str, Any]:
    """The names that a script defines when it is imported."""
    module = ModuleType("taken_home")
    sys.modules[module.__name__] = module  # a dataclass looks there for its own
    exec(compile(text, "script.py", "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - under test
    return module.__dict__
