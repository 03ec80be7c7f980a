"""One run as the server follows it: its events gathered, its snapshot taken. Not thread-safe by itself."""

from __future__ import annotations

import dataclasses
import time
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from lossviz.training.events import Epoch, Event, Failed, Finished, Initial, Started, Steps, Stopped
from lossviz.training.run_header import Ending, RunHeader
from lossviz.training.settings import Settings, SettingsError
from lossviz.training.snapshots import ENDED, DataStatus, Failure, RunSnapshot, RunState
from lossviz.training.store.rows import RunRow

_MESSAGES: dict[RunState, str] = {
    "queued": "Waiting for the runs before it.",
    "preparing": "Preparing the data.",
    "starting": "Starting.",
    "running": "Training.",
    "stopping": "Stopping: measuring what was learned.",
    "stopped": "Stopped. What was learned is kept.",
    "finished": "Finished.",
    "failed": "Failed.",
}


@dataclass(slots=True, eq=False)
class RunRecord:
    """A run and all that is known of it.

    Attributes:
        run_id: Its id.
        owner: Who asked for it.
        settings: What was asked for.
        name: What its owner calls it; may be empty.
        pinned: Whether it stays when older runs go.
        state: Where it stands.
        ending: How it ended, or how it is going to: a run that is being stopped knows already why.
        data: The state of its data, as long as that is being prepared.
        created: When it was asked for, in seconds since 1970.
        seen: When somebody last looked at it, on the clock of `time.monotonic`.
        turn: Its turn in the queue; smaller ones go first.
    """

    run_id: str
    owner: str
    settings: Settings
    name: str = ""
    pinned: bool = False
    state: RunState = "queued"
    ending: Ending | None = None
    data: DataStatus = field(default_factory=DataStatus)
    created: float = field(default_factory=time.time)
    seen: float = field(default_factory=time.monotonic)
    turn: int = 0
    _begun: float | None = None
    _lasted: float | None = None
    _message: str | None = None
    _started: Started | None = None
    _initial: Initial | None = None
    _losses: array[float] = field(default_factory=lambda: array("d"))  # a quarter of a list's memory
    _epochs: list[Epoch] = field(default_factory=list)
    _speed: float | None = None
    _left: float | None = None
    _told: float = 0.0
    _result: Finished | Stopped | None = None
    _failure: Failure | None = None

    @classmethod
    def restored(cls, row: RunRow, events: Iterable[Event], artefacts: Mapping[str, Path]) -> RunRecord:
        """A run as the store keeps it.

        Args:
            row: Its row.
            events: Its events, or some of them.
            artefacts: Where the files are that it left.

        Returns:
            The run as it stood when it was written.
        """
        run = cls(row.run_id, row.owner, _settings(row.settings), row.name, pinned=row.pinned)
        for event in events:
            run.take(event)
        run.created = row.created
        run.data = DataStatus(notes=row.notes)
        run.state, run.ending = cast("RunState", row.state), cast("Ending | None", row.ending)
        run._message, run._lasted, run._left = row.message, row.elapsed, None
        failed = run.state == "failed"
        run._failure = Failure(row.message or _MESSAGES["failed"], row.advice or "") if failed else None
        if run._result is not None:
            kept = {
                name: str(artefacts[name]) if name in artefacts else None for name in run._result.artefacts
            }
            run._result = dataclasses.replace(run._result, artefacts=kept)
        return run

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ENDED

    @property
    def elapsed(self) -> float:
        """Seconds since it left the queue."""
        if self._lasted is not None:
            return self._lasted
        return time.monotonic() - self._begun if self._begun is not None else 0.0

    @property
    def begun(self) -> float | None:
        """When it left the queue, on the clock of `time.monotonic`."""
        return self._begun

    @property
    def seconds_left(self) -> float | None:
        """Estimate of the seconds until it is finished; counts down between two events."""
        if self._left is None or self.ended:
            return None
        return max(0.0, self._left - (time.monotonic() - self._told))

    @property
    def images_trained(self) -> int:
        """How many images it has trained on, about: the last batch of an epoch counts as a whole one."""
        return len(self._losses) * self.settings.batch_size

    def begin(self) -> None:
        """It leaves the queue."""
        self._begun = time.monotonic()
        self.state = "preparing"

    def take(self, event: Event) -> None:
        """Add an event of its worker."""
        if self.ended:
            return
        if isinstance(event, Started):
            self._started = event
            if self.state == "starting":
                self.state = "running"
        elif isinstance(event, Initial):
            self._initial = event
        elif isinstance(event, Steps):
            self._losses.extend(event.losses)
            self._speed, self._left, self._told = (
                event.images_per_second,
                event.seconds_left,
                time.monotonic(),
            )
        elif isinstance(event, Epoch):
            self._epochs.append(event)
        elif isinstance(event, Finished | Stopped):
            self._result = event
            self._speed = event.images_per_second
            if isinstance(event, Finished):
                self.ending = "finished"
            self.end("finished" if isinstance(event, Finished) else "stopped", self._message)
        elif isinstance(event, Failed):
            self.fail(event.message, event.advice)

    def fail(self, message: str, advice: str, ending: Ending = "failed") -> None:
        """It cannot go on; what came before is kept."""
        self._failure = Failure(message, advice)
        self.ending = ending
        self.end("failed", message)

    def end(self, state: RunState, message: str | None = None) -> None:
        """It ends in a state."""
        self._lasted = self.elapsed
        self.state = state
        self._message = message
        self.ending = self.ending or ("finished" if state == "finished" else "stopped")

    def end_soon(self, ending: Ending, why: str | None) -> None:
        """It is going to be stopped; `why` is shown in the place of the usual words."""
        self.ending, self._message = ending, why

    @property
    def why(self) -> str | None:
        """What is shown in the place of the usual words."""
        return self._message

    def row(self, server: str) -> RunRow:
        """It as the store keeps it, for a server."""
        return RunRow(
            run_id=self.run_id,
            owner=self.owner,
            server=server,
            name=self.name,
            pinned=self.pinned,
            settings=self.settings.as_dict(),
            state=self.state,
            ending=self.ending,
            message=self._message,
            advice=self._failure.advice if self._failure else None,
            notes=self.data.notes,
            created=self.created,
            begun=self._begun is not None,
            elapsed=self.elapsed,
        )

    def header(self, *, kept: bool) -> RunHeader:
        """It as a list shows it."""
        return RunHeader(
            run_id=self.run_id,
            name=self.name,
            pinned=self.pinned,
            settings=self.settings,
            state=self.state,
            ending=self.ending if self.ended else None,
            message=self._says(),
            created=self.created,
            elapsed=self.elapsed,
            started=self._started,
            epoch=self._epochs[-1] if self._epochs else None,
            result=self._result,
            kept=kept,
        )

    def snapshot(
        self, queue_place: int | None = None, waiting_for_seconds: float | None = None
    ) -> RunSnapshot:
        """It as it stands now."""
        artefact = self._result.artefacts.get("predictions") if self._result else None
        preparing = self.state == "preparing"
        return RunSnapshot(
            run_id=self.run_id,
            settings=self.settings,
            state=self.state,
            queue_place=queue_place,
            waiting_for_seconds=waiting_for_seconds,
            progress=self._preparing_share() if preparing else len(self._losses) / self.settings.steps_total,
            message=self._says(),
            started=self._started,
            initial=self._initial,
            step_losses=tuple(self._losses),
            epochs=tuple(self._epochs),
            images_per_second=self._speed,
            seconds_left=self.seconds_left,
            result=self._result,
            predictions=Path(artefact) if artefact else None,
            failure=self._failure,
            elapsed=self.elapsed,
            data_notes=self.data.notes,
        )

    def _says(self) -> str:
        preparing = self.state == "preparing"
        return self._message or (preparing and self.data.message) or _MESSAGES[self.state]

    def _preparing_share(self) -> float:
        return min(1.0, self.data.done / self.data.total) if self.data.total else 0.0


def _settings(kept: Mapping[str, Any]) -> Settings:
    """Settings as they were kept; what the limits of now would refuse was allowed by the limits of then."""
    known = {each.name for each in dataclasses.fields(Settings)}
    values = {name: value for name, value in kept.items() if name in known}
    try:
        return Settings.parse(values)
    except SettingsError:
        return Settings(**values)
