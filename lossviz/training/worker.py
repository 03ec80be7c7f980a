"""The process that trains: `python -m lossviz.training.worker`.

It loads torch, says that it is waiting, and takes one order a line on standard input:

    {"order": "open", "folder": ..., "origin": ...}                     map a data set ahead of its run
    {"order": "train", "run": ..., "settings": {...}, "folder": ..., "origin": ..., "runs": ...}
    {"order": "stop", "run": ...}

It tells events on standard output and leaves at once when its input ends, whatever it is doing. It takes the
lowest priority, unless `--alone` says that there is no page beside it to wait for.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from lossviz.training.child import leave, leave_with_parent, step_back, take_output
from lossviz.training.data import array_file
from lossviz.training.data.dataset import Dataset, open_dataset
from lossviz.training.errors import TrainingError
from lossviz.training.events import Event, Failed, Waiting, to_line
from lossviz.training.settings import Settings, SettingsError

if TYPE_CHECKING:
    from types import ModuleType

_MEMORY = "Take a smaller batch or fewer images, or close other programs."


def main() -> None:
    """Wait for orders and carry them out until the input ends."""
    beside_page = "--alone" not in sys.argv[1:]
    worker = Worker(take_output(), beside_page=beside_page)
    leave_with_parent(worker.hear)
    if beside_page:
        step_back()
    worker.work()


class Worker:
    """Orders heard in one thread, carried out in another.

    Args:
        output: Where events go.
        beside_page: Whether a page wants the processor too.
    """

    def __init__(self, output: TextIO, *, beside_page: bool) -> None:
        self._output = output
        self._beside_page = beside_page
        self._orders: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._run: str | None = None
        self._stopped: set[str] = set()
        self._stop = threading.Event()
        self._data: tuple[tuple[str, int], Dataset] | None = None

    def hear(self, line: str) -> None:
        """Take an order; a stop takes effect at once."""
        try:
            order = json.loads(line)
            kind = order["order"]
        except (ValueError, KeyError, TypeError):
            return  # not an order of ours
        if kind != "stop":
            self._orders.put(order)
            return
        with self._lock:
            run = str(order.get("run"))
            self._stopped.add(run)
            if run == self._run:
                self._stop.set()

    def emit(self, event: Event) -> None:
        """Tell an event; leave if there is nobody to tell it to."""
        try:
            print(to_line(event), file=self._output, flush=True)
        except BrokenPipeError:
            leave(0)

    def work(self) -> None:
        """Warm up, then carry out orders for ever."""
        from lossviz.training import engine  # torch is loaded here, after the ear is open

        engine.warm_up()
        self.emit(Waiting())
        while True:
            order = self._orders.get()
            if order["order"] == "open":
                self._open_ahead(order)
            elif order["order"] == "train":
                self._train(engine, order)
                self.emit(Waiting())

    def _train(self, engine: ModuleType, order: Mapping[str, Any]) -> None:
        run = str(order.get("run"))
        with self._lock:
            self._run = run
            self._stop.clear()
            if run in self._stopped:
                self._stop.set()
        try:
            settings = Settings.parse(order["settings"])
            engine.use_threads(settings, beside_page=self._beside_page)
            engine.train(
                settings,
                self._open(order),
                self.emit,
                self._stop.is_set,
                run=run,
                folder=Path(order["runs"]) / run,
            )
        except SettingsError as error:
            self.emit(Failed(str(error), "Change the settings."))
        except TrainingError as error:
            self.emit(Failed(str(error), error.advice))
        except array_file.ArrayFileError as error:
            # The cache's own files: gone, they are made again before the next run.
            array_file.remove(Path(order["folder"]))
            self.emit(Failed(f"{error}. It was removed.", "Train again: the data is made anew first."))
        except MemoryError:
            self.emit(Failed("The memory did not suffice.", _MEMORY))
        except OSError as error:
            self.emit(
                Failed(f"The run could not be kept ({error}).", "Make room on the disk, or set LOSSVIZ_HOME.")
            )
        except RuntimeError as error:  # torch's own, of which running out of memory is the usual one
            first = str(error).partition("\n")[0]
            memory = "memory" in first or "allocate" in first
            self.emit(
                Failed(f"torch says: {first}", _MEMORY if memory else "Try the defaults, or another device.")
            )
        finally:
            with self._lock:
                self._run = None

    def _open_ahead(self, order: Mapping[str, Any]) -> None:
        try:
            self._open(order)
        except (array_file.ArrayFileError, OSError, KeyError):
            return  # the run that wants it will say so

    def _open(self, order: Mapping[str, Any]) -> Dataset:
        """The data set of an order; one that is open and has not been written anew is not read again."""
        folder, origin = Path(order["folder"]), order.get("origin")
        try:
            state = str(folder), (folder / array_file.ABOUT).stat().st_mtime_ns
        except OSError as error:
            raise array_file.ArrayFileError(folder / array_file.ABOUT, "is missing") from error
        if self._data is None or self._data[0] != state or (origin and self._data[1].origin != origin):
            self._data = state, open_dataset(folder, origin)
        return self._data[1]


if __name__ == "__main__":
    main()
