"""One run as the server follows it: its events gathered, its snapshot taken. Not thread-safe by itself."""

from __future__ import annotations

import time
from array import array
from dataclasses import dataclass, field
from pathlib import Path

from lossviz.training.events import Epoch, Event, Failed, Finished, Initial, Started, Steps, Stopped
from lossviz.training.settings import Settings
from lossviz.training.snapshots import ENDED, DataStatus, Failure, RunSnapshot, RunState

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


@dataclass(slots=True)
class RunRecord:
    """A run and all that is known of it.

    Attributes:
        run_id: Its id.
        owner: Who asked for it.
        settings: What was asked for.
        state: Where it stands.
        data: The state of its data, as long as that is being prepared.
    """

    run_id: str
    owner: str
    settings: Settings
    state: RunState = "queued"
    data: DataStatus = field(default_factory=DataStatus)
    _begun: float | None = None
    _ended: float | None = None
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

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ENDED

    @property
    def elapsed(self) -> float:
        """Seconds since it left the queue."""
        if self._begun is None:
            return 0.0
        return (self._ended or time.monotonic()) - self._begun

    @property
    def seconds_left(self) -> float | None:
        """Estimate of the seconds until it is finished; counts down between two events."""
        if self._left is None or self.ended:
            return None
        return max(0.0, self._left - (time.monotonic() - self._told))

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
            self.end("finished" if isinstance(event, Finished) else "stopped", self._message)
        elif isinstance(event, Failed):
            self.fail(event.message, event.advice)

    def fail(self, message: str, advice: str) -> None:
        """It cannot go on; what came before is kept."""
        self._failure = Failure(message, advice)
        self.end("failed", message)

    def end(self, state: RunState, message: str | None = None) -> None:
        """It ends in a state."""
        self.state = state
        self._message = message
        self._ended = time.monotonic()

    def say(self, message: str) -> None:
        """Put a message in the place of the usual one."""
        self._message = message

    def snapshot(
        self, queue_place: int | None = None, waiting_for_seconds: float | None = None
    ) -> RunSnapshot:
        """It as it stands now."""
        artefact = self._result.artefacts.get("predictions") if self._result else None
        preparing = self.state == "preparing"
        message = self._message or (preparing and self.data.message) or _MESSAGES[self.state]
        return RunSnapshot(
            run_id=self.run_id,
            settings=self.settings,
            state=self.state,
            queue_place=queue_place,
            waiting_for_seconds=waiting_for_seconds,
            progress=self._preparing_share() if preparing else len(self._losses) / self.settings.steps_total,
            message=message,
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

    def _preparing_share(self) -> float:
        return min(1.0, self.data.done / self.data.total) if self.data.total else 0.0
