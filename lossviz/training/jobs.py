"""The runs of a server: one at a time, the rest in a queue, each in its own process.

Thread-safe; knows no Streamlit and no torch. The page keeps one `JobManager` for the whole server.
"""

from __future__ import annotations

import atexit
import secrets
import shutil
import statistics
import threading
from collections.abc import Sequence
from pathlib import Path

from lossviz.training.child_process import PREPARE, WORKER
from lossviz.training.events import Event, Failed, Finished, Stopped
from lossviz.training.home import HomeError, home
from lossviz.training.preparation import Preparation
from lossviz.training.run_record import RunRecord
from lossviz.training.settings import Settings
from lossviz.training.snapshots import DataStatus, Failure, RunSnapshot, RunState
from lossviz.training.worker_pool import STOP_GRACE_SECONDS, WorkerPool, how_it_ended

__all__ = ["DataStatus", "Failure", "JobManager", "QueueError", "RunSnapshot", "RunState"]

RUNS_AT_ONCE = 1
"""How many runs train at the same time: two on one machine only take each other's cores."""

IDLE_SECONDS = 600.0
"""How long a warmed worker waits for an order before it ends."""


LONGEST_SECONDS = 1800.0
"""How long a run may train: in a class, the next ones are waiting. It is stopped then and keeps what it learned."""

MOST_QUEUED = 60
RUNS_REMEMBERED = 100


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
        self._limit = limit
        self._named_home = home
        environ = {"LOSSVIZ_HOME": str(home)} if home is not None else {}
        self._lock = threading.RLock()
        self._closed = False
        self._runs: dict[str, RunRecord] = {}
        self._queue: list[RunRecord] = []
        self._active: list[RunRecord] = []
        self._workers = WorkerPool(
            self._lock,
            limit,
            idle_seconds,
            tuple(worker_command or WORKER),
            environ,
            self._take,
            self._lose,
        )
        self._preparation = Preparation(
            self._lock, self._home, tuple(prepare_command or PREPARE), environ, self._data_changed
        )
        atexit.register(self.close)

    def warm_up(self) -> None:
        """Make sure that one worker waits with torch loaded, so that the next run starts at once."""
        with self._lock:
            if not self._closed:
                self._workers.warm_up()

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
        checked = Settings.parse(settings.as_dict())
        with self._lock:
            if self._closed:
                raise QueueError("The server is closing; no run can start now.")
            if any(run.owner == owner and not run.ended for run in self._runs.values()):
                raise QueueError("You have a run that has not ended. Wait for it, or stop it first.")
            if len(self._queue) >= MOST_QUEUED:
                raise QueueError(f"{MOST_QUEUED} runs are waiting already. Try again in some minutes.")
            run = RunRecord(secrets.token_urlsafe(16), owner, checked)
            self._runs[run.run_id] = run
            self._queue.append(run)
            self._dispatch()
            self._forget()
            return run.run_id

    def snapshot(self, run_id: str) -> RunSnapshot | None:
        """The run as it stands now, or None where no run of this id is known."""
        with self._lock:
            run = self._runs.get(run_id)
            if run is None:
                return None
            if run not in self._queue:
                return run.snapshot()
            place = self._queue.index(run) + 1
            return run.snapshot(place, self._wait(place))

    def stop(self, run_id: str, owner: str) -> bool:
        """End a run and keep what it learned; a queued run leaves the queue.

        Args:
            run_id: The run.
            owner: Who asks.

        Returns:
            Whether the run was the owner's to stop; False too for an unknown run.
        """
        with self._lock:
            if not self.owns(run_id, owner):
                return False
            self._stop(self._runs[run_id])
            return True

    def owns(self, run_id: str, owner: str) -> bool:
        """Whether a run is the owner's; False too for an unknown run."""
        with self._lock:
            run = self._runs.get(run_id)
            return run is not None and secrets.compare_digest(run.owner.encode(), owner.encode())

    def recent(self, owner: str) -> list[RunSnapshot]:
        """The owner's runs, newest first."""
        with self._lock:
            return [self._snapshot_of(run) for run in reversed(self._runs.values()) if run.owner == owner]

    def prepare_data(self, kind: str = "auto", *, retry: bool = False) -> None:
        """Find, fetch or draw the data in the background, unless that is done or under way.

        Args:
            kind: "auto", "fashion-mnist" or "drawn-garments".
            retry: Forget a failure, or drawn garments that came for want of a download, and look again.
        """
        with self._lock:
            if not self._closed:
                self._preparation.prepare(kind, retry=retry)

    def data_status(self, kind: str = "auto") -> DataStatus:
        """How far the data is."""
        with self._lock:
            return self._preparation.status(kind)

    def close(self) -> None:
        """End every child process and refuse further runs. Called at exit; calling it twice does no harm."""
        atexit.unregister(self.close)
        with self._lock:
            self._closed = True
            self._queue.clear()
            for run in self._runs.values():
                if not run.ended:
                    run.fail("The server was closed.", "Train again.")
            children = self._workers.close() + self._preparation.children()
        for child in children:
            child.end()
        for child in children:
            if not child.join(STOP_GRACE_SECONDS):
                child.kill()

    # Everything below is called with the lock held.

    def _snapshot_of(self, run: RunRecord) -> RunSnapshot:
        return run.snapshot(self._queue.index(run) + 1) if run in self._queue else run.snapshot()

    def _home(self) -> Path:
        return self._named_home or home()

    def _wait(self, place: int) -> float | None:
        """Estimate of the wait at a place in the queue: the runs before it, as long as runs take."""
        left = [run.seconds_left for run in self._active]
        known = [seconds for seconds in left if seconds is not None]
        if not known or len(known) < len(left):
            return None
        lasted = [run.elapsed for run in self._runs.values() if run.state == "finished"]
        lasted += [run.elapsed + (run.seconds_left or 0.0) for run in self._active]
        return min(known) + (place - 1) * statistics.median(lasted) / self._limit

    def _dispatch(self) -> None:
        """Start what can be started."""
        while not self._closed and self._queue and len(self._active) < self._limit:
            run = self._queue.pop(0)
            self._active.append(run)
            run.begin()
            self._workers.warm_up()  # torch loads while the data is prepared
            self._preparation.prepare(run.settings.data, retry=self._has_failed(run.settings.data))
            self._start(run)

    def _has_failed(self, kind: str) -> bool:
        return self._preparation.status(kind).state == "failed"

    def _data_changed(self, kind: str) -> None:
        for run in list(self._active):
            if run.settings.data == kind:
                self._start(run)
        status = self._preparation.status(kind)
        if status.dataset_folder is not None:
            self._workers.open_ahead(str(status.dataset_folder), status.origin)

    def _start(self, run: RunRecord) -> None:
        """Give a run to a worker, if its data is there."""
        if run.state != "preparing":
            return
        run.data = self._preparation.status(run.settings.data)
        if run.data.state == "failed" and run.data.failure is not None:
            run.fail(run.data.failure.message, run.data.failure.advice)
            self._end(run)
        elif run.data.state == "ready":
            self._hand_over(run)

    def _hand_over(self, run: RunRecord) -> None:
        """Give a run whose data is there to a worker."""
        try:
            runs = self._home() / "runs"
        except HomeError as error:
            run.fail(str(error), "Then train again.")
            self._end(run)
            return
        run.state = "starting"
        order = {
            "order": "train",
            "run": run.run_id,
            "settings": run.settings.as_dict(),
            "folder": str(run.data.dataset_folder),
            "origin": run.data.origin,
            "runs": str(runs),
        }
        if not self._workers.give(run, order, LONGEST_SECONDS, lambda: self._too_long(run)):
            run.fail(
                "The training process could not be started.", "Try again; if it persists, restart lossviz."
            )
            self._end(run)

    def _end(self, run: RunRecord) -> None:
        """A run has ended: its place is free."""
        if run in self._active:
            self._active.remove(run)
        self._dispatch()

    def _take(self, run: RunRecord, event: Event) -> None:
        """An event of a run's worker."""
        run.take(event)
        if isinstance(event, Finished | Stopped | Failed):
            self._end(run)

    def _lose(self, run: RunRecord, status: int, errors: str) -> None:
        """A run's worker has ended without a result."""
        if run.state == "stopping":
            run.end("stopped", "Stopped; the training process had to be ended. The curves are kept.")
        else:
            run.fail(how_it_ended(status, errors), "The curves so far are kept. Train again.")
        self._end(run)

    def _stop(self, run: RunRecord) -> None:
        if run in self._queue:
            self._queue.remove(run)
            run.end("stopped", "Taken out of the queue before it started.")
            return
        if run.ended or run.state == "stopping":
            return
        if self._workers.stop(run):
            run.state = "stopping"
        else:
            run.end("stopped", "Stopped before its first step.")
            self._end(run)

    def _too_long(self, run: RunRecord) -> None:
        with self._lock:
            if not run.ended:
                run.say(f"Stopped after {LONGEST_SECONDS / 60:.0f} minutes, the longest a run may take.")
                self._stop(run)

    def _forget(self) -> None:
        """Drop the oldest runs, and what they left on disk."""
        ended = [run for run in self._runs.values() if run.ended]
        for run in ended[: max(0, len(self._runs) - RUNS_REMEMBERED)]:
            del self._runs[run.run_id]
            try:
                shutil.rmtree(self._home() / "runs" / run.run_id, ignore_errors=True)
            except HomeError:
                return  # what is there stays until the folder can be used again
