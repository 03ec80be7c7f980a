"""The networks: small enough to train while a class watches."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import nn

from lossviz.training.events import Layer
from lossviz.training.objectives.argument import CLASSES

PIXELS = 28
HIDDEN = 32
PLANE = 2
"""Dimensions of an embedding: as many as the eye sees on a page."""


def build(name: str, num_classes: int = 10, dropout: float = 0.0) -> nn.Sequential:
    """A network, with first weights from torch's random state.

    Args:
        name: "linear", "narrow-mlp", "mlp", "wide-mlp", "cnn" or "strided".
        num_classes: How many numbers it gives: logits, or the dimensions of an embedding.
        dropout: Share of the hidden units below the last layer that a training step leaves out.

    Returns:
        The network: (B, 1, 28, 28) float32 -> (B, num_classes) logits.
    """
    return nn.Sequential(*_body(name, dropout), nn.Linear(FEATURES[name], num_classes))


def body(name: str, dropout: float = 0.0) -> nn.Sequential:
    """A network without its last layer, for a loss that owns that layer.

    Args:
        name: "linear", "narrow-mlp", "mlp", "wide-mlp", "cnn" or "strided".
        dropout: As for `build`.

    Returns:
        The network: (B, 1, 28, 28) float32 -> (B, FEATURES[name]); its first weights are those that `build` gives
        these layers from the same random state.
    """
    return nn.Sequential(*_body(name, dropout))


def autoencoder(name: str, channels: int = 1, dropout: float = 0.0) -> nn.Sequential:
    """A network that squeezes an image through 32 numbers and draws it again.

    Args:
        name: Which network looks at the image. Those of convolutions also draw with one.
        channels: How many numbers it gives for a pixel.
        dropout: Share of the hidden units of the network that looks that a training step leaves out.

    Returns:
        The network: (B, 1, 28, 28) float32 -> (B, channels, 28, 28).
    """
    pixels = channels * PIXELS**2
    image = nn.Unflatten(1, (channels, PIXELS, PIXELS))
    if name == "linear":
        return nn.Sequential(nn.Flatten(), nn.Linear(PIXELS**2, HIDDEN), nn.Linear(HIDDEN, pixels), image)
    if name in ("narrow-mlp", "mlp", "wide-mlp"):
        width = FEATURES[name]
        code = (nn.Linear(width, HIDDEN), nn.Linear(HIDDEN, width), nn.ReLU(), nn.Linear(width, pixels))
        return nn.Sequential(*_body(name, dropout), *code, image)
    # One convolution gives every place of 7 x 7 the 16 pixels that belong to it: against two that double the side
    # in turn, transposed, this trains 1.15 to 1.4 times as fast.
    return nn.Sequential(
        *_body(name, dropout),
        nn.Linear(HIDDEN, 32 * 7 * 7),
        nn.ReLU(),
        nn.Unflatten(1, (32, 7, 7)),
        nn.Conv2d(32, 16 * channels, 3, padding=1),
        nn.PixelShuffle(4),
    )


def layers(model: nn.Sequential, head: nn.Module | None = None) -> list[Layer]:
    """The network's layers with the shapes that come out of them.

    Args:
        model: A network of this module.
        head: Layers that belong to the loss.

    Returns:
        A `Layer` a module, first module first, the head last.
    """
    found = []
    with torch.inference_mode():
        values = torch.zeros(1, 1, PIXELS, PIXELS)
        for module in model:
            values = module(values)
            count = sum(parameter.numel() for parameter in module.parameters())
            found.append(Layer(_describe(module), list(values.shape[1:]), count))
    if head is not None:
        count = sum(parameter.numel() for parameter in head.parameters())
        name = f"{type(head).__name__} {values.shape[1]} → {CLASSES}"
        found.append(Layer(name, [CLASSES], count))
    return found


def _body(name: str, dropout: float) -> list[nn.Module]:
    """The layers below the last; one that drops units has no weights, so the first weights are the same without."""
    return [*_BODIES[name](), *([nn.Dropout(dropout)] if dropout else [])]


def _linear() -> list[nn.Module]:
    return [nn.Flatten()]


def _hidden_layer(units: int) -> Callable[[], list[nn.Module]]:
    return lambda: [nn.Flatten(), nn.Linear(PIXELS**2, units), nn.ReLU()]


def _cnn() -> list[nn.Module]:
    # Pooling before ReLU gives the same values, max(0, max x) = max(max(0, x)), from a quarter of the work.
    return [
        nn.Conv2d(1, 16, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, HIDDEN),
        nn.ReLU(),
    ]


def _strided() -> list[nn.Module]:
    return [
        nn.Conv2d(1, 16, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, HIDDEN),
        nn.ReLU(),
    ]


_BODIES: Mapping[str, Callable[[], list[nn.Module]]] = {
    "linear": _linear,
    "narrow-mlp": _hidden_layer(1),
    "mlp": _hidden_layer(128),
    "wide-mlp": _hidden_layer(1024),
    "cnn": _cnn,
    "strided": _strided,
}
FEATURES: Mapping[str, int] = {
    "linear": PIXELS**2,
    "narrow-mlp": 1,
    "mlp": 128,
    "wide-mlp": 1024,
    "cnn": HIDDEN,
    "strided": HIDDEN,
}
"""How many numbers come out of each network below its last layer."""


def _describe(module: nn.Module) -> str:
    if isinstance(module, nn.Conv2d):
        stride = f", stride {module.stride[0]}" if module.stride[0] > 1 else ""
        side = module.kernel_size[0]
        return f"Conv2d {module.in_channels} → {module.out_channels}, {side}x{side}{stride}"
    if isinstance(module, nn.Linear):
        return f"Linear {module.in_features} → {module.out_features}"
    if isinstance(module, nn.Dropout):
        return f"Dropout {module.p:g}"
    if isinstance(module, nn.PixelShuffle):
        return f"PixelShuffle {module.upscale_factor}"
    if isinstance(module, nn.MaxPool2d):
        return f"MaxPool2d {module.kernel_size}x{module.kernel_size}"
    return type(module).__name__
