"""A child process that is given orders and tells events, one JSON object a line each way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from lossviz.training.events import Event, from_line

WORKER = (sys.executable, "-m", "lossviz.training.worker")
WORKER_ALONE = (*WORKER, "--alone")
PREPARE = (sys.executable, "-m", "lossviz.training.data.prepare")

_PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])
_TAIL_LINES = 40

# glibc gives freed memory back to the system on every step, and asks for it again: a CNN trains 1.2 times as
# fast when it keeps it. 32 MB is the largest threshold that every glibc takes.
_KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(2**30)}
# Threads that spin while they wait take the core that the page needs.
_WAIT_QUIETLY = {"OMP_WAIT_POLICY": "PASSIVE"}


def environment(environ: Mapping[str, str] = os.environ, *, quiet: bool = True) -> dict[str, str]:
    """The environment of a child process: ours, an allocator that keeps its memory, threads that wait quietly.

    Args:
        environ: Our environment variables.
        quiet: Whether the process trains beside a page. Alone, threads that spin while they wait are faster.

    Returns:
        The child's. It finds this very lossviz, wherever it is started.
    """
    paths = [_PACKAGE_PARENT, *filter(None, environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **environ,
        **_KEEP_MEMORY,
        **(_WAIT_QUIETLY if quiet else {}),
        "PYTHONPATH": os.pathsep.join(paths),
    }


class ChildProcess:
    """A child process with orders in and events out.

    It is started in a session of its own, so that Ctrl-C in the parent's terminal is the parent's to handle.

    Args:
        command: The program and its arguments.
        on_event: Called with each event, in a thread of this object.
        on_end: Called once, after the last event, with the exit status (negative: the signal that ended it) and
            the last lines of standard error.
        environ: Environment variables to set beside those of `environment`.
        quiet: Whether it works beside a page (see `environment`).
    """

    def __init__(
        self,
        command: Sequence[str],
        on_event: Callable[[ChildProcess, Event], None],
        on_end: Callable[[ChildProcess, int, str], None],
        environ: Mapping[str, str] | None = None,
        *,
        quiet: bool = True,
    ) -> None:
        self._on_event = on_event
        self._on_end = on_end
        self._sending = threading.Lock()
        self._errors: deque[str] = deque(maxlen=_TAIL_LINES)
        self._process = subprocess.Popen(  # noqa: S603 - our own modules, run by our own interpreter
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment(quiet=quiet), **(environ or {})},
            start_new_session=True,
            encoding="utf-8",
            errors="replace",
        )
        errors = threading.Thread(target=self._read_errors, name="child errors", daemon=True)
        errors.start()
        self._reader = threading.Thread(target=self._read, args=(errors,), name="child events", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def send(self, order: Mapping[str, object]) -> bool:
        """Give an order.

        Args:
            order: As JSON has it.

        Returns:
            Whether it could be given; a process that has ended takes none.
        """
        with self._sending:
            try:
                _stream(self._process.stdin).write(json.dumps(order) + "\n")
                _stream(self._process.stdin).flush()
            except (OSError, ValueError):
                return False
        return True

    def end(self) -> None:
        """Close its input; it leaves by itself at once."""
        with self._sending:
            try:
                _stream(self._process.stdin).close()
            except OSError:
                return  # it has gone already

    def kill(self) -> None:
        """End it without asking."""
        self._process.kill()

    def join(self, seconds: float) -> bool:
        """Wait for its end and for everything it told.

        Returns:
            Whether it has ended.
        """
        self._reader.join(seconds)
        return not self._reader.is_alive()

    def _read(self, errors: threading.Thread) -> None:
        for line in _stream(self._process.stdout):
            event = from_line(line)
            if event is not None:
                self._on_event(self, event)
        status = self._process.wait()
        errors.join()
        self.end()
        _stream(self._process.stdout).close()
        _stream(self._process.stderr).close()
        self._on_end(self, status, "".join(self._errors))

    def _read_errors(self) -> None:
        for line in _stream(self._process.stderr):
            self._errors.append(line)


def _stream(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise RuntimeError("Popen was given a pipe for every stream")
    return stream
