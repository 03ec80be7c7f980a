"""The networks as tables, for a page that does not load torch. A test holds them against `models.build`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lossviz.training.events import Layer

_HEAD: Final = (
    Layer("Flatten", [1568], 0),
    Layer("Linear 1568 → 32", [32], 50_208),
    Layer("ReLU", [32], 0),
    Layer("Linear 32 → 10", [10], 330),
)

LAYERS: Final[Mapping[str, tuple[Layer, ...]]] = {
    "linear": (Layer("Flatten", [784], 0), Layer("Linear 784 → 10", [10], 7_850)),
    "mlp": (
        Layer("Flatten", [784], 0),
        Layer("Linear 784 → 128", [128], 100_480),
        Layer("ReLU", [128], 0),
        Layer("Linear 128 → 10", [10], 1_290),
    ),
    "cnn": (
        Layer("Conv2d 1 → 16, 3x3", [16, 28, 28], 160),
        Layer("MaxPool2d 2x2", [16, 14, 14], 0),
        Layer("ReLU", [16, 14, 14], 0),
        Layer("Conv2d 16 → 32, 3x3", [32, 14, 14], 4_640),
        Layer("MaxPool2d 2x2", [32, 7, 7], 0),
        Layer("ReLU", [32, 7, 7], 0),
        *_HEAD,
    ),
    "strided": (
        Layer("Conv2d 1 → 16, 5x5, stride 2", [16, 14, 14], 416),
        Layer("ReLU", [16, 14, 14], 0),
        Layer("Conv2d 16 → 32, 3x3, stride 2", [32, 7, 7], 4_640),
        Layer("ReLU", [32, 7, 7], 0),
        *_HEAD,
    ),
}
"""The layers of each network, first layer first, by the name that `Settings.model` has."""


def parameters(model: str) -> int:
    """How many numbers a network learns.

    Raises:
        KeyError: If there is no such network.
    """
    return sum(layer.parameters for layer in LAYERS[model])
