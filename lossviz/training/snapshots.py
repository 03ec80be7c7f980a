"""What the page sees of a run and of the data: frozen pictures of a moment. Knows no torch, no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lossviz.training.events import Epoch, Finished, Initial, Started, Stopped
from lossviz.training.settings import Settings

RunState = Literal["queued", "preparing", "starting", "running", "stopping", "stopped", "finished", "failed"]
DataState = Literal["unknown", "preparing", "ready", "failed"]

ENDED: frozenset[RunState] = frozenset({"stopped", "finished", "failed"})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not go on.

    Attributes:
        message: What happened, in plain words.
        advice: What to do.
    """

    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class RunSnapshot:
    """A run as it stood at one moment.

    Attributes:
        run_id: Unguessable id of the run; whoever has it may look at the run.
        settings: What was asked for.
        state: Where it stands. "preparing" is the data, "starting" the worker; "stopping" lasts until what was
            learned has been measured.
        queue_place: 1 for the next run to start, 2 for the one after; None when not queued.
        waiting_for_seconds: Estimate of the wait in the queue, or None where nothing is known.
        progress: Share of the run's steps taken, 0 to 1; while preparing, the share of that.
        message: One sentence on what is going on.
        started: The run's `Started` event, once it came.
        initial: The point before the first step.
        step_losses: Loss of every step so far, first step first.
        epochs: The epochs so far.
        images_per_second: Training speed now, or over the run once it ended.
        seconds_left: Estimate of the seconds until it is finished.
        result: What it came to, once finished or stopped.
        predictions: The predictions file, where one was left; see `lossviz.training.results`.
        failure: Why it failed, if it did.
        elapsed: Seconds since it left the queue.
        data_notes: Sentences on what went wrong while the data was found, each with what to do.
    """

    run_id: str
    settings: Settings
    state: RunState
    queue_place: int | None = None
    waiting_for_seconds: float | None = None
    progress: float = 0.0
    message: str = ""
    started: Started | None = None
    initial: Initial | None = None
    step_losses: tuple[float, ...] = field(default=(), repr=False)
    epochs: tuple[Epoch, ...] = ()
    images_per_second: float | None = None
    seconds_left: float | None = None
    result: Finished | Stopped | None = None
    predictions: Path | None = None
    failure: Failure | None = None
    elapsed: float = 0.0
    data_notes: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class DataStatus:
    """How far the data is, before any run.

    Attributes:
        state: "unknown" before anything was asked for.
        message: One sentence on what is going on.
        done: How much is done, in `unit`.
        total: How much there is; 0 where that is not known.
        unit: "bytes" or "images".
        dataset_folder: Once ready, the folder `lossviz.training.data.dataset.open_dataset` takes.
        name: Once ready, "FashionMNIST" or "drawn garments".
        origin: Once ready, a sentence: where the data came from.
        notes: Sentences on what went wrong on the way, each with what to do; often none.
        offline: Whether a download was tried in vain; `JobManager.prepare_data(kind, retry=True)` tries again.
        failure: Why it failed, if it did.
    """

    state: DataState = "unknown"
    message: str = ""
    done: int = 0
    total: int = 0
    unit: str = "bytes"
    dataset_folder: Path | None = None
    name: str | None = None
    origin: str | None = None
    notes: tuple[str, ...] = ()
    offline: bool = False
    failure: Failure | None = None
