"""A run's network as Python that a student reads. A test holds it against `lossviz.training.models`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lossviz.training.settings import Settings

_CNN_END: Final = (
    "nn.Flatten(),",
    "nn.Linear(32 * 7 * 7, 32),",
    "nn.ReLU(),",
)
_BODIES: Final[Mapping[str, tuple[str, ...]]] = {
    "linear": ("nn.Flatten(),",),
    "narrow-mlp": (
        "nn.Flatten(),",
        "nn.Linear(28 * 28, 1),",
        "nn.ReLU(),",
    ),
    "mlp": (
        "nn.Flatten(),",
        "nn.Linear(28 * 28, 128),",
        "nn.ReLU(),",
    ),
    "wide-mlp": (
        "nn.Flatten(),",
        "nn.Linear(28 * 28, 1024),",
        "nn.ReLU(),",
    ),
    "cnn": (
        "nn.Conv2d(1, 16, kernel_size=3, padding=1),",
        "nn.MaxPool2d(2),  # before ReLU: the same values from a quarter of the work",
        "nn.ReLU(),",
        "nn.Conv2d(16, 32, kernel_size=3, padding=1),",
        "nn.MaxPool2d(2),",
        "nn.ReLU(),",
        *_CNN_END,
    ),
    "strided": (
        "nn.Conv2d(1, 16, kernel_size=5, stride=2, padding=2),",
        "nn.ReLU(),",
        "nn.Conv2d(16, 32, kernel_size=3, stride=2, padding=1),",
        "nn.ReLU(),",
        *_CNN_END,
    ),
}
FEATURES: Final[Mapping[str, str]] = {
    "linear": "28 * 28",
    "narrow-mlp": "1",
    "mlp": "128",
    "wide-mlp": "1024",
    "cnn": "32",
    "strided": "32",
}
"""How many numbers come out below the last layer, as Python."""


def network_code(settings: Settings) -> str:
    """The network that a run trains.

    Args:
        settings: The network, the task, the loss and the dropout are read.

    Returns:
        Python that makes `network`; its first weights come from torch's random state.
    """
    body = _BODIES[settings.model]
    if settings.dropout:
        body = (
            *body,
            f"nn.Dropout({settings.dropout!r}),  # leaves out units in training, none when it is measured",
        )
    before: tuple[str, ...] = ()
    if settings.task == "embed":
        lines = (*body, f"nn.Linear({FEATURES[settings.model]}, 2),  # a point on a plane")
    elif settings.task == "reconstruct":
        before, decoder = _decoder(settings)
        lines = (*body, *decoder)
    elif settings.spec.takes == "features":
        lines = body  # the last layer belongs to the loss
    else:
        lines = (*body, f"nn.Linear({FEATURES[settings.model]}, 10),")
    return "\n".join([*before, "network = nn.Sequential(", *(f"    {line}" for line in lines), ")"])


def _decoder(settings: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """From what the network sees to 32 numbers, and back to an image: what is made first, and the layers."""
    channels = 2 if settings.loss == "GaussianNLLLoss" else 1
    pixels = "2 * 28 * 28" if channels == 2 else "28 * 28"
    image = f"nn.Unflatten(1, ({channels}, 28, 28)),"
    squeeze = "  # the bottleneck: an image as 32 numbers"
    if settings.model == "linear":
        return (), (f"nn.Linear(28 * 28, 32),{squeeze}", f"nn.Linear(32, {pixels}),", image)
    if settings.model in ("narrow-mlp", "mlp", "wide-mlp"):
        width = FEATURES[settings.model]
        code = (
            "decoder = [  # made first, as in the run: the first weights are drawn one layer after the other",
            f"    nn.Linear({width}, 32),{squeeze}",
            f"    nn.Linear(32, {width}),",
            "    nn.ReLU(),",
            f"    nn.Linear({width}, {pixels}),",
            "]",
        )
        return code, ("*decoder,", image)
    return (), (
        "nn.Linear(32, 32 * 7 * 7),  # from the bottleneck, an image as 32 numbers, back",
        "nn.ReLU(),",
        "nn.Unflatten(1, (32, 7, 7)),",
        f"nn.Conv2d(32, {16 * channels}, kernel_size=3, padding=1),",
        "nn.PixelShuffle(4),  # every place of 7 x 7 has given its 4 x 4 pixels",
    )
