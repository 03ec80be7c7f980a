"""A run in a list: everything but its curves. Knows no torch, no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lossviz.training.events import Epoch, Finished, Started, Stopped
from lossviz.training.settings import Settings
from lossviz.training.snapshots import RunState

Ending = Literal["finished", "stopped", "too-long", "abandoned", "failed", "killed", "interrupted"]
"""How a run ended: by itself; by its owner; by the time limit; because nobody looked; with an error of its own; its
process killed by the system, often for want of memory; with its server."""


@dataclass(frozen=True, slots=True)
class RunHeader:
    """A run as a list shows it.

    Attributes:
        run_id: Its unguessable id.
        name: What its owner calls it: plain text of one line, never Markdown or HTML; empty where it has no name.
        pinned: Whether it stays when older runs go.
        settings: What was asked for.
        state: Where it stands.
        ending: How it ended, or None while it has not.
        message: One sentence on that.
        created: When it was asked for, in seconds since 1970.
        elapsed: Seconds since it left the queue.
        started: Its `Started` event, once it came.
        epoch: Its last epoch, once one is over.
        result: What it came to, once finished or stopped.
        kept: Whether all of it so far, or all but the last second, is on the disk.
    """

    run_id: str
    name: str
    pinned: bool
    settings: Settings
    state: RunState
    ending: Ending | None
    message: str
    created: float
    elapsed: float
    started: Started | None
    epoch: Epoch | None
    result: Finished | Stopped | None
    kept: bool
