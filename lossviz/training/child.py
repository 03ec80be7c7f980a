"""What a child process of lossviz does first: keep its output clean, step back, leave when its parent is gone.

Torch-free, and called before torch is loaded, so that a child leaves even while it is starting.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import TextIO

LOWEST_PRIORITY = 19


def take_output() -> TextIO:
    """Keep standard output for events alone: whatever else prints goes to standard error.

    Returns:
        A stream to the real standard output.
    """
    output = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    sys.stdout.flush()
    os.dup2(2, 1)
    return output


def step_back() -> None:
    """Take the lowest priority, so that the page keeps the processor when it needs it."""
    if hasattr(os, "nice"):
        os.nice(LOWEST_PRIORITY)


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
