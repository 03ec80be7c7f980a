"""Training runs worth a lecture, ready to choose."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lossviz.training.diagnosis import Verdict
from lossviz.training.settings import Settings


@dataclass(frozen=True, slots=True)
class TrainingPreset:
    """A named set of settings.

    Attributes:
        key: How a link names it.
        title: What the page calls it.
        sentence: What there is to see, in a sentence or two.
        settings: What it trains.
        verdict: What the doctor says of it on FashionMNIST when it is finished; None for a range test. The benchmark
            `benchmarks/presets.py` holds it against real runs.
    """

    key: str
    title: str
    sentence: str
    settings: Settings
    verdict: Verdict | None = "healthy"


# What other presets are compared with: they differ from it in one thing.
_HEALTHY = Settings(model="strided", learning_rate=1e-3, schedule="constant", epochs=6)
_OVERFITS = Settings(
    model="wide-mlp",
    learning_rate=5e-4,
    schedule="constant",
    batch_size=32,
    epochs=25,
    train_size=1_000,
    validation_share=0.5,
)

PRESETS: tuple[TrainingPreset, ...] = (
    TrainingPreset(
        "first-look",
        "A first look",
        "A small CNN on 10,000 images: the whole story in less than half a minute.",
        Settings(),
    ),
    TrainingPreset(
        "ninety-percent",
        "90 % in half a minute",
        "All 60,000 images, a CNN that strides instead of pooling, and a learning rate that rises and falls.",
        Settings(
            model="strided",
            learning_rate=8e-3,
            schedule="one-cycle",
            batch_size=128,
            epochs=4,
            train_size=60_000,
            validation_share=0.02,
        ),
    ),
    TrainingPreset(
        "healthy",
        "Healthy",
        "Both curves fall and flatten; a gap opens between them, as in every run that learns its images well.",
        _HEALTHY,
    ),
    TrainingPreset(
        "underfit",
        "Underfitting",
        "One hidden unit has to tell ten classes apart. Train and validation stay together, high above what the data "
        "allows: more epochs do not help, more units do.",
        Settings(model="narrow-mlp", learning_rate=1e-2, schedule="one-cycle", epochs=15),
        "underfitting",
    ),
    TrainingPreset(
        "overfit",
        "Overfitting",
        "500 images and a wide MLP that learns them by heart: train loss goes to nothing, validation loss rises.",
        _OVERFITS,
        "overfitting",
    ),
    TrainingPreset(
        "early-stopping",
        "Early stopping",
        "The overfitting run again, with a patience of eight epochs: it ends early, and the weights of its best epoch "
        "are kept.",
        replace(_OVERFITS, early_stopping=8),
        "overfitting",
    ),
    TrainingPreset(
        "label-noise",
        "Label noise",
        "Four in ten training labels are wrong. Validation, whose labels are right, is best early: until then the "
        "network learns what is common, later the wrong labels by heart.",
        Settings(
            model="wide-mlp",
            learning_rate=1e-3,
            schedule="constant",
            epochs=20,
            train_size=2_000,
            validation_share=0.25,
            label_noise=0.4,
        ),
        "overfitting",
    ),
    TrainingPreset(
        "rate-too-high",
        "Learning rate too high",
        "SGD with a learning rate of 2: the loss leaves the finite numbers within the first epoch.",
        Settings(model="strided", optimizer="sgd", learning_rate=2.0, schedule="constant", epochs=3),
        "diverged",
    ),
    TrainingPreset(
        "rate-too-low",
        "Learning rate too low",
        "SGD with a learning rate of 0.0003: the curves fall evenly and slowly. After six epochs the loss is near 1.7; "
        "Adam with 0.001 is below 0.6 after one.",
        Settings(model="mlp", optimizer="sgd", learning_rate=3e-4, schedule="constant", epochs=6),
        "underfitting",
    ),
    TrainingPreset(
        "range-test",
        "Which learning rate?",
        "150 steps with a learning rate that rises by 11 % each time. The loss falls, is lowest, then shoots up: "
        "take a rate from where it falls most steeply.",
        Settings(range_test=True),
        None,
    ),
    TrainingPreset(
        "dropout",
        "Dropout",
        "During the epoch the train loss is above validation, and nothing is wrong: each step leaves out half of the "
        "units, and none is left out when it is measured. Measured so after the epoch, train is below.",
        Settings(model="mlp", learning_rate=1e-3, schedule="constant", epochs=8, dropout=0.5),
    ),
    TrainingPreset(
        "label-smoothing",
        "Label smoothing",
        "With a tenth of the target spread over all classes the loss cannot fall below 0.5, and the network is less "
        "sure of itself: compare its reliability with that of the healthy run.",
        replace(_HEALTHY, label_smoothing=0.1),
    ),
    TrainingPreset(
        "linear",
        "Linear model",
        "One layer and no hidden units: how far straight lines between classes go.",
        Settings(model="linear", learning_rate=1e-3, schedule="constant", epochs=6),
    ),
)
"""Presets that tell classes apart."""

TASK_PRESETS: tuple[TrainingPreset, ...] = (
    TrainingPreset(
        "blur-mse",
        "Blur: squared error",
        "Where several images are possible, the squared error is smallest for their mean: edges are drawn blurred, "
        "and neighbouring pixels differ by a quarter less than in the images.",
        Settings(task="reconstruct", loss="MSELoss", model="strided", epochs=3),
    ),
    TrainingPreset(
        "blur-l1",
        "Blur: absolute error",
        "The absolute error is smallest for the median: a pixel that is mostly black is drawn black. Half of what is "
        "drawn is black, 45 % with the squared error, 55 % in the images; edges stay as blurred.",
        Settings(task="reconstruct", loss="L1Loss", model="strided", epochs=3),
    ),
    TrainingPreset(
        "blur-bce",
        "Blur: cross-entropy of pixels",
        "Binary cross-entropy takes grey values for probabilities. Its loss does not come near 0 even for the very "
        "image: grey pixels have an entropy of their own.",
        Settings(task="reconstruct", loss="BCEWithLogitsLoss", model="strided", epochs=3),
    ),
    TrainingPreset(
        "triplets",
        "A plane of garments",
        "The network puts images on a plane, those of a class near each other. Fewer and fewer triplets still have a "
        "loss.",
        Settings(task="embed", loss="TripletMarginLoss", model="strided", learning_rate=3e-3, epochs=5),
    ),
)
"""Presets of the other tasks."""

ALL_PRESETS: tuple[TrainingPreset, ...] = (*PRESETS, *TASK_PRESETS)
"""All of them, as links and the command line know them."""
