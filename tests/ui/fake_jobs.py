"""A job manager that trains nothing: the test says where its runs stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from lossviz.training.data.dataset import keep_dataset
from lossviz.training.events import Epoch, Finished, Initial, Started
from lossviz.training.jobs import DataStatus, QueueError, RunRefusedError, RunSnapshot
from lossviz.training.limits import Limits
from lossviz.training.results import Predictions, save_predictions
from lossviz.training.run_header import Ending, RunHeader
from lossviz.training.run_name import clean_name
from lossviz.training.settings import Settings
from lossviz.training.tasks.looks import Pictures, Plane

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
        names: What runs are called.
        pinned: Which runs are pinned.
        told: What whoever runs the server should know.
        limits: What is allowed.
    """

    folder: Path
    status: DataStatus = field(default_factory=DataStatus)
    runs: dict[str, RunSnapshot] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refuse: str = ""
    names: dict[str, str] = field(default_factory=dict)
    pinned: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)

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

    def going(self, owner: str) -> list[str]:
        """The owner's runs that have not ended."""
        return [run_id for run_id, run in self.runs.items() if self.owns(run_id, owner) and not run.ended]

    def header(self, run_id: str) -> RunHeader | None:
        """A run without its curves."""
        run = self.runs.get(run_id)
        if run is None:
            return None
        return RunHeader(
            run_id=run_id,
            settings=run.settings,
            state=run.state,
            name=self.names.get(run_id, ""),
            pinned=run_id in self.pinned,
            ending=cast("Ending", run.state) if run.ended else None,
            message=run.message,
            created=float(list(self.runs).index(run_id)),
            elapsed=run.elapsed,
            started=run.started,
            epoch=None,
            result=run.result,
            kept=True,
        )

    def headers(self, owner: str) -> list[RunHeader]:
        """The owner's runs without their curves, newest first."""
        found = [self.header(run_id) for run_id in self.runs if self.owns(run_id, owner)]
        return [header for header in reversed(found) if header is not None]

    def submit_race(self, settings: Sequence[Settings], owner: str, names: Sequence[str]) -> list[str]:
        """Take several runs."""
        ids = [self.submit(each, owner) for each in settings]
        self.names |= dict(zip(ids, names, strict=True))
        return ids

    def rename(self, run_id: str, owner: str, name: str) -> str:
        """Let the owner name a run."""
        self._refuse(run_id, owner, "rename")
        self.names[run_id] = clean_name(name)
        return self.names[run_id]

    def pin(self, run_id: str, owner: str, *, pinned: bool = True) -> None:
        """Let the owner pin a run."""
        self._refuse(run_id, owner, "pin")
        self.pinned = self.pinned | {run_id} if pinned else self.pinned - {run_id}

    def remove(self, run_id: str, owner: str) -> None:
        """Let the owner remove a run."""
        self._refuse(run_id, owner, "remove")
        del self.runs[run_id]

    def _refuse(self, run_id: str, owner: str, what: str) -> None:
        if self.refuse:
            raise RunRefusedError(self.refuse)
        if not self.owns(run_id, owner):
            raise RunRefusedError(f"Only the browser that started this run can {what} it.")

    def notices(self) -> list[str]:
        """What the test has to tell."""
        return self.told

    def artefact(self, run_id: str, name: str) -> Path | None:
        """A file that the run left."""
        result = self.runs[run_id].result
        named = result.artefacts.get(name) if result else None
        return Path(named) if named and Path(named).is_file() else None

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
            settings.spec.baseline,
            settings.task,
        )
        self.runs[run_id] = replace(
            run,
            state="running",
            started=started,
            initial=Initial(2.3, 0.1, 2.31, 0.09, 1000, 100, **_looks(settings.task, 0)),
            step_losses=tuple(np.linspace(2.3, loss, steps)),
            epochs=tuple(
                Epoch(
                    *(e, 1.0, loss, 0.8, 9000, loss + 0.1, 0.75, 1000, 4321.0, 3.0),
                    **_looks(settings.task, e),
                )
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


def _looks(task: str, epoch: int) -> dict[str, Any]:
    """What a run of a task is watched by, other images after every epoch."""
    dice = np.random.default_rng(epoch)
    if task == "embed":
        labels = [place % 10 for place in range(40)]
        points = dice.normal(size=(40, 2)).astype(np.float32)
        return {"metrics": {"active share": 0.25}, "plane": Plane.pack(list(range(40)), labels, points)}
    if task == "reconstruct":
        images, drawn = dice.integers(0, 256, (2, 10, 28, 28), dtype=np.uint8)
        pictures = Pictures.pack(list(range(10)), list(range(10)), images, drawn)
        return {
            "metrics": {"mean squared error": 0.03, "mean absolute error": 0.1},
            "pictures": pictures,
        }
    return {}
