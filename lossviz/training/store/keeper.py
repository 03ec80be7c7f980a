"""The thread that writes to the store, so that neither a page nor a run waits for a disk.

What cannot be written now, because the disk is full or the store is damaged, waits in memory and is written when it
can be.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from lossviz.training.events import Event, Finished, Steps, Stopped
from lossviz.training.limits import Limits
from lossviz.training.store import files
from lossviz.training.store.errors import StoreDamagedError, StoreError
from lossviz.training.store.rows import RunRow, pack
from lossviz.training.store.store import ENDED_STATES, MEGABYTE, Piece, Store

WRITE_SECONDS = 1.0
"""How much of a run's curve the end of the server may cost."""

RETRY_SECONDS = 5.0
"""How long to wait before another try where the store could not be written."""

T = TypeVar("T")


@dataclass
class _Pending:
    """A run that is not yet in the store as a whole."""

    row: RunRow
    news: bool = True
    events: list[Event] = field(default_factory=list)
    last: dict[str, Event] = field(default_factory=dict)
    packs: list[bytes] = field(default_factory=list)
    written: int = 0


@dataclass(frozen=True, slots=True)
class _Order:
    """Something to do in the thread, and where its result goes."""

    action: Callable[[Store], None]
    failed: Callable[[BaseException], None]


class Keeper:
    """Takes what is new of runs and writes it within a second. Its methods return at once, but for `ask`.

    Args:
        store: Where to write; the keeper closes it.
        home: Where lossviz keeps its things.
        limits: How large a file that a run leaves may be.
        on_kept: Called, in the keeper's thread, with an ended run's id when all of it is in the store.
    """

    def __init__(self, store: Store, home: Path, limits: Limits, on_kept: Callable[[str], None]) -> None:
        self._store = store
        self._home = home
        self._most_bytes = limits.file_megabytes * MEGABYTE
        self._on_kept = on_kept
        self._changed = threading.Condition()
        self._pending: dict[str, _Pending] = {}
        self._orders: list[_Order] = []
        self._urgent = False
        self._closing = False
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._work, name="run keeper", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str | None:
        """Why runs are not kept now, in a sentence or two; None while all is well."""
        return self._trouble

    def keep(self, row: RunRow) -> None:
        """Write a run's row, soon; at once where the run is new or has ended."""
        with self._changed:
            pending = self._pending.get(row.run_id)
            if pending is None:
                self._pending[row.run_id] = _Pending(row)
            else:
                pending.row, pending.news = row, True
            self._urgent = self._urgent or pending is None or row.state in ENDED_STATES
            self._changed.notify()

    def tell(self, row: RunRow, event: Event) -> None:
        """Write an event of a run, soon.

        Args:
            row: The run as the event left it.
            event: The event.
        """
        with self._changed:
            pending = self._pending.get(row.run_id)
            if pending is None:
                return  # it is forgotten
            pending.row, pending.news = row, True
            pending.events.append(event)
            if not isinstance(event, Steps):
                pending.last[event.KIND] = event
            self._changed.notify()

    def forget(self, run_id: str) -> None:
        """Write nothing more of a run."""
        with self._changed:
            self._pending.pop(run_id, None)

    def ask(self, action: Callable[[Store], T], seconds: float = 20.0) -> T:
        """Do something with the store, after what is being written, and wait for it.

        Args:
            action: What to do, in the keeper's thread.
            seconds: How long to wait.

        Returns:
            What the action returns.

        Raises:
            StoreError: The store cannot be used, or takes too long.
        """
        result: Future[T] = Future()

        def act(store: Store) -> None:
            result.set_result(action(store))

        with self._changed:
            if self._closing:
                raise StoreError("The server is closing.")
            self._orders.append(_Order(act, result.set_exception))
            self._changed.notify()
        try:
            return result.result(seconds)
        except TimeoutError as error:
            raise StoreError("The disk takes too long. Try again.") from error

    def close(self, seconds: float) -> None:
        """Write what can be written and let the store go.

        Args:
            seconds: How long to wait for that.
        """
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(seconds)

    def _work(self) -> None:
        tried = 0.0
        while True:
            with self._changed:
                while not self._due(tried):
                    self._changed.wait(self._seconds_until_due(tried))
                closing, orders = self._closing, self._orders
                self._orders, self._urgent = [], False
            tried = time.monotonic()
            self._write()
            for order in orders:
                self._carry_out(order)
            if closing:
                self._store.close()
                return

    def _due(self, tried: float) -> bool:
        if self._closing or self._orders:
            return True
        if not any(pending.news for pending in self._pending.values()):
            return False
        return (self._urgent and self._trouble is None) or self._seconds_until_due(tried) == 0.0

    def _seconds_until_due(self, tried: float) -> float | None:
        if not any(pending.news for pending in self._pending.values()):
            return None
        pause = WRITE_SECONDS if self._trouble is None else RETRY_SECONDS
        return max(0.0, tried + pause - time.monotonic())

    def _carry_out(self, order: _Order) -> None:
        try:
            try:
                order.action(self._store)
            except StoreDamagedError:
                self._renew()
                order.action(self._store)
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            order.failed(error)

    def _write(self) -> None:
        """Write what is new; say what stands in the way."""
        try:
            try:
                self._try_to_write()
            except StoreDamagedError:
                self._renew()
                self._try_to_write()
        except StoreError as error:
            self._trouble = str(error)
        except Exception as error:  # noqa: BLE001 - this thread must live on: others wait for it
            self._trouble = f"Runs are not kept now ({error})."
        else:
            self._trouble = None

    def _try_to_write(self) -> None:
        pieces = self._take()
        if not pieces:
            return
        try:
            self._store.write([piece for _, piece in pieces])
        except BaseException:
            with self._changed:
                for pending, _ in pieces:
                    pending.news = True
            raise
        whole = []
        with self._changed:
            for pending, piece in pieces:
                pending.written += len(piece.packs)
                run_id = piece.row.run_id
                if piece.row.state in ENDED_STATES and not pending.news and run_id in self._pending:
                    del self._pending[run_id]
                    whole.append(run_id)
        for run_id in whole:
            self._on_kept(run_id)

    def _renew(self) -> None:
        """Open the store again; the runs that are not in it as a whole are written anew, from their beginning."""
        self._store.renew()
        with self._changed:
            for pending in self._pending.values():
                pending.written, pending.news = 0, True

    def _take(self) -> list[tuple[_Pending, Piece]]:
        """What is new, with whose it is."""
        taken = []
        with self._changed:
            for pending in self._pending.values():
                if pending.news:
                    pending.news = False
                    taken.append((pending, pending.row, pending.events, list(pending.last.values())))
                    pending.events = []
        pieces = []
        for pending, row, events, last in taken:
            if events:
                pending.packs.append(pack(events))
            piece = Piece(
                replace(row, summary=pack(last) if last else b""),
                pending.written,
                pending.packs[pending.written :],
                self._files_of(row, last),
            )
            pieces.append((pending, piece))
        return pieces

    def _files_of(self, row: RunRow, last: Iterable[Event]) -> list[files.KeptFile]:
        if row.state not in ENDED_STATES:
            return []
        folder = self._home / files.FOLDER / row.run_id
        results = [event for event in last if isinstance(event, Finished | Stopped)]
        return [
            file for event in results for file in files.measure(folder, event.artefacts, self._most_bytes)
        ]
