"""The runs of a server: one at a time, the rest in a queue, each in its own process.

Thread-safe; knows no Streamlit and no torch. The page keeps one `JobManager` for the whole server.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lossviz.training.settings import Settings
from lossviz.training.snapshots import DataStatus, Failure, RunSnapshot, RunState

__all__ = ["DataStatus", "Failure", "JobManager", "QueueError", "RunSnapshot", "RunState"]

RUNS_AT_ONCE = 1
"""How many runs train at the same time: two on one machine only take each other's cores."""

IDLE_SECONDS = 600.0
"""How long a warmed worker waits for an order before it ends."""


class QueueError(RuntimeError):
    """A run that cannot be taken now; the message says why and what to do."""


class JobManager:
    """Starts, queues, watches and stops runs.

    Every method returns at once: whatever takes time happens in child processes. When the process that holds
    the manager ends, in whatever way, its children notice and leave.

    Args:
        limit: How many runs train at the same time.
        home: Where runs and data are kept; None for `lossviz.training.home.home()`.
        idle_seconds: How long a warmed worker waits for an order before it ends.
        worker_command: The program a worker runs; None for `lossviz.training.worker`.
        prepare_command: The program that prepares data; None for `lossviz.training.data.prepare`.
    """

    def __init__(
        self,
        *,
        limit: int = RUNS_AT_ONCE,
        home: Path | None = None,
        idle_seconds: float = IDLE_SECONDS,
        worker_command: Sequence[str] | None = None,
        prepare_command: Sequence[str] | None = None,
    ) -> None:
        raise NotImplementedError

    def warm_up(self) -> None:
        """Make sure that one worker waits with torch loaded, so that the next run starts at once."""
        raise NotImplementedError

    def submit(self, settings: Settings, owner: str) -> str:
        """Start a run, or queue it.

        Args:
            settings: What to train; checked once more here.
            owner: Who asks, for instance a session's id: one run at a time each, and only the owner may stop it.

        Returns:
            The run's id.

        Raises:
            SettingsError: The settings cannot be trained with.
            QueueError: The owner has a run that has not ended, or the queue is full.
        """
        raise NotImplementedError

    def snapshot(self, run_id: str) -> RunSnapshot | None:
        """The run as it stands now, or None where no run of this id is known."""
        raise NotImplementedError

    def stop(self, run_id: str, owner: str) -> bool:
        """End a run and keep what it learned; a queued run leaves the queue.

        Args:
            run_id: The run.
            owner: Who asks.

        Returns:
            Whether the run was the owner's to stop; False too for an unknown run.
        """
        raise NotImplementedError

    def recent(self, owner: str) -> list[RunSnapshot]:
        """The owner's runs, newest first."""
        raise NotImplementedError

    def prepare_data(self, kind: str = "auto", *, retry: bool = False) -> None:
        """Find, fetch or draw the data in the background, unless that is done or under way.

        Args:
            kind: "auto", "fashion-mnist" or "drawn-garments".
            retry: Forget a failure, or drawn garments that came for want of a download, and look again.
        """
        raise NotImplementedError

    def data_status(self, kind: str = "auto") -> DataStatus:
        """How far the data is."""
        raise NotImplementedError

    def close(self) -> None:
        """End every child process and refuse further runs. Called at exit; calling it twice does no harm."""
        raise NotImplementedError
