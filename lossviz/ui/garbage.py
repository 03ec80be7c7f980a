"""Collecting garbage in quiet moments, and seldom among what is loaded for good.

By default Streamlit runs a full collection after every run of a script, and Python runs one of its own now and then.
With torch loaded that takes a quarter to three quarters of a second, and meanwhile nobody is answered. So Streamlit's
is off (``.streamlit/config.toml``), Python's leaves the oldest objects alone, and a thread does the rest when no script
is running.
"""

from __future__ import annotations

import gc
import sys
import threading
import time

EVERY_SECONDS = 20.0
"""Between two collections."""

LOOKS_AT_EVERYTHING = 30
"""Every so many times, ten minutes, everything is looked through, what is otherwise left out too."""

PATIENCE_SECONDS = 10.0
"""On a busy server a quiet moment may not come; then it is done all the same."""

LOOK_SECONDS = 0.05
"""How often it is asked whether the moment is quiet."""

MANY_MODULES = 100
"""So many new modules are worth leaving out at once: torch brings more than a thousand, a page of ours a few dozen."""

_NEVER = 1_000_000
_THREAD = "lossviz garbage"
_SCRIPT_THREAD = "ScriptRunner"
"""How the names of the threads begin in which Streamlit runs a script, each for a single run."""


def collect_in_quiet_moments() -> None:
    """Start the collector, unless one is at work: Streamlit loads this file again when somebody has edited lossviz."""
    if not any(thread.name == _THREAD for thread in threading.enumerate()):
        Collector()


class Collector:
    """The thread that collects garbage, for the life of the process."""

    def __init__(self) -> None:
        self._modules = self._looks = 0
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, _NEVER)
        threading.Thread(target=self._work, name=_THREAD, daemon=True).start()

    def collect(self) -> None:
        """Look through all objects but those that were left out.

        Where much has been loaded since, and now and then, everything is looked through, and what is there after that
        is left out: torch, but also what belongs to the pages that are open. So that must have its turn again.
        """
        self._looks += 1
        everything = (
            len(sys.modules) - self._modules >= MANY_MODULES or self._looks % LOOKS_AT_EVERYTHING == 0
        )
        if everything:
            gc.unfreeze()
        gc.collect()
        if everything:
            gc.freeze()
            self._modules = len(sys.modules)

    def _work(self) -> None:
        while True:
            time.sleep(EVERY_SECONDS)
            await_quiet_moment()
            self.collect()


def await_quiet_moment() -> None:
    """Wait until no script runs, but not longer than is good."""
    last = time.monotonic() + PATIENCE_SECONDS
    while a_script_runs() and time.monotonic() < last:
        time.sleep(LOOK_SECONDS)


def a_script_runs() -> bool:
    """Whether somebody waits for a page at this moment."""
    return any(thread.name.startswith(_SCRIPT_THREAD) for thread in threading.enumerate())
