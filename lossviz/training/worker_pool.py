"""The server's worker processes: kept warm, given runs, let go when idle. Its owner's lock guards it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping, Sequence

from lossviz.training.child_process import ChildProcess
from lossviz.training.events import Event, Failed, Finished, Stopped, Waiting
from lossviz.training.run_record import RunRecord

STOP_GRACE_SECONDS = 5.0
"""A worker that has not answered a stop after so long is killed."""


class _Seat:
    """A worker process and what it is doing: its run, whether it has loaded torch, what to do after a while."""

    def __init__(self, child: ChildProcess) -> None:
        self.child = child
        self.run: RunRecord | None = None
        self.warm = False
        self._timer: threading.Timer | None = None

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something after a while, in the place of what was to be done before."""
        self.never()
        self._timer = threading.Timer(seconds, action)
        self._timer.daemon = True
        self._timer.start()

    def never(self) -> None:
        """Do nothing later."""
        if self._timer is not None:
            self._timer.cancel()


class WorkerPool:
    """Worker processes, at most `limit` of them. Every method is called with the lock held.

    Args:
        lock: Guards this object; the one that its owner uses.
        limit: How many workers there may be.
        idle_seconds: How long a worker without a run is kept.
        command: The program a worker runs.
        environ: Environment variables for it.
        on_event: Called with a run and an event of its worker, with the lock held.
        on_lost: Called with a run whose worker has ended, its exit status (negative: the signal that ended it)
            and the end of its standard error, with the lock held.
    """

    def __init__(
        self,
        lock: threading.RLock,
        limit: int,
        idle_seconds: float,
        command: Sequence[str],
        environ: Mapping[str, str],
        on_event: Callable[[RunRecord, Event], None],
        on_lost: Callable[[RunRecord, int, str], None],
    ) -> None:
        self._lock = lock
        self._limit = limit
        self._idle_seconds = idle_seconds
        self._command = command
        self._environ = environ
        self._on_event = on_event
        self._on_lost = on_lost
        self._seats: list[_Seat] = []
        self._open_order: Mapping[str, object] | None = None

    def warm_up(self) -> _Seat | None:
        """See that a worker without a run is there; its idle time starts anew.

        Returns:
            Its seat; None where all have runs or none can be started.
        """
        seat = next((seat for seat in self._seats if seat.run is None), None)
        if seat is None and len(self._seats) < self._limit:
            try:
                seat = _Seat(ChildProcess(self._command, self._heard, self._ended, self._environ))
            except OSError:
                return None  # whoever needs it finds that it is not there
            self._seats.append(seat)
            if self._open_order is not None:
                seat.child.send(self._open_order)
        if seat is not None:
            self._idle(seat)
        return seat

    def open_ahead(self, folder: str, origin: str | None) -> None:
        """Have workers without a run map a data set, so that their first run starts sooner."""
        self._open_order = {"order": "open", "folder": folder, "origin": origin}
        for seat in self._seats:
            if seat.run is None:
                seat.child.send(self._open_order)

    def give(self, run: RunRecord, order: Mapping[str, object]) -> bool:
        """Give a run to a worker.

        Args:
            run: The run.
            order: The order to train it.

        Returns:
            Whether there was a worker to take it. One that has died meanwhile loses it like any other.
        """
        seat = self.warm_up()
        if seat is None:
            return False
        seat.run = run
        seat.child.send(order)
        seat.never()  # it is not idle any more
        return True

    def stop(self, run: RunRecord) -> bool:
        """Have a run stopped.

        Returns:
            Whether its worker will answer with what was learned; if not, there was nothing to lose and it has
            been let go.
        """
        seat = next((seat for seat in self._seats if seat.run is run), None)
        if seat is None:
            return False
        if not seat.warm:  # it is still loading torch
            self._let_go(seat)
            return False
        seat.child.send({"order": "stop", "run": run.run_id})
        seat.later(STOP_GRACE_SECONDS, seat.child.kill)
        return True

    def close(self) -> list[ChildProcess]:
        """Let all workers go; returns their processes, which are about to end."""
        children = [seat.child for seat in self._seats]
        for seat in list(self._seats):
            self._let_go(seat)
        return children

    def _idle(self, seat: _Seat) -> None:
        seat.later(self._idle_seconds, lambda: self._dismiss(seat))

    def _dismiss(self, seat: _Seat) -> None:
        with self._lock:
            if seat.run is None and seat in self._seats:
                self._let_go(seat)

    def _let_go(self, seat: _Seat) -> None:
        self._seats.remove(seat)
        seat.never()
        seat.run = None
        seat.child.end()

    def _heard(self, child: ChildProcess, event: Event) -> None:
        """An event of a worker; called in the child's thread."""
        with self._lock:
            seat = self._seat_of(child)
            if seat is None:
                return
            run = seat.run
            if isinstance(event, Waiting):
                seat.warm = True
            if run is None:
                return
            if isinstance(event, Failed):  # whatever torch is in now, the next run gets a new process
                self._let_go(seat)
            elif isinstance(event, Finished | Stopped):
                seat.run = None
                self._idle(seat)
            self._on_event(run, event)

    def _ended(self, child: ChildProcess, status: int, errors: str) -> None:
        """A worker has ended; called in the child's thread."""
        with self._lock:
            seat = self._seat_of(child)
            if seat is None:
                return
            run = seat.run
            self._let_go(seat)
            if run is not None:
                self._on_lost(run, status, errors)

    def _seat_of(self, child: ChildProcess) -> _Seat | None:
        return next((seat for seat in self._seats if seat.child is child), None)


def how_it_ended(status: int, errors: str) -> str:
    """What to say of a training process that ended by itself.

    Args:
        status: Its exit status; negative: the signal that ended it.
        errors: The end of its standard error.

    Returns:
        A sentence or two.
    """
    if status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        often = ", often because memory ran out" if name == "SIGKILL" else ""
        return f"The system ended the training process ({name}{often})."
    last = errors.strip().rpartition("\n")[2][:300]
    return f"The training process ended unexpectedly (status {status}). {last}".rstrip()
