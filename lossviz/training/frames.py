"""A run as tables: for its charts, and for the CSV that is taken home. Every table names the data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lossviz.training.events import Epoch, Initial
from lossviz.training.snapshots import RunSnapshot

EPOCH_COLUMNS = ["data", "epoch", "step", "measure", "line", "value", "images"]


def curves(snapshot: RunSnapshot) -> pd.DataFrame:
    """The curves by epoch, in long form: one row a point.

    Args:
        snapshot: The run.

    Returns:
        Columns: data (the data's name), epoch (0 before the first step), step (steps taken by then), measure
        ("loss"; "accuracy", where the task has one; or a name in `Epoch.metrics`), line ("train, during the
        epoch", "train, after the epoch", "validation"), value (not finite where the run diverged), images (how
        many it was measured on).
    """
    name = _data_name(snapshot)
    per_epoch = snapshot.settings.steps_per_epoch
    rows: list[tuple[str, int, int, str, str, float, int]] = []

    def add(epoch: int, measure: str, line: str, value: float, images: int) -> None:
        rows.append((name, epoch, epoch * per_epoch, measure, line, value, images))

    def add_measured(epoch: int, point: Initial | Epoch) -> None:
        add(epoch, "loss", TRAIN_AFTER, point.train_loss, point.train_measured_on)
        add(epoch, "loss", VALIDATION, point.validation_loss, point.validation_measured_on)
        if snapshot.settings.task != "reconstruct":
            add(epoch, "accuracy", TRAIN_AFTER, point.train_accuracy, point.train_measured_on)
            add(epoch, "accuracy", VALIDATION, point.validation_accuracy, point.validation_measured_on)
        for measure, value in point.metrics.items():
            add(epoch, measure, VALIDATION, value, point.validation_measured_on)

    if snapshot.initial is not None:
        add_measured(0, snapshot.initial)
    for point in snapshot.epochs:
        add(point.epoch, "loss", TRAIN_DURING, point.running_train_loss, snapshot.settings.train_images)
        add_measured(point.epoch, point)
    return pd.DataFrame(rows, columns=pd.Index(EPOCH_COLUMNS))


TRAIN_DURING = "train, during the epoch"
TRAIN_AFTER = "train, after the epoch"
VALIDATION = "validation"


def export(snapshot: RunSnapshot) -> pd.DataFrame:
    """Everything measured, for a CSV file: every step's loss and every epoch's values.

    Args:
        snapshot: The run.

    Returns:
        The columns of `curves`, the loss of each step as line "train, by step", in order of steps.
    """
    by_step = pd.DataFrame(
        {
            "data": _data_name(snapshot),
            "epoch": [
                step // snapshot.settings.steps_per_epoch + 1 for step in range(len(snapshot.step_losses))
            ],
            "step": range(1, len(snapshot.step_losses) + 1),
            "measure": "loss",
            "line": "train, by step",
            "value": np.asarray(snapshot.step_losses, dtype=np.float64),
            "images": _batch_sizes(snapshot),
        }
    )
    by_epoch = curves(snapshot)
    parts = [part for part in (by_epoch, by_step) if len(part)]
    whole = pd.concat(parts, ignore_index=True) if parts else by_epoch
    return whole.sort_values("step", kind="stable", ignore_index=True)[EPOCH_COLUMNS]


def _batch_sizes(snapshot: RunSnapshot) -> list[int]:
    """How many images each step so far had: the last batch of an epoch may be smaller."""
    settings = snapshot.settings
    last = settings.train_images - (settings.steps_per_epoch - 1) * settings.batch_size
    return [
        last if (step + 1) % settings.steps_per_epoch == 0 else settings.batch_size
        for step in range(len(snapshot.step_losses))
    ]


def _data_name(snapshot: RunSnapshot) -> str:
    return snapshot.started.data_name if snapshot.started is not None else "not known yet"
