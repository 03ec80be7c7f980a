"""The runs of a server, as a page asks for them: what may be done with whose run, and where to find it.

Thread-safe; knows no Streamlit and no torch. The page keeps one `JobManager` for the whole server.
"""

from __future__ import annotations

import atexit
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lossviz.training.home import HomeError, home
from lossviz.training.kept_runs import KeptRuns
from lossviz.training.limits import Limits, read_limits
from lossviz.training.run_header import RunHeader
from lossviz.training.run_name import clean_name
from lossviz.training.run_record import RunRecord
from lossviz.training.scheduler import Scheduler
from lossviz.training.settings import Settings, SettingsError
from lossviz.training.snapshots import DataStatus, Failure, RunSnapshot, RunState
from lossviz.training.store.errors import StoreError
from lossviz.training.store.store import Store
from lossviz.training.worker_pool import STOP_GRACE_SECONDS

__all__ = [
    "DataStatus",
    "Failure",
    "JobManager",
    "QueueError",
    "RunHeader",
    "RunRefusedError",
    "RunSnapshot",
    "RunState",
]


class QueueError(RuntimeError):
    """A run that cannot be taken now; the message says why and what to do."""


class RunRefusedError(RuntimeError):
    """Something that cannot be done with a run; the message says why and, where there is, what to do."""


class JobManager:
    """Starts, queues, watches, stops and keeps runs.

    Every method returns at once: whatever takes time happens in child processes and threads; only what changes a
    run that has ended waits for the disk. When the process that holds the manager ends, in whatever way, its
    children notice and leave, and the next manager shows its runs as interrupted.

    Args:
        home: Where runs and data are kept; None for `lossviz.training.home.home()`.
        limits: What is allowed; None for what the environment says (`lossviz.training.limits`).
        worker_command: The program a worker runs; None for `lossviz.training.worker`.
        prepare_command: The program that prepares data; None for `lossviz.training.data.prepare`.

    Attributes:
        limits: What is allowed.
    """

    def __init__(
        self,
        *,
        home: Path | None = None,
        limits: Limits | None = None,
        worker_command: Sequence[str] | None = None,
        prepare_command: Sequence[str] | None = None,
    ) -> None:
        self.limits, self._notices = (limits, []) if limits is not None else read_limits()
        self._named_home = home
        self._lock = threading.RLock()
        self._kept = self._open_kept()
        environ = {"LOSSVIZ_HOME": str(home)} if home is not None else {}
        self._scheduler = Scheduler(
            self._lock, self.limits, self._kept, self._home, environ, worker_command, prepare_command
        )
        atexit.register(self.close)

    def warm_up(self) -> None:
        """Make sure that one worker waits with torch loaded, so that the next run starts at once."""
        with self._lock:
            self._scheduler.warm_up()

    def submit(self, settings: Settings, owner: str, name: str = "") -> str:
        """Start a run, or queue it.

        Args:
            settings: What to train; checked once more here, and against the server's limits.
            owner: Who asks, for instance a browser: one run at a time each, and only the owner may change it.
            name: What to call it; cleaned (`lossviz.training.run_name`).

        Returns:
            The run's id, which nobody can guess: it is the run's link.

        Raises:
            SettingsError: The settings cannot be trained with, or not on this server.
            QueueError: The owner has a run that has not ended, or the queue is full.
        """
        return self.submit_race([settings], owner, [name])[0]

    def submit_race(
        self, settings: Sequence[Settings], owner: str, names: Sequence[str] | None = None
    ) -> list[str]:
        """Start or queue several runs of one owner, to be compared.

        They train in this order, as many at once as the server trains; between two of them the runs of others
        may have their turn.

        Args:
            settings: What to train, `limits.race_runs` at most.
            owner: Who asks.
            names: What to call them; None for no names.

        Returns:
            Their ids, in the same order.

        Raises:
            SettingsError: Some of the settings cannot be trained with; nothing was queued.
            QueueError: The owner has a run that has not ended, the queue is full, or they are too many.
        """
        checked = [Settings.parse(each.as_dict()) for each in settings]
        problems = list(dict.fromkeys(text for each in checked for text in self.limits.problems(each)))
        if problems:
            raise SettingsError(problems)
        if not 1 <= len(checked) <= max(1, self.limits.race_runs):
            raise QueueError(f"A race is of one to {self.limits.race_runs} runs, not {len(checked)}.")
        with self._lock:
            if self._scheduler.closed:
                raise QueueError("The server is closing; no run can start now.")
            if self._scheduler.going(owner):
                raise QueueError("You have a run that has not ended. Wait for it, or stop it first.")
            if not self._scheduler.has_room(len(checked)):
                raise QueueError(
                    f"{self._scheduler.waiting} runs are waiting already. Try again in some minutes."
                )
            runs = [
                RunRecord(secrets.token_urlsafe(16), owner, each, clean_name(name))
                for each, name in zip(checked, names or [""] * len(checked), strict=True)
            ]
            self._scheduler.add(runs)
            return [run.run_id for run in runs]

    def snapshot(self, run_id: str) -> RunSnapshot | None:
        """The run as it stands now, or None where no run of this id is known. Counts as looking at it."""
        with self._lock:
            run = self._scheduler.runs.get(run_id)
            if run is not None:
                run.seen = time.monotonic()
                return self._scheduler.snapshot(run)
        kept = self._kept.run(run_id)
        return kept.snapshot() if kept is not None else None

    def going(self, owner: str) -> list[str]:
        """The ids of the owner's runs that have not ended, in their order. Counts as looking at them.

        Cheap: a page asks at every turn.
        """
        with self._lock:
            own = self._scheduler.going(owner)
            for run in own:
                run.seen = time.monotonic()
            return [run.run_id for run in own]

    def header(self, run_id: str) -> RunHeader | None:
        """A run without its curves, or None where no run of this id is known. Does not count as looking at it."""
        with self._lock:
            run = self._scheduler.runs.get(run_id)
            if run is not None:
                return run.header(kept=self._kept.works)
        kept = self._kept.header_run(run_id)
        return kept.header(kept=True) if kept is not None else None

    def headers(self, owner: str) -> list[RunHeader]:
        """The owner's runs without their curves, newest first. Does not count as looking at them."""
        with self._lock:
            own = [run for run in self._scheduler.runs.values() if run.owner == owner]
            going = {run.run_id: run.header(kept=self._kept.works) for run in own}
        kept = {run.run_id: run.header(kept=True) for run in self._kept.runs(owner)}
        return sorted((kept | going).values(), key=lambda header: header.created, reverse=True)

    def owns(self, run_id: str, owner: str) -> bool:
        """Whether a run is the owner's; False too for an unknown run."""
        with self._lock:
            run = self._scheduler.runs.get(run_id)
        known = run or self._kept.row(run_id)
        return known is not None and secrets.compare_digest(known.owner.encode(), owner.encode())

    def stop(self, run_id: str, owner: str) -> bool:
        """End a run and keep what it learned; a queued run leaves the queue.

        Args:
            run_id: The run.
            owner: Who asks.

        Returns:
            Whether the run was the owner's to stop, or has ended already; False too for an unknown run, and for one
            that another server on the same home trains.
        """
        if not self.owns(run_id, owner):
            return False
        with self._lock:
            run = self._scheduler.runs.get(run_id)
            if run is not None:
                self._scheduler.stop(run, "stopped")
                return True
        kept = self._kept.header_run(run_id)
        return kept is None or kept.ended

    def rename(self, run_id: str, owner: str, name: str) -> str:
        """Give a run a name.

        Args:
            run_id: The run.
            owner: Who asks.
            name: What to call it; cleaned (`lossviz.training.run_name`). Nothing takes its name away.

        Returns:
            The name as it is now: plain text, to be shown as such.

        Raises:
            RunRefusedError: It is unknown or another's, or the disk cannot be written.
        """
        self._refuse_others(run_id, owner, "rename")
        cleaned = clean_name(name)
        with self._lock:
            run = self._scheduler.runs.get(run_id)
            if run is not None:
                run.name = cleaned
                self._kept.keep(run)
                return cleaned
        self._change(lambda store: store.change(run_id, name=cleaned))
        return cleaned

    def pin(self, run_id: str, owner: str, *, pinned: bool = True) -> None:
        """Keep a run when older ones go, or no longer.

        Args:
            run_id: The run.
            owner: Who asks.
            pinned: Whether it stays.

        Raises:
            RunRefusedError: It is unknown or another's, pins are as many as may be, or the disk cannot be written.
        """
        self._refuse_others(run_id, owner, "pin")
        if pinned:
            self._refuse_more_pins(run_id, owner)
        with self._lock:
            run = self._scheduler.runs.get(run_id)
            if run is not None:
                run.pinned = pinned
                self._kept.keep(run)
                return
        self._change(lambda store: store.change(run_id, pinned=pinned))

    def remove(self, run_id: str, owner: str) -> None:
        """Remove a run that has ended, with everything that it left.

        Args:
            run_id: The run.
            owner: Who asks.

        Raises:
            RunRefusedError: It is unknown or another's, has not ended, or the disk cannot be written.
        """
        self._refuse_others(run_id, owner, "remove")
        header = self.header(run_id)
        if header is not None and header.ending is None:
            raise RunRefusedError("This run has not ended. Stop it first.")
        with self._lock:
            held = self._scheduler.runs.pop(run_id, None)
        try:
            self._kept.remove(run_id)
        except StoreError as error:
            if held is not None:
                with self._lock:
                    self._scheduler.runs[run_id] = held
            raise RunRefusedError(str(error)) from error

    def artefact(self, run_id: str, name: str) -> Path | None:
        """A file that a run left, such as "predictions".

        Args:
            run_id: The run.
            name: As `RunSnapshot.result.artefacts` calls it.

        Returns:
            Its path, checked against the digest taken when the run ended; None where there is none, or it is not
            what the run left.
        """
        with self._lock:
            run = self._scheduler.runs.get(run_id)
            result = run.header(kept=False).result if run is not None else None
        if result is not None:  # it ended a moment ago, or it cannot be kept
            named = result.artefacts.get(name)
            return Path(named) if named and Path(named).is_file() else None
        return self._kept.artefact(run_id, name)

    def notices(self) -> list[str]:
        """What whoever runs the server should know, a sentence or two each; usually nothing.

        Limits that could not be read from the environment, a damaged store that was set aside, a full disk.
        """
        return [*self._notices, *self._kept.notices]

    def prepare_data(self, kind: str = "auto", *, retry: bool = False) -> None:
        """Find, fetch or draw the data in the background, unless that is done or under way.

        Args:
            kind: "auto", "fashion-mnist" or "drawn-garments".
            retry: Forget a failure, or drawn garments that came for want of a download, and look again.
        """
        with self._lock:
            self._scheduler.prepare_data(kind, retry=retry)

    def data_status(self, kind: str = "auto") -> DataStatus:
        """How far the data is."""
        with self._lock:
            return self._scheduler.data_status(kind)

    def close(self) -> None:
        """End every child process and refuse further runs. Called at exit; calling it twice does no harm."""
        atexit.unregister(self.close)
        with self._lock:
            if self._scheduler.closed:
                return
            children = self._scheduler.close()
        for child in children:
            child.end()
        for child in children:
            if not child.join(STOP_GRACE_SECONDS):
                child.kill()
        self._kept.close(STOP_GRACE_SECONDS)

    def _home(self) -> Path:
        return self._named_home or home()

    # What follows is called without the lock: it waits for the disk.

    def _open_kept(self) -> KeptRuns:
        try:
            return KeptRuns(self._home(), self.limits, self._let_kept_go)
        except HomeError as error:
            self._notices.append(f"{error} Until then runs are lost when the server ends.")
            return KeptRuns(None, self.limits, self._let_kept_go)

    def _refuse_others(self, run_id: str, owner: str, what: str) -> None:
        if self.owns(run_id, owner):
            return
        if self.header(run_id) is None:
            raise RunRefusedError("This run is not known here: it was removed, or is forgotten.")
        raise RunRefusedError(f"Only the browser that started this run can {what} it.")

    def _refuse_more_pins(self, run_id: str, owner: str) -> None:
        pinned = {header.run_id for header in self.headers(owner) if header.pinned}
        if run_id in pinned:
            return
        most = min(self.limits.pins_each, self.limits.runs_kept_each // 2)
        if len(pinned) >= most:
            raise RunRefusedError(
                f"You have pinned {len(pinned)} runs, and {most} is the most. Let one go first."
            )
        if self._kept.pins() >= self.limits.runs_kept // 2:
            raise RunRefusedError(
                "The server has as many pinned runs as it can keep. Let one of yours go first."
            )

    def _change(self, action: Callable[[Store], None]) -> None:
        try:
            self._kept.ask(action)
        except StoreError as error:
            raise RunRefusedError(str(error)) from error

    def _let_kept_go(self, run_id: str) -> None:
        """An ended run is in the store: from now on it is read from there."""
        with self._lock:
            if self._scheduler.closed:  # there is nowhere else to read it
                return
            run = self._scheduler.runs.get(run_id)
            if run is not None and run.ended:
                del self._scheduler.runs[run_id]
