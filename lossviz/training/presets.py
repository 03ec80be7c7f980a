"""Training runs worth a lecture, ready to choose."""

from __future__ import annotations

from dataclasses import dataclass

from lossviz.training.settings import Settings


@dataclass(frozen=True, slots=True)
class TrainingPreset:
    """A named set of settings.

    Attributes:
        key: How a link names it.
        title: What the page calls it.
        sentence: What there is to see, in one sentence.
        settings: What it trains.
    """

    key: str
    title: str
    sentence: str
    settings: Settings


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
            epochs=6,
            train_size=60_000,
            validation_share=0.02,
        ),
    ),
    TrainingPreset(
        "overfit",
        "Overfit on purpose",
        "270 images and an MLP that learns them by heart: train loss goes to nothing, validation loss rises.",
        Settings(
            model="mlp", learning_rate=3e-3, schedule="constant", batch_size=32, epochs=40, train_size=300
        ),
    ),
    TrainingPreset(
        "linear",
        "Linear model",
        "One layer and no hidden units: how far straight lines between classes go.",
        Settings(model="linear", learning_rate=1e-3, schedule="constant", epochs=6),
    ),
)
