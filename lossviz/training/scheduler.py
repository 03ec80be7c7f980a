"""Which run trains when, and in which process: the line, the workers, the data, and who takes too long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lossviz.training.child_process import PREPARE, WORKER, ChildProcess
from lossviz.training.cores import shared_out
from lossviz.training.deadlines import Deadlines
from lossviz.training.events import Event, Failed, Finished, Stopped
from lossviz.training.home import HomeError
from lossviz.training.kept_runs import KeptRuns
from lossviz.training.limits import Limits
from lossviz.training.pace import Pace, expected_wait
from lossviz.training.preparation import Preparation
from lossviz.training.run_header import Ending
from lossviz.training.run_record import RunRecord
from lossviz.training.snapshots import DataStatus, RunSnapshot
from lossviz.training.store.store import INTERRUPTED, INTERRUPTED_ADVICE, NEVER_BEGUN
from lossviz.training.waiting_line import WaitingLine
from lossviz.training.worker_pool import WorkerPool, how_it_ended

_UNKEPT_REMEMBERED = 100
"""How many ended runs are held in memory while they cannot be written."""


class Scheduler:
    """Starts runs in their turn and ends them. Every method is called with its owner's lock held.

    Args:
        lock: Guards everything here; the workers' threads take it.
        limits: What is allowed.
        kept: Where runs are written.
        home: Says where lossviz keeps its things; raises HomeError where it has no such place.
        environ: Environment variables of the child processes, beside those of this one.
        worker_command: The program a worker runs; None for `lossviz.training.worker`.
        prepare_command: The program that prepares data; None for `lossviz.training.data.prepare`.

    Attributes:
        runs: The runs that have not ended, and those that have and are not in the store, by their ids.
        closed: Whether nothing starts any more.
    """

    def __init__(
        self,
        lock: threading.RLock,
        limits: Limits,
        kept: KeptRuns,
        home: Callable[[], Path],
        environ: Mapping[str, str],
        worker_command: Sequence[str] | None,
        prepare_command: Sequence[str] | None,
    ) -> None:
        self._limits, self._kept, self._home = limits, kept, home
        self.runs: dict[str, RunRecord] = {}
        self.closed = False
        self._waiting = WaitingLine()
        self._active: list[RunRecord] = []
        self._pace = Pace()
        for run in kept.finished(20):
            self._pace.measured(run.settings, run.elapsed, run.settings.images_total)
        self._workers = WorkerPool(
            lock,
            limits.runs_at_once,
            limits.idle_seconds,
            tuple(worker_command or WORKER),
            {**environ, **shared_out(limits.runs_at_once)},
            self._take,
            self._lose,
        )
        self._preparation = Preparation(
            lock, home, tuple(prepare_command or PREPARE), environ, self._data_changed
        )
        self._deadlines = Deadlines(lock, self._end_overdue)

    def warm_up(self) -> None:
        """Make sure that one worker waits with torch loaded, so that the next run starts at once."""
        if not self.closed:
            self._workers.warm_up()

    @property
    def waiting(self) -> int:
        """How many runs wait for their turn."""
        return len(self._waiting)

    def going(self, owner: str) -> list[RunRecord]:
        """The owner's runs that have not ended, in their order."""
        return [run for run in self.runs.values() if run.owner == owner and not run.ended]

    def has_room(self, runs: int) -> bool:
        """Whether so many more can start or wait."""
        free = self._limits.runs_at_once - len(self._active)
        return self.waiting + runs - max(0, free) <= self._limits.most_queued

    def add(self, runs: Sequence[RunRecord]) -> None:
        """Let the runs of one request wait for their turn, in their order, and start what can be started."""
        for run in runs:
            self.runs[run.run_id] = run
            self._kept.keep(run)
        self._waiting.add(runs)
        self._dispatch()
        self._deadlines.changed()

    def snapshot(self, run: RunRecord) -> RunSnapshot:
        """A run as it stands now; one that waits with its place and its expected wait."""
        if run not in self._waiting:
            return run.snapshot()
        ahead = self._waiting.ahead_of(run)
        wait = expected_wait(self._pace, self._active, ahead, self._limits.runs_at_once)
        return run.snapshot(len(ahead) + 1, wait)

    def stop(self, run: RunRecord, ending: Ending, why: str | None = None) -> None:
        """End a run; `why` is shown in the place of the usual words."""
        if run.ended or run.state == "stopping":
            return
        run.end_soon(ending, why)
        if run in self._waiting:
            self._waiting.remove(run)
            run.end("stopped", why or "Taken out of the queue before it started.")
            self._end(run)
        elif self._workers.stop(run):
            run.state = "stopping"
            self._kept.keep(run)
        else:
            run.end("stopped", why or "Stopped before its first step.")
            self._end(run)

    def prepare_data(self, kind: str, *, retry: bool) -> None:
        """Find, fetch or draw the data in the background, unless that is done or under way."""
        if not self.closed:
            self._preparation.prepare(kind, retry=retry)

    def data_status(self, kind: str) -> DataStatus:
        """How far the data is."""
        return self._preparation.status(kind)

    def close(self) -> list[ChildProcess]:
        """Start nothing more; runs that have not ended are kept as interrupted.

        Returns:
            The child processes, which are still to be ended.
        """
        self.closed = True
        self._deadlines.close()
        self._waiting.clear()
        for run in self.runs.values():
            if not run.ended:
                begun = run.begun is not None
                run.fail(INTERRUPTED if begun else NEVER_BEGUN, INTERRUPTED_ADVICE, "interrupted")
                self._kept.keep(run)
        return self._workers.close() + self._preparation.children()

    def _dispatch(self) -> None:
        """Start what can be started."""
        while not self.closed and len(self._waiting) and len(self._active) < self._limits.runs_at_once:
            run = self._waiting.take()
            self._active.append(run)
            run.begin()
            self._kept.keep(run)
            self._workers.warm_up()  # torch loads while the data is prepared
            self._preparation.prepare(
                run.settings.data, retry=self.data_status(run.settings.data).state == "failed"
            )
            self._start(run)
        self._deadlines.changed()

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
        if not self._workers.give(run, order):
            run.fail(
                "The training process could not be started.", "Try again; if it persists, restart lossviz."
            )
            self._end(run)

    def _end(self, run: RunRecord) -> None:
        """A run has ended: it is kept, and its place is free."""
        self._kept.keep(run)
        if run in self._active:
            self._active.remove(run)
        self._pace.measured(run.settings, run.elapsed, run.images_trained)
        self._forget()
        self._dispatch()

    def _take(self, run: RunRecord, event: Event) -> None:
        """An event of a run's worker."""
        run.take(event)
        self._kept.tell(run, event)
        if isinstance(event, Finished | Stopped | Failed):
            self._end(run)

    def _lose(self, run: RunRecord, status: int, errors: str) -> None:
        """A run's worker has ended without a result."""
        if run.state == "stopping":
            run.end(
                "stopped", run.why or "Stopped; the training process had to be ended. The curves are kept."
            )
        else:
            advice = "The curves so far are kept. Train again."
            run.fail(how_it_ended(status, errors), advice, "killed" if status < 0 else "failed")
        self._end(run)

    def _end_overdue(self) -> float | None:
        """Stop what takes too long and what nobody looks at; the seconds until the next may be due."""
        now = time.monotonic()
        due, stopped = [], False
        for run in list(self.runs.values()):
            if run.ended or run.state == "stopping":
                continue
            unseen = run.seen + self._limits.abandoned_seconds - now
            over = run.begun + self._limits.longest_seconds - now if run.begun is not None else unseen
            stopped = stopped or min(unseen, over) <= 0
            if unseen <= 0:
                self.stop(run, "abandoned", _ABANDONED.format(_span(self._limits.abandoned_seconds)))
            elif over <= 0:
                self.stop(run, "too-long", _TOO_LONG.format(_span(self._limits.longest_seconds)))
            else:
                due.append(min(unseen, over))
        return 0.0 if stopped else min(due, default=None)  # others may have started in their place

    def _forget(self) -> None:
        """Drop the oldest of the runs that have ended and cannot be written."""
        ended = [run for run in self.runs.values() if run.ended]
        for run in ended[: max(0, len(ended) - _UNKEPT_REMEMBERED)]:
            del self.runs[run.run_id]
            self._kept.forget(run.run_id)


_TOO_LONG = "Stopped after {}, the longest a run may take."
_ABANDONED = "Ended: nobody looked at this run for {}."


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
