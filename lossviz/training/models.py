"""The networks: small enough to train while a class watches."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import nn

from lossviz.training.events import Layer

PIXELS = 28
HIDDEN = 32


def build(name: str, num_classes: int = 10) -> nn.Sequential:
    """A network, with first weights from torch's random state.

    Args:
        name: "linear", "mlp", "cnn" or "strided".
        num_classes: How many logits it gives.

    Returns:
        The network: (B, 1, 28, 28) float32 -> (B, num_classes) logits.
    """
    return _BUILDERS[name](num_classes)


def layers(model: nn.Sequential) -> list[Layer]:
    """The network's layers with the shapes that come out of them.

    Args:
        model: A network of `build`.

    Returns:
        A `Layer` a module, first module first.
    """
    found = []
    with torch.inference_mode():
        values = torch.zeros(1, 1, PIXELS, PIXELS)
        for module in model:
            values = module(values)
            count = sum(parameter.numel() for parameter in module.parameters())
            found.append(Layer(_describe(module), list(values.shape[1:]), count))
    return found


def _linear(num_classes: int) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(PIXELS**2, num_classes))


def _mlp(num_classes: int) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(PIXELS**2, 128), nn.ReLU(), nn.Linear(128, num_classes))


def _cnn(num_classes: int) -> nn.Sequential:
    # Pooling before ReLU gives the same values, max(0, max x) = max(max(0, x)), from a quarter of the work.
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, num_classes),
    )


def _strided(num_classes: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, num_classes),
    )


_BUILDERS: Mapping[str, Callable[[int], nn.Sequential]] = {
    "linear": _linear,
    "mlp": _mlp,
    "cnn": _cnn,
    "strided": _strided,
}


def _describe(module: nn.Module) -> str:
    if isinstance(module, nn.Conv2d):
        stride = f", stride {module.stride[0]}" if module.stride[0] > 1 else ""
        side = module.kernel_size[0]
        return f"Conv2d {module.in_channels} → {module.out_channels}, {side}x{side}{stride}"
    if isinstance(module, nn.Linear):
        return f"Linear {module.in_features} → {module.out_features}"
    if isinstance(module, nn.MaxPool2d):
        return f"MaxPool2d {module.kernel_size}x{module.kernel_size}"
    return type(module).__name__
