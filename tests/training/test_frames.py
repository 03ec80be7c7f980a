"""A run as tables: every value where it belongs, the data named in every row."""

from __future__ import annotations

import io
import math

import pandas as pd

from lossviz.training.events import Epoch, Initial, Started
from lossviz.training.frames import EPOCH_COLUMNS, curves, export
from lossviz.training.settings import Settings
from lossviz.training.snapshots import RunSnapshot

SETTINGS = Settings(train_size=100, validation_share=0.1, batch_size=40, epochs=2)
STARTED = Started(
    "run", {}, "drawn garments", "Drawn.", "cpu", "cpu", 1, 1, [], 90, 10, 10, 90, 3, 6, math.log(10)
)
RUN = RunSnapshot(
    "run",
    SETTINGS,
    "running",
    started=STARTED,
    initial=Initial(2.3, 0.1, 2.4, 0.2, 90, 10),
    step_losses=(6.0, 5.0, 4.0, 3.0, 2.0),
    epochs=(Epoch(1, 5.0, 3.5, 0.5, 90, 3.6, 0.4, 10, 100.0, 1.0),),
)


def test_curves_have_a_row_a_point() -> None:
    frame = curves(RUN)
    assert list(frame.columns) == EPOCH_COLUMNS
    assert set(frame["data"]) == {"drawn garments"}
    points = {(row.epoch, row.measure, row.line): row.value for row in frame.itertuples()}
    assert points == {
        (0, "loss", "train, after the epoch"): 2.3,
        (0, "loss", "validation"): 2.4,
        (0, "accuracy", "train, after the epoch"): 0.1,
        (0, "accuracy", "validation"): 0.2,
        (1, "loss", "train, during the epoch"): 5.0,
        (1, "loss", "train, after the epoch"): 3.5,
        (1, "loss", "validation"): 3.6,
        (1, "accuracy", "train, after the epoch"): 0.5,
        (1, "accuracy", "validation"): 0.4,
    }


def test_a_run_without_events_gives_empty_tables_with_columns() -> None:
    empty = RunSnapshot("run", SETTINGS, "queued")
    assert list(curves(empty).columns) == EPOCH_COLUMNS
    assert list(export(empty).columns) == EPOCH_COLUMNS


def test_an_export_holds_every_step_and_survives_csv() -> None:
    frame = export(RUN)
    steps = frame[frame["line"] == "train, by step"]
    assert list(steps["value"]) == list(RUN.step_losses)
    assert list(steps["images"]) == [40, 40, 10, 40, 40]
    assert list(steps["epoch"]) == [1, 1, 1, 2, 2]
    again = pd.read_csv(io.StringIO(frame.to_csv(index=False)))
    assert len(again) == len(curves(RUN)) + 5
    assert set(again["data"]) == {"drawn garments"}
