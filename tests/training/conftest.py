"""Data for the training tests: real FashionMNIST where it is, drawn garments where it is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from lossviz.training.data.dataset import Dataset, keep_dataset, open_dataset
from lossviz.training.data.fashion_mnist import FILES, find
from lossviz.training.data.garments import draw
from lossviz.training.data.locate import GARMENTS_NAME, GARMENTS_ORIGIN, Search, drawing

BESIDE_REPO = Path(__file__).resolve().parents[3] / "shared" / "fashion-mnist"


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tests share the machine with others: threads that wait for each other would take minutes of a busy one."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data_kind() -> str:
    """Which data the tests have: what `Settings.data` would be called with."""
    found, _ = find(_archives())
    return "fashion-mnist" if len(found) == len(FILES) else "drawn-garments"


@pytest.fixture(scope="session")
def data_home(tmp_path_factory: pytest.TempPathFactory, data_kind: str) -> Path:
    """A home of lossviz in which that data is kept already."""
    home = tmp_path_factory.mktemp("home")
    if data_kind == "fashion-mnist":
        Search(home, {"LOSSVIZ_DATA": str(_archives())}).find(data_kind)
        return home
    arrays = {}
    arrays["train_images"], arrays["train_labels"] = draw("train", 12_000)
    arrays["test_images"], arrays["test_labels"] = draw("test", 2_000)
    folder = home / "datasets" / "drawn-garments"
    keep_dataset(folder, GARMENTS_NAME, GARMENTS_ORIGIN, arrays, {"drawing": drawing()})
    return home


@pytest.fixture(scope="session")
def data_folder(data_home: Path, data_kind: str) -> Path:
    """The array folder of that data."""
    return data_home / "datasets" / data_kind


@pytest.fixture(scope="session")
def dataset(data_folder: Path) -> Dataset:
    """That data, mapped."""
    return open_dataset(data_folder)


def _archives() -> Path:
    return Path(os.environ.get("LOSSVIZ_TEST_DATA") or BESIDE_REPO)
