"""The runs on the disk, as the job manager uses them: written in the background, read when they are asked for."""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from lossviz.training.events import Event
from lossviz.training.limits import Limits
from lossviz.training.run_record import RunRecord
from lossviz.training.store import files
from lossviz.training.store.errors import StoreDamagedError, StoreError
from lossviz.training.store.keeper import Keeper
from lossviz.training.store.rows import RunRow, summary_events, unpack
from lossviz.training.store.store import ENDED_STATES, Store

_CURVES_AT_HAND = 8

T = TypeVar("T")


class KeptRuns:
    """The store, and what to do without one. Only `keep`, `tell` and `forget` may be called with a lock held.

    Args:
        home: Where lossviz keeps its things; None where it has no such place.
        limits: How much is kept.
        on_kept: Called, in a thread, with an ended run's id when all of it is in the store.
    """

    def __init__(self, home: Path | None, limits: Limits, on_kept: Callable[[str], None]) -> None:
        self._home = home
        self._store: Store | None = None
        self._problem: str | None = None
        self._lock = threading.Lock()
        self._curves: OrderedDict[str, tuple[Event, ...]] = OrderedDict()
        if home is None:
            return
        try:
            self._store = Store(home, limits)
            self._keeper = Keeper(self._store, home, limits, on_kept)
        except StoreError as error:
            self._problem = f"{error} To try again, start lossviz anew."

    @property
    def notices(self) -> list[str]:
        """What somebody should know of the store, each in a sentence or two; usually nothing."""
        if self._store is None:
            return [self._problem] if self._problem else []
        return [text for text in (self._store.notice, self._keeper.trouble or self._problem) if text]

    @property
    def works(self) -> bool:
        """Whether what is to be written gets written, so far as is known."""
        return self._store is not None and self._keeper.trouble is None

    def pins(self) -> int:
        """How many runs are pinned, whoever pinned them."""
        return self._read(lambda store: store.pins(), 0)

    def keep(self, run: RunRecord) -> None:
        """Write a run as it stands, soon."""
        if self._store is not None:
            self._keeper.keep(run.row(self._store.server))

    def tell(self, run: RunRecord, event: Event) -> None:
        """Write an event that a run has taken, soon."""
        if self._store is not None:
            self._keeper.tell(run.row(self._store.server), event)

    def forget(self, run_id: str) -> None:
        """Write nothing more of a run, and remove the files that it left."""
        if self._store is not None:
            self._keeper.forget(run_id)
        if self._home is not None:
            files.remove(self._home, [run_id])

    def row(self, run_id: str) -> RunRow | None:
        """A run without its events; None where it is not kept, or cannot be read now."""
        if not run_id.isascii():  # it comes from a link: no id of ours, perhaps nothing a database takes
            return None
        return self._read(lambda store: store.row(run_id), None)

    def run(self, run_id: str) -> RunRecord | None:
        """A run with its curves; None where it is not kept, or cannot be read now."""
        row = self.row(run_id)
        if row is None:
            return None
        events, damaged = self._events(row)
        if damaged:
            note = "Of what was kept of this run a part is damaged; the curves are shown up to there."
            row = dataclasses.replace(row, notes=(*row.notes, note))
        return RunRecord.restored(row, events, self._artefacts(run_id, closely=False))

    def runs(self, owner: str) -> list[RunRecord]:
        """An owner's runs, newest first, with the last event of each kind only and without their files."""
        rows = self._read(lambda store: store.rows(owner), list[RunRow]())
        return [RunRecord.restored(row, summary_events(row.summary), {}) for row in rows]

    def header_run(self, run_id: str) -> RunRecord | None:
        """A run with the last event of each kind only and without its files; None where it is not kept."""
        row = self.row(run_id)
        return RunRecord.restored(row, summary_events(row.summary), {}) if row is not None else None

    def finished(self, count: int) -> list[RunRecord]:
        """The newest finished runs, as `runs` gives them."""
        rows = self._read(lambda store: store.last(count), list[RunRow]())
        return [RunRecord.restored(row, (), {}) for row in rows]

    def artefact(self, run_id: str, name: str) -> Path | None:
        """A file that a run left, compared with the digest taken then; None where it is not that file any more."""
        if self.row(run_id) is None:
            return None
        return self._artefacts(run_id, closely=True, only=name).get(name)

    def ask(self, action: Callable[[Store], T]) -> T:
        """Change the store, and wait until that is done.

        Raises:
            StoreError: There is no store, or it cannot be used now.
        """
        if self._store is None:
            raise StoreError(self._problem or "This server keeps no runs.")
        return self._keeper.ask(action)

    def remove(self, run_id: str) -> None:
        """Remove an ended run with everything that it left, and wait until that is done.

        Raises:
            StoreError: The store cannot be used now; nothing was removed.
        """
        with self._lock:
            self._curves.pop(run_id, None)
        if self._store is None:
            self.forget(run_id)
            return

        def remove(
            store: Store,
        ) -> None:  # in the thread that writes: nothing of the run can be written after
            store.remove(run_id)
            self._keeper.forget(run_id)

        self._keeper.ask(remove)

    def close(self, seconds: float) -> None:
        """Write what is to be written and let the store go; waits so long at most."""
        if self._store is not None:
            self._keeper.close(seconds)

    def _events(self, row: RunRow) -> tuple[tuple[Event, ...], bool]:
        """A run's events up to the first that are damaged, and whether some are."""
        with self._lock:
            if row.run_id in self._curves:
                self._curves.move_to_end(row.run_id)
                return self._curves[row.run_id], False
        events: list[Event] = []
        for lines in self._read(lambda store: store.packs(row.run_id), list[bytes]()):
            try:
                events += unpack(lines)
            except ValueError:
                return tuple(events), True
        if row.state in ENDED_STATES:
            with self._lock:
                self._curves[row.run_id] = tuple(events)
                while len(self._curves) > _CURVES_AT_HAND:
                    self._curves.popitem(last=False)
        return tuple(events), False

    def _artefacts(self, run_id: str, *, closely: bool, only: str | None = None) -> dict[str, Path]:
        if self._home is None:
            return {}
        found = {}
        for kept in self._read(lambda store: store.files(run_id), list[files.KeptFile]()):
            path = None
            if only in (None, kept.artefact):
                path = files.located(self._home, run_id, kept, closely=closely)
            if path is not None:
                found[kept.artefact] = path
        return found

    def _read(self, look: Callable[[Store], T], otherwise: T) -> T:
        """What the store says; where it is damaged, what the new one says."""
        if self._store is None:
            return otherwise
        try:
            try:
                found = look(self._store)
            except StoreDamagedError:
                found = self._keeper.ask(look)
        except StoreError as error:
            self._problem = str(error)
            return otherwise
        self._problem = None
        return found
