"""A thread that looks again when the next thing is due, and at no other time."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Deadlines:
    """Calls a function with its owner's lock held, at first and whenever it is due.

    Args:
        lock: Guards the owner; the one that it uses.
        look: Does what is due, and returns the seconds until the next thing is; None where nothing is to come.
    """

    def __init__(self, lock: threading.RLock, look: Callable[[], float | None]) -> None:
        self._look = look
        self._changed = threading.Condition(lock)
        self._closed = False
        threading.Thread(target=self._watch, name="deadlines", daemon=True).start()

    def changed(self) -> None:
        """Something may be due sooner than was said. Called with the lock held."""
        self._changed.notify_all()

    def close(self) -> None:
        """Look no more. Called with the lock held."""
        self._closed = True
        self._changed.notify_all()

    def _watch(self) -> None:
        with self._changed:
            while not self._closed:
                self._changed.wait(self._look())
