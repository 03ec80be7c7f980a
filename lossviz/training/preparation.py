"""Preparing data for the server: in a child process, remembered for as long as the server runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lossviz.training.child_process import ChildProcess
from lossviz.training.data import array_file
from lossviz.training.data.locate import Search
from lossviz.training.events import DataReady, Event, Failed, Preparing
from lossviz.training.home import HomeError
from lossviz.training.snapshots import DataStatus, Failure


class Preparation:
    """What is known of each kind of data, and the child processes that find out more.

    Args:
        lock: Guards this object; the one that its owner uses.
        home: Where lossviz keeps its cache; may raise `HomeError`.
        command: The program that prepares data; the kind is added.
        environ: Environment variables for it.
        on_change: Called, with the lock held, when the data of a kind is ready or has failed or has moved on.
    """

    def __init__(
        self,
        lock: threading.RLock,
        home: Callable[[], Path],
        command: Sequence[str],
        environ: Mapping[str, str],
        on_change: Callable[[str], None],
    ) -> None:
        self._lock = lock
        self._home = home
        self._command = command
        self._environ = environ
        self._on_change = on_change
        self._statuses: dict[str, DataStatus] = {}
        self._children: dict[str, ChildProcess] = {}
        self._leaving: list[ChildProcess] = []  # they have told their result and are about to end

    def status(self, kind: str) -> DataStatus:
        """How far the data of a kind is."""
        return self._statuses.get(kind, DataStatus())

    def prepare(self, kind: str, *, retry: bool) -> None:
        """See that the data of a kind becomes ready, unless it is, or is being prepared.

        Args:
            kind: "auto", "fashion-mnist" or "drawn-garments".
            retry: Try again what failed, or what came to drawn garments for want of a download.
        """
        status = self.status(kind)
        if kind in self._children:
            return
        if status.state == "ready" and not (retry and status.offline):
            if status.dataset_folder is not None and (status.dataset_folder / array_file.ABOUT).exists():
                return
        elif status.state == "failed" and not retry:
            return
        try:
            kept = Search(self._home()).ready(kind)
        except HomeError as error:
            self._set(kind, _failed(str(error), "Then start lossviz again."))
            return
        if kept is not None:
            self._set(kind, _ready(kept))
            return
        self._set(kind, DataStatus("preparing", "Looking for the data."))
        try:
            self._children[kind] = ChildProcess(
                [*self._command, kind],
                lambda child, event: self._take(kind, child, event),
                lambda child, status, errors: self._ended(kind, child, status, errors),
                self._environ,
            )
        except OSError as error:
            self._set(kind, _failed(f"The data could not be prepared ({error}).", "Try again."))

    def children(self) -> list[ChildProcess]:
        """The processes that have not ended."""
        return [*self._children.values(), *self._leaving]

    def _take(self, kind: str, child: ChildProcess, event: Event) -> None:
        with self._lock:
            if self._children.get(kind) is not child:
                return
            if isinstance(event, Preparing):
                self._set(kind, DataStatus("preparing", event.message, event.done, event.total, event.unit))
            elif isinstance(event, DataReady):
                self._leaving.append(self._children.pop(kind))
                self._set(kind, _ready(event))
            elif isinstance(event, Failed):
                self._leaving.append(self._children.pop(kind))
                self._set(kind, _failed(event.message, event.advice))

    def _ended(self, kind: str, child: ChildProcess, status: int, errors: str) -> None:
        with self._lock:
            if child in self._leaving:
                self._leaving.remove(child)
            if self._children.get(kind) is child:  # it went without a result
                del self._children[kind]
                last = errors.strip().rpartition("\n")[2]
                self._set(
                    kind,
                    _failed(f"Preparing the data ended too soon (status {status}). {last}", "Try again."),
                )

    def _set(self, kind: str, status: DataStatus) -> None:
        self._statuses[kind] = status
        self._on_change(kind)


def _ready(event: DataReady) -> DataStatus:
    return DataStatus(
        "ready",
        event.origin,
        dataset_folder=Path(event.folder),
        name=event.name,
        origin=event.origin,
        notes=tuple(event.notes),
        offline=event.offline,
    )


def _failed(message: str, advice: str) -> DataStatus:
    return DataStatus("failed", message, failure=Failure(message, advice))
