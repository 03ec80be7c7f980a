"""A run as the store keeps it: one row, and its events as compressed lines of JSON."""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lossviz.training.events import Event, from_line, to_line


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run without its events.

    Attributes:
        run_id: Its id.
        owner: Who asked for it.
        server: The server that trains it, or trained it.
        name: What its owner calls it; empty where it has no name.
        pinned: Whether it stays when older runs go.
        settings: What was asked for, as `Settings.as_dict` gives it.
        state: Where it stands, a `RunState`.
        ending: How it ended (`lossviz.training.run_header.Ending`), or None.
        message: A sentence in the place of the state's own, or None.
        advice: What to do, where it failed.
        notes: Sentences on what went wrong while its data was found.
        created: When it was asked for, in seconds since 1970.
        begun: Whether it has left the queue.
        elapsed: Seconds since it left the queue, when this was written.
        summary: The last event of each kind but `Steps`, packed; empty leaves the one that is there.
        size: Bytes it takes in the store, files included; kept by the store itself.
    """

    run_id: str
    owner: str
    server: str
    name: str
    pinned: bool
    settings: dict[str, Any]
    state: str
    ending: str | None
    message: str | None
    advice: str | None
    notes: tuple[str, ...]
    created: float
    begun: bool
    elapsed: float
    summary: bytes = b""
    size: int = 0


_COLUMNS = tuple(each.name for each in dataclasses.fields(RunRow))  # the table has them in this order


def to_values(row: RunRow) -> tuple[object, ...]:
    """The row as the columns of the table take it, in their order."""
    return (
        row.run_id,
        row.owner,
        row.server,
        row.name,
        int(row.pinned),
        json.dumps(row.settings),
        row.state,
        row.ending,
        row.message,
        row.advice,
        json.dumps(row.notes),
        row.created,
        int(row.begun),
        row.elapsed,
        row.summary,
        row.size,
    )


def from_values(values: Sequence[Any]) -> RunRow:
    """The row that the columns of the table hold, in their order."""
    row = dict(zip(_COLUMNS, values, strict=True))
    row["pinned"], row["begun"] = bool(row["pinned"]), bool(row["begun"])
    row["settings"], row["notes"] = json.loads(row["settings"]), tuple(json.loads(row["notes"]))
    return RunRow(**row)


def pack(events: Iterable[Event]) -> bytes:
    """Events as compressed lines of JSON; the compression carries a checksum."""
    return zlib.compress("\n".join(map(to_line, events)).encode())


def unpack(lines: bytes) -> list[Event]:
    """The events of a pack; one that this lossviz does not know is left out.

    Raises:
        ValueError: The pack is damaged.
    """
    try:
        text = zlib.decompress(lines).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error
    return [event for line in text.split("\n") if (event := from_line(line)) is not None]


@lru_cache(maxsize=1024)
def summary_events(summary: bytes) -> tuple[Event, ...]:
    """The events of a row's summary; none where it is damaged: the run itself is still there."""
    try:
        return tuple(unpack(summary)) if summary else ()
    except ValueError:
        return ()
