"""A run's weights as safetensors: a list of names and shapes in JSON, then the numbers. Nothing in it can run.

Imports torch and safetensors when a function is called.

Source: https://github.com/huggingface/safetensors (Apache-2.0).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lossviz.training.data.dataset import Dataset
from lossviz.training.settings import Settings

if TYPE_CHECKING:
    from torch import Tensor, nn

FILE: Final = "weights.safetensors"
ARTEFACT: Final = "weights"
HEAD: Final = "loss."
"""What the names of the weights begin with that belong to the loss."""

_MOST_BYTES: Final = 64_000_000


class WeightsError(ValueError):
    """A weights file that is not there or cannot be read; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What a weights file holds.

    Attributes:
        tensors: Names to float32 tensors, as the network's `state_dict` has them; those of layers that belong to
            the loss begin with "loss.".
        mean: Mean of the pixels that the network was trained on, on the scale 0 to 1.
        std: Their standard deviation.
        data_name: "FashionMNIST" or "drawn garments".
    """

    tensors: Mapping[str, Tensor]
    mean: float
    std: float
    data_name: str


def save_weights(
    network: nn.Module, head: nn.Module | None, settings: Settings, dataset: Dataset, path: Path
) -> None:
    """Write a network's weights, whole or not at all.

    Args:
        network: The network.
        head: Layers that belong to the loss, if there are some.
        settings: What was trained, kept beside the weights.
        dataset: What it was trained on: its name and its pixels' statistics are kept.
        path: The file; its folder is made.

    Raises:
        OSError: The disk cannot be written.
    """
    from safetensors.torch import save

    tensors = {
        f"{prefix}{name}": tensor.detach().cpu().contiguous()
        for prefix, module in (("", network), (HEAD, head))
        if module is not None
        for name, tensor in module.state_dict().items()
    }
    about = {
        "format": "pt",
        "settings": json.dumps(settings.as_dict(), sort_keys=True),
        "data": dataset.name,
        "mean": repr(dataset.mean),
        "std": repr(dataset.std),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    part.write_bytes(save(tensors, about))
    part.replace(path)


def load_weights(path: Path) -> Weights:
    """Read a run's weights.

    Args:
        path: A file that `save_weights` wrote.

    Returns:
        The weights.

    Raises:
        WeightsError: The file is not there, or is not a weights file of lossviz.
    """
    from safetensors import SafetensorError, safe_open

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise WeightsError(f"{path} is too large for weights of lossviz. Train again.")
        with safe_open(path, framework="pt") as opened:
            about = opened.metadata() or {}
            return Weights(
                {name: opened.get_tensor(name) for name in opened.keys()},  # noqa: SIM118 - no mapping
                float(about["mean"]),
                float(about["std"]),
                str(about["data"]),
            )
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        if isinstance(error, WeightsError):
            raise
        raise WeightsError(f"The weights in {path} cannot be read ({error}). Train again.") from error
