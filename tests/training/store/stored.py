"""Runs to put into a store."""

from __future__ import annotations

from lossviz.training.events import Event, Steps
from lossviz.training.settings import Settings
from lossviz.training.store.rows import RunRow, pack
from lossviz.training.store.store import Piece


def row(run_id: str, owner: str = "ada", **more: object) -> RunRow:
    """A run's row; finished, unless it is said otherwise."""
    values: dict[str, object] = {
        "server": "elsewhere",
        "name": "",
        "pinned": False,
        "settings": Settings().as_dict(),
        "state": "finished",
        "ending": "finished",
        "message": None,
        "advice": None,
        "notes": (),
        "created": 0.0,
        "begun": True,
        "elapsed": 1.0,
    }
    return RunRow(run_id, owner, **{**values, **more})  # type: ignore[arg-type]  # as the test says


def piece(run_id: str, owner: str = "ada", events: tuple[Event, ...] = (), **more: object) -> Piece:
    """A run with one pack of events."""
    return Piece(row(run_id, owner, **more), 0, [pack(events)] if events else [])


def steps(first: int, count: int) -> Steps:
    """Losses that do not compress away."""
    return Steps(first, [1.0 / (first + step) ** 0.37 for step in range(count)], 4_000.0, 1.0)
