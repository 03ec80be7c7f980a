"""What a child process of lossviz does first: keep its output clean, step back, leave when its parent is gone.

Torch-free, and called before torch is loaded, so that a child leaves even while it is starting.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

LOWEST_PRIORITY = 19
LOWEST_SESSION = 5
"""At 5 a session gets about a third of the share of one at 0: the page keeps its core, and on a busy machine a run
still goes on."""

_TRIES = 20
_AUTOGROUP = Path("/proc/self/autogroup")
"""Where Linux lets a process say how its session ranks among the others."""


def take_output() -> TextIO:
    """Keep standard output for events alone: whatever else prints goes to standard error.

    Returns:
        A stream to the real standard output.
    """
    output = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    sys.stdout.flush()
    os.dup2(2, 1)
    return output


def step_back(by: int = LOWEST_PRIORITY) -> None:
    """Take a lower priority, so that the page keeps the processor when it needs it.

    Args:
        by: How far: from 1, just behind the page, to 19. A session of its own steps back by 5 at most.
    """
    if hasattr(os, "nice"):
        os.nice(by)
    # Linux can share the processor out among sessions first (autogroup, the default of many distributions). Then
    # the number above counts only within the session, and this child is alone in its own: the session has to step
    # back too. A session that is somebody else's, such as a terminal's, is left alone.
    if hasattr(os, "getsid") and os.getsid(0) == os.getpid():
        with suppress(OSError):
            _move_session(min(by, LOWEST_SESSION))


def _move_session(by: int) -> None:
    """Say how this process's session ranks. The system takes one such word each tenth of a second, whoever's it is."""
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            _AUTOGROUP.write_text(str(by), encoding="ascii")
            return
        time.sleep(0.1)


def leave_with_parent(on_line: Callable[[str], None] | None = None) -> None:
    """Read standard input in a thread, and leave the process at once when it ends.

    It ends when the parent closes it, ends, or is killed: so nothing is left running. What is half written then
    is never read as whole: files are renamed into place.

    Args:
        on_line: Called with each line that comes, in that thread.
    """

    def listen() -> None:
        # os.read rather than sys.stdin: a thread waiting inside that object would block the interpreter's end.
        rest = b""
        while block := os.read(0, 1 << 16):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                if on_line is not None:
                    on_line(line.decode("utf-8", "replace"))
        leave(0)

    threading.Thread(target=listen, name="orders", daemon=True).start()


def leave(status: int) -> None:
    """End the process at once, whatever its other threads are doing."""
    os._exit(status)
