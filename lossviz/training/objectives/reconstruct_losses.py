"""The losses that train an autoencoder: what each takes and what can be set. Knows no torch."""

from __future__ import annotations

from typing import Final

from lossviz.training.objectives.argument import Argument
from lossviz.training.objectives.shared import BETA, DELTA, FULL, REDUCED, REGRESSION_MISTAKES
from lossviz.training.objectives.spec import LossSpec

TASK: Final = "reconstruct"
_MEAN_PICTURE: Final = "a network that answers every image with the mean image"


def _pixelwise(name: str, inside: str, leads_to: str, arguments: tuple[Argument, ...] = ()) -> LossSpec:
    return LossSpec(
        name,
        TASK,
        "pixel values",
        "Expects pixel values on the scale of the target, 0 to 1: the network ends with a sigmoid that keeps to it. "
        f"{leads_to}",
        f"network → sigmoid → **pixel values** → [ minus the image → {inside} → mean over pixels ]",
        f"nn.{name}({{arguments}})(network(images).sigmoid(), pictures)",
        _MEAN_PICTURE,
        arguments,
        REGRESSION_MISTAKES,
    )


LOSSES: Final[tuple[LossSpec, ...]] = (
    _pixelwise("MSELoss", "square", "Where the network is not sure it answers the mean, and that is blur."),
    _pixelwise("L1Loss", "absolute value", "Where the network is not sure it answers the median."),
    _pixelwise(
        "SmoothL1Loss",
        "squared within beta, straight beyond",
        "Errors of pixels are at most 1, so with the default beta it is half of MSE.",
        (BETA,),
    ),
    _pixelwise(
        "HuberLoss",
        "squared within delta, straight beyond",
        "Errors of pixels are at most 1, so with the default delta it is half of MSE.",
        (DELTA,),
    ),
    LossSpec(
        "BCELoss",
        TASK,
        "probabilities",
        "Expects probabilities from 0 to 1: the network ends with a sigmoid. A grey pixel is read as the chance of a "
        "white one, so the loss of a perfect picture is not 0.",
        "network → sigmoid → **probabilities** → [ binary cross-entropy with the image → mean over pixels ]",
        "nn.BCELoss({arguments})(network(images).sigmoid(), pictures)",
        _MEAN_PICTURE,
        (),
        REDUCED,
    ),
    LossSpec(
        "BCEWithLogitsLoss",
        TASK,
        "logits",
        "Expects raw logits: it takes the sigmoid itself. A grey pixel is read as the chance of a white one, "
        "so the loss "
        "of a perfect picture is not 0.",
        "network → **logits** → [ log-sigmoid → binary cross-entropy with the image → mean over pixels ]",
        "nn.BCEWithLogitsLoss({arguments})(network(images), pictures)",
        _MEAN_PICTURE,
        (
            Argument(
                "pos_weight",
                "number",
                "How much white counts against black.",
                1.0,
                0.01,
                100.0,
                tensor=True,
            ),
        ),
        REDUCED,
    ),
    LossSpec(
        "PoissonNLLLoss",
        TASK,
        "log-rates",
        "Expects the logarithm of a rate, the expected brightness, with log_input; without it the rate itself, which a "
        "softplus keeps above 0. It is made for counts; the image's brightness is taken as one. Values below "
        "0 are fine.",
        "network → **log-rate** → [ e^log-rate − image · log-rate → mean over pixels ]",
        "nn.PoissonNLLLoss({arguments})"
        "(network(images) if {log_input} else F.softplus(network(images)), pictures)",
        _MEAN_PICTURE,
        (
            Argument(
                "log_input", "switch", "Whether the network gives the logarithm of the rate.", default=True
            ),
        ),
        REDUCED,
    ),
    LossSpec(
        "GaussianNLLLoss",
        TASK,
        "means and variances",
        "Expects a mean and a variance for every pixel: the network has two outputs a pixel, one through a "
        "sigmoid, one "
        "through a softplus. It says where it is not sure. Values below 0 are fine.",
        "network → sigmoid and softplus → **mean, variance** → [ half of ln variance + (mean − image)² / "
        "variance → mean "
        "over pixels ]",
        "nn.GaussianNLLLoss({arguments})"
        "(network(images)[:, :1].sigmoid(), pictures, F.softplus(network(images)[:, 1:]))",
        "a network that answers every image with the mean image and the variance of all pixels",
        (
            FULL,
            Argument(
                "eps",
                "number",
                "The smallest variance. Black pixels are the same in every image: without a floor their variance "
                "goes to 0 "
                "and their pull to infinity.",
                1e-3,
                1e-6,
                1.0,
                torch_default=1e-6,
            ),
        ),
        REDUCED,
    ),
)
"""In the order in which a page shows them."""
