"""The networks as tables, for a page that does not load torch. A test holds them against the networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lossviz.training.events import Layer
from lossviz.training.settings import Settings

_HEAD: Final = (
    Layer("Flatten", [1568], 0),
    Layer("Linear 1568 → 32", [32], 50_208),
    Layer("ReLU", [32], 0),
    Layer("Linear 32 → 10", [10], 330),
)

LAYERS: Final[Mapping[str, tuple[Layer, ...]]] = {
    "linear": (Layer("Flatten", [784], 0), Layer("Linear 784 → 10", [10], 7_850)),
    "narrow-mlp": (
        Layer("Flatten", [784], 0),
        Layer("Linear 784 → 1", [1], 785),
        Layer("ReLU", [1], 0),
        Layer("Linear 1 → 10", [10], 20),
    ),
    "mlp": (
        Layer("Flatten", [784], 0),
        Layer("Linear 784 → 128", [128], 100_480),
        Layer("ReLU", [128], 0),
        Layer("Linear 128 → 10", [10], 1_290),
    ),
    "wide-mlp": (
        Layer("Flatten", [784], 0),
        Layer("Linear 784 → 1024", [1024], 803_840),
        Layer("ReLU", [1024], 0),
        Layer("Linear 1024 → 10", [10], 10_250),
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
"""The layers of each network that classifies, first layer first, by the name that `Settings.model` has."""

_CODE: Final = 32
_PIXELS: Final = 28 * 28


def layers(settings: Settings) -> tuple[Layer, ...]:
    """The layers of the network that a run trains, first layer first; layers that belong to the loss are the last.

    Args:
        settings: The network, the task, the loss and its arguments are read.

    Returns:
        What `Started.layers` of the run will be.
    """
    below = LAYERS[settings.model][:-1]
    features = below[-1].output_shape[-1]
    dropped = (Layer(f"Dropout {settings.dropout:g}", [features], 0),) if settings.dropout else ()
    body = (*below, *dropped)
    if settings.task == "embed":
        return (*body, _linear(features, 2))
    if settings.task == "reconstruct":
        return (*body, *_decoder(settings, features))
    if settings.loss == "LinearCrossEntropyLoss":
        return (*body, Layer(f"{settings.loss} {features} → 10", [10], features * 10 + 10))
    if settings.loss == "AdaptiveLogSoftmaxWithLoss":
        return (*body, Layer(f"{settings.loss} {features} → 10", [10], _adaptive(settings, features)))
    return (*body, LAYERS[settings.model][-1])


def parameters_of(settings: Settings) -> int:
    """How many numbers a run's network learns, those of its loss included."""
    return sum(layer.parameters for layer in layers(settings))


def _linear(into: int, out: int) -> Layer:
    return Layer(f"Linear {into} → {out}", [out], into * out + out)


def _decoder(settings: Settings, features: int) -> tuple[Layer, ...]:
    """From the 32 numbers back to an image; a network for GaussianNLLLoss gives two numbers a pixel."""
    channels = 2 if settings.loss == "GaussianNLLLoss" else 1
    image = Layer("Unflatten", [channels, 28, 28], 0)
    pixels = channels * _PIXELS
    if settings.model == "linear":
        return _linear(features, _CODE), _linear(_CODE, pixels), image
    if settings.model in ("narrow-mlp", "mlp", "wide-mlp"):
        wide = _linear(_CODE, features), Layer("ReLU", [features], 0), _linear(features, pixels)
        return _linear(features, _CODE), *wide, image
    maps = 16 * channels
    return (
        _linear(_CODE, 1568),
        Layer("ReLU", [1568], 0),
        Layer("Unflatten", [32, 7, 7], 0),
        Layer(f"Conv2d 32 → {maps}, 3x3", [maps, 7, 7], 32 * 9 * maps + maps),
        Layer("PixelShuffle 4", [channels, 28, 28], 0),
    )


def _adaptive(settings: Settings, features: int) -> int:
    """Parameters of AdaptiveLogSoftmaxWithLoss: a head, and a tail through fewer features."""
    cutoff, div_value = settings.argument("cutoff"), settings.argument("div_value")
    if isinstance(cutoff, tuple) or isinstance(div_value, tuple):
        raise TypeError("cutoff and div_value are numbers")
    head = (int(cutoff) + 1) * (features + bool(settings.argument("head_bias")))
    fewer = int(features // div_value)
    return head + fewer * (features + 10 - int(cutoff))


def parameters(model: str) -> int:
    """How many numbers a network that classifies learns.

    Raises:
        KeyError: If there is no such network.
    """
    return sum(layer.parameters for layer in LAYERS[model])
