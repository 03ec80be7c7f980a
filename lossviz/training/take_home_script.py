"""A run as one Python script that needs no lossviz: it trains the same network and prints the same values.

The script does what `lossviz.training.engine` does, operation by operation: sums taken in another order would round
otherwise, and training makes small differences grow. A test runs both and compares every epoch.
"""

from __future__ import annotations

import importlib.metadata
import math
import re
import textwrap
from typing import Final

from lossviz.training import take_home_train
from lossviz.training.data.fashion_mnist import NAME as FASHION_MNIST
from lossviz.training.events import Epoch
from lossviz.training.settings import Settings
from lossviz.training.snapshots import RunSnapshot
from lossviz.training.source_text import source_text
from lossviz.training.take_home_loss import loss_code
from lossviz.training.take_home_network import network_code

STATISTICS: Final = (0.28604059698879547, 0.3530242445149226)
"""Mean and standard deviation of FashionMNIST's training pixels on the scale 0 to 1. A test computes them."""

TRAIN_MEASURED_AT_MOST: Final = 5_000
MEASURED_AT_ONCE: Final = 500

_WIDTH: Final = 110
_USE: Final = """\
    python script.py folder
    python script.py folder weights.safetensors   # measure these weights, do not train"""


def script(
    snapshot: RunSnapshot, *, statistics: tuple[float, float] | None = None, arrays: str = "garments.npz"
) -> str:
    """A run as a Python script.

    Args:
        snapshot: The run; it has started.
        statistics: Mean and standard deviation of the data's training pixels; None for FashionMNIST's.
        arrays: Where the data is drawn garments, which the script cannot draw: the name of the file that
            `lossviz.training.take_home_arrays` makes, which lies beside it.

    Returns:
        The text of a module. Run with a folder of FashionMNIST's archives it trains; imported it defines `network`,
        `load_weights`, `train` and `measure`.

    Raises:
        ValueError: The run has not started, or it was on other data than FashionMNIST and there are no statistics.
    """
    started, settings = snapshot.started, snapshot.settings
    if started is None:
        raise ValueError("A run that has not started has no script.")
    why_not = no_script(settings)
    if why_not:
        raise ValueError(why_not)
    fashion_mnist = started.data_name == FASHION_MNIST
    if statistics is None:
        if not fashion_mnist:
            raise ValueError(f"The script needs the mean and the deviation of {started.data_name}.")
        statistics = STATISTICS
    loss = loss_code(settings)
    made = (
        "torch.manual_seed(SEED)  # the first weights",
        network_code(settings),
        loss.make,
        "network = network.to(DEVICE).to(memory_format=torch.channels_last)",
    )
    blocks = [
        _docstring(snapshot, arrays, fashion_mnist=fashion_mnist),
        _imports(settings, fashion_mnist=fashion_mnist),
        _constants(snapshot, statistics),
        _data(arrays, fashion_mnist=fashion_mnist),
        source_text("lossviz.training.measure", "normalise"),
        *loss.before,
        "\n".join(made),
        loss.batch,
        _weights(head=loss.head),
        *take_home_train.blocks(settings, head=loss.head),
    ]
    return "\n\n\n".join(blocks) + "\n"


def no_script(settings: Settings) -> str | None:
    """Why a run has no script, in a sentence; None where it has one."""
    if settings.range_test:
        return "A learning-rate range test trains no network: it has no script."
    return None


def line(settings: Settings, point: Epoch) -> str:
    """What the script prints after an epoch."""
    names = dict.fromkeys(point.metrics)
    train, held_out = f"{point.train_loss:.9g}", f"{point.validation_loss:.9g}"
    if settings.task != "reconstruct":
        train += f", accuracy {point.train_accuracy:.9g}"
        held_out += f", accuracy {point.validation_accuracy:.9g}"
    more = "".join(f", {name} {point.metrics[name]:.9g}" for name in names)
    return f"epoch {point.epoch}: train loss {train}; validation loss {held_out}{more}"


def _docstring(snapshot: RunSnapshot, arrays: str, *, fashion_mnist: bool) -> str:
    settings, started = snapshot.settings, snapshot.started
    if started is None:
        raise TypeError("checked before")
    if fashion_mnist:
        needs = (
            "It needs torch and numpy, and the four archives of FashionMNIST in a folder; where they are not there, "
            "torchvision fetches them into it:"
        )
    else:
        needs = (
            f"It was trained on {_ascii(started.data_name)}, which lossviz draws itself; they are not FashionMNIST, "
            f"and this script cannot draw them. Download {arrays} from the same page and put it into a folder. "
            "It needs torch and numpy:"
        )
    rounding = (
        "On another processor, with another version of torch or another number of threads, sums are rounded otherwise, "
        "and training makes small differences grow."
    )
    where = f"{_ascii(started.device)} ({_ascii(started.device_name)})"
    told = [line(settings, epoch) for epoch in snapshot.epochs]
    result = snapshot.result
    if result is not None and result.test_loss is not None and result.test_accuracy is not None:
        accuracy = f", accuracy {result.test_accuracy:.9g}" if math.isfinite(result.test_accuracy) else ""
        more = "".join(f", {name} {value:.9g}" for name, value in result.test_metrics.items())
        told.append(f"test images: loss {result.test_loss:.9g}{accuracy}{more}")
    if len(snapshot.epochs) < settings.epochs:
        why = "stopped early" if result is not None and result.stopped_early else "ended"
        told.append(f"({why} after {len(snapshot.epochs)} of {settings.epochs} epochs)")
    parts = [
        f"A training run of lossviz on its own: {settings.loss}, to {settings.task}.",
        _wrap(
            "It trains the network of the run with the same first weights on the same images in the same order, and "
            f"prints what the run printed. {rounding}"
        ),
        _wrap(needs),
        _USE,
        f"What the run measured on {where}, with torch {importlib.metadata.version('torch')} or before:",
        "\n".join(f"    {each}" for each in told) or "    nothing",
    ]
    return '"""' + "\n\n".join(parts) + '\n"""'


def _wrap(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _ascii(text: str) -> str:
    """Text from a processor's maker or a file, as it may stand in a docstring."""
    return re.sub(r"[^\w .,()@:+-]", " ", text, flags=re.ASCII)[:80]


def _imports(settings: Settings, *, fashion_mnist: bool) -> str:
    lines = ["from __future__ import annotations\n"]
    if fashion_mnist:
        lines.append("import gzip")
    if settings.schedule != "constant" or settings.early_stopping:
        lines.append("import math")
    lines.append("import sys")
    if settings.task == "embed":
        lines.append("from dataclasses import dataclass")
    lines += [
        "from pathlib import Path\n",
        "import numpy as np",
        "import torch",
        "from torch import Tensor, nn",
    ]
    text = "\n".join(lines)
    functional = "from torch.nn import functional"
    code = loss_code(settings)
    pieces = "\n".join([*code.before, code.make, code.batch])
    if re.search(r"\bF\.", pieces):
        text += "\nfrom torch.nn import functional as F"
    if re.search(r"(?<!\.)\bfunctional\.", pieces):
        text += f"\n{functional}"
    return text


def _constants(snapshot: RunSnapshot, statistics: tuple[float, float]) -> str:
    settings, started = snapshot.settings, snapshot.started
    if started is None:
        raise TypeError("checked before")
    device = started.device if re.fullmatch(r"[a-z]+(:\d+)?", started.device) else "cpu"
    batch_matters = settings.mistake in ("sum", "target-shape")
    at_once = settings.batch_size if batch_matters else MEASURED_AT_ONCE
    why = "  # images; with this mistake the loss depends on how many" if batch_matters else "  # images"
    mean, std = statistics
    rate = {"one-cycle": "  # at its peak", "cosine": "  # at first"}.get(settings.schedule, "")
    lines = [
        f"SEED = {settings.seed}  # picks the images, the first weights and the order of the batches",
        f"TRAIN_SIZE = {settings.train_size:_}  # images used",
        f"VALIDATION_IMAGES = {settings.validation_images:_}  # of these are held out and not trained on",
        f"BATCH_SIZE = {settings.batch_size}",
        f"EPOCHS = {settings.epochs}",
        f"LEARNING_RATE = {settings.learning_rate!r}{rate}",
        f"TRAIN_MEASURED_AT_MOST = {TRAIN_MEASURED_AT_MOST:_}  # train images measured after an epoch",
        f"MEASURED_AT_ONCE = {at_once}{why}",
        f"MEAN, STD = {mean!r}, {std!r}  # of the training images' pixels, from 0 to 1",
    ]
    if settings.label_noise:
        lines.append(
            f"LABEL_NOISE = {settings.label_noise!r}  # share of the training labels that are replaced"
        )
    if settings.early_stopping:
        lines.append(
            f"PATIENCE = {settings.early_stopping}  # epochs without a better validation loss, then it stops"
        )
    if _uses_classes(settings):
        lines.append("CLASSES = 10")
    lines += [f'DEVICE = torch.device("{device}")', f"torch.set_num_threads({started.threads})"]
    return "\n".join(lines)


def _uses_classes(settings: Settings) -> bool:
    code = loss_code(settings)
    return settings.label_noise > 0 or "CLASSES" in "\n".join([*code.before, code.make, code.batch])


def _data(arrays: str, *, fashion_mnist: bool) -> str:
    tensors = '''\
def tensors(images: np.ndarray, labels: np.ndarray) -> tuple[Tensor, Tensor]:
    """Images and labels as torch takes them: bytes (N, 1, 28, 28) and classes (N,)."""
    classes = torch.from_numpy(labels.astype(np.int64))
    return torch.from_numpy(images).unsqueeze(1).to(DEVICE), classes.to(DEVICE)'''
    if not fashion_mnist:
        return f'''\
{tensors}


def load(folder: Path) -> list[tuple[Tensor, Tensor]]:
    """The images to train on, those held out and the test images, as lossviz drew and split them."""
    path = folder / {arrays!r}
    if not path.is_file():
        sys.exit(f"{{path}} is not there. Download it from the page of this run in lossviz: it holds the images.")
    with np.load(path, allow_pickle=False) as kept:
        parts = [
            tensors(kept[f"{{part}}_images"], kept[f"{{part}}_labels"]) for part in ("train", "validation", "test")
        ]
    if [len(labels) for _, labels in parts[:2]] != [TRAIN_SIZE - VALIDATION_IMAGES, VALIDATION_IMAGES]:
        sys.exit(f"{{path}} holds the images of another run.")
    return parts'''
    return f'''\
def read(folder: Path, name: str, header: int) -> np.ndarray:
    """One of FashionMNIST's files, packed or unpacked: the bytes that follow its header."""
    for place in (folder, folder / "FashionMNIST" / "raw", folder / "raw"):
        if (place / f"{{name}}.gz").is_file():
            return np.frombuffer(gzip.decompress((place / f"{{name}}.gz").read_bytes()), np.uint8, offset=header)
        if (place / name).is_file():
            return np.frombuffer((place / name).read_bytes(), np.uint8, offset=header)
    print(f"{{folder}} does not hold {{name}}: torchvision fetches FashionMNIST.", file=sys.stderr)
    from torchvision.datasets import FashionMNIST

    FashionMNIST(str(folder), download=True)
    return np.frombuffer((folder / "FashionMNIST" / "raw" / name).read_bytes(), np.uint8, offset=header)


{tensors}


def load(folder: Path) -> list[tuple[Tensor, Tensor]]:
    """The images to train on, those held out and the official test images."""
    images = read(folder, "train-images-idx3-ubyte", 16).reshape(-1, 28, 28)
    labels = read(folder, "train-labels-idx1-ubyte", 8)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(SEED)).numpy()
    trained_on, held_out = order[VALIDATION_IMAGES:TRAIN_SIZE], order[:VALIDATION_IMAGES]
    test_images = read(folder, "t10k-images-idx3-ubyte", 16).reshape(-1, 28, 28).copy()
    test_labels = read(folder, "t10k-labels-idx1-ubyte", 8)
    return [
        tensors(images[trained_on], labels[trained_on]),
        tensors(images[held_out], labels[held_out]),
        tensors(test_images, test_labels),
    ]'''


def _weights(*, head: bool) -> str:
    if head:
        body = """\
    network.load_state_dict({name: value for name, value in weights.items() if not name.startswith("loss.")})
    own = {name.removeprefix("loss."): value for name, value in weights.items() if name.startswith("loss.")}
    loss_function.load_state_dict(own)  # the last layer belongs to the loss"""
    else:
        body = "    network.load_state_dict(weights)"
    return f'''\
def load_weights(path: str) -> None:
    """The weights that lossviz saved, instead of training."""
    from safetensors.torch import load_file

    weights = load_file(path)
{body}'''
