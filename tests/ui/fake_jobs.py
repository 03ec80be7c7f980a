"""A job manager that trains nothing: the test says where its runs stand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from lossviz.training.data.dataset import keep_dataset
from lossviz.training.events import Epoch, Finished, Initial, Started
from lossviz.training.jobs import DataStatus, QueueError, RunSnapshot
from lossviz.training.results import Predictions, save_predictions
from lossviz.training.settings import Settings

GARMENTS = "drawn garments"


@dataclass
class FakeJobs:
    """What the page asks of a job manager.

    Attributes:
        folder: Where data and predictions are kept.
        status: How far the data is.
        runs: Every run, as its next snapshot shows it.
        owners: Who started it.
        asked: What was asked for, in order.
        refuse: Why the next run is refused.
    """

    folder: Path
    status: DataStatus = field(default_factory=DataStatus)
    runs: dict[str, RunSnapshot] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refuse: str = ""

    def warm_up(self) -> None:
        """Remember that a worker was wanted."""
        self.asked.append("warm up")

    def submit(self, settings: Settings, owner: str) -> str:
        """Take a run, which then starts for ever."""
        if self.refuse:
            raise QueueError(self.refuse)
        run_id = f"run-{len(self.runs) + 1}"
        self.runs[run_id] = RunSnapshot(run_id, Settings.parse(settings.as_dict()), "starting")
        self.owners[run_id] = owner
        return run_id

    def snapshot(self, run_id: str) -> RunSnapshot | None:
        """The run as the test left it."""
        return self.runs.get(run_id)

    def stop(self, run_id: str, owner: str) -> bool:
        """Let the owner stop a run."""
        if not self.owns(run_id, owner):
            return False
        self.runs[run_id] = replace(self.runs[run_id], state="stopping")
        return True

    def owns(self, run_id: str, owner: str) -> bool:
        """Whether the owner started the run."""
        return self.owners.get(run_id) == owner

    def recent(self, owner: str) -> list[RunSnapshot]:
        """The owner's runs."""
        return [run for run_id, run in self.runs.items() if self.owners[run_id] == owner]

    def prepare_data(self, kind: str = "auto", *, retry: bool = False) -> None:
        """Remember what was wanted."""
        self.asked.append(f"{'retry' if retry else 'prepare'} {kind}")

    def data_status(self, kind: str = "auto") -> DataStatus:
        """The data as the test left it, whatever kind."""
        assert kind
        return self.status

    def ready(self, name: str = GARMENTS) -> None:
        """The data is there: 400 images of noise."""
        dice = np.random.default_rng(0)
        labels = (np.arange(400) % 10).astype(np.uint8)
        images = dice.integers(0, 256, (400, 28, 28), dtype=np.uint8)
        arrays = {
            "train_images": images,
            "train_labels": labels,
            "test_images": images[:50],
            "test_labels": labels[:50],
        }
        keep_dataset(self.folder / "data", name, f"These are {name}.", arrays)
        self.status = DataStatus(
            "ready", dataset_folder=self.folder / "data", name=name, origin=f"These are {name}."
        )

    def go_on(
        self, run_id: str = "run-1", *, epochs: int = 1, name: str = GARMENTS, loss: float = 0.5
    ) -> RunSnapshot:
        """The run goes on, to the end of an epoch."""
        run = self.runs[run_id]
        settings = run.settings
        steps = settings.steps_per_epoch * epochs
        started = Started(
            run_id,
            settings.as_dict(),
            name,
            f"These are {name}.",
            "cpu",
            "a processor",
            2,
            55_338,
            [],
            settings.train_images,
            settings.validation_images,
            50,
            settings.train_images,
            settings.steps_per_epoch,
            settings.steps_total,
            2.302585,
        )
        self.runs[run_id] = replace(
            run,
            state="running",
            started=started,
            initial=Initial(2.3, 0.1, 2.31, 0.09, 1000, 100),
            step_losses=tuple(np.linspace(2.3, loss, steps)),
            epochs=tuple(
                Epoch(e, 1.0, loss, 0.8, 9000, loss + 0.1, 0.75, 1000, 4321.0, 3.0)
                for e in range(1, epochs + 1)
            ),
            progress=epochs / settings.epochs,
            images_per_second=4321.0,
            seconds_left=6.2,
        )
        return self.runs[run_id]

    def finish(self, run_id: str = "run-1", name: str = GARMENTS) -> RunSnapshot:
        """The run comes to its end and leaves predictions."""
        run = self.go_on(run_id, epochs=self.runs[run_id].settings.epochs, name=name)
        dice = np.random.default_rng(1)
        probabilities = dice.dirichlet(np.ones(10), 100).astype(np.float32)
        path = self.folder / "predictions.npz"
        indices = np.arange(100, dtype=np.int64)
        save_predictions(Predictions(indices, indices % 10, probabilities), path)
        result = Finished(
            run.settings.epochs,
            run.settings.steps_total,
            20.0,
            18.0,
            0.45,
            0.8412,
            100,
            0.47,
            0.8305,
            4200.0,
            {"predictions": str(path)},
        )
        self.runs[run_id] = replace(run, state="finished", progress=1.0, result=result, predictions=path)
        return self.runs[run_id]
