"""How much memory a process and its children hold, no page counted twice (Linux only, from /proc)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

_PROC = Path("/proc")
_MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ ([0-9a-f]+) (\S+) (\d+)", re.M)
_SIZE = re.compile(r"^(Rss|Anonymous):\s+(\d+) kB$", re.M)


def family(root: int) -> list[int]:
    """A process, its children, their children: the process ids, the process itself first."""
    children: dict[int, list[int]] = defaultdict(list)
    for stat in _PROC.glob("[0-9]*/stat"):
        try:
            # The name before it, in brackets, may hold anything.
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        children[int(fields[1])].append(int(stat.parent.name))
    found = [root]
    for process in found:
        found += children[process]
    return found


def resident(processes: Sequence[int]) -> int:
    """What processes hold together, in bytes.

    A page that is a process's own counts in full. A part of a file (a library, the mapped images) counts once,
    as much of it as the process that holds the most of it. PSS (smaps_rollup) would leave out what is shared with
    processes that do not belong here: another server on the machine would make this one look smaller.

    Args:
        processes: Their ids; one that has ended holds nothing.
    """
    own, parts = 0, dict[tuple[str, ...], int]()
    for process in processes:
        held: dict[tuple[str, ...], int] = defaultdict(int)
        for part, rss, anonymous in _mappings(process):
            own += anonymous
            held[part] += rss - anonymous
        for part, size in held.items():
            parts[part] = max(size, parts.get(part, 0))
    return (own + sum(parts.values())) * 1024


def _mappings(process: int) -> list[tuple[tuple[str, ...], int, int]]:
    """Each mapping of a process: which part of which file, what of it is in memory, what of that its own; kB."""
    try:
        text = (_PROC / str(process) / "smaps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    starts = list(_MAPPING.finditer(text))
    found = []
    for start, end in zip(starts, [*(each.start() for each in starts[1:]), len(text)], strict=True):
        sizes = {name: int(size) for name, size in _SIZE.findall(text, start.end(), end)}
        found.append((start.groups(), sizes.get("Rss", 0), sizes.get("Anonymous", 0)))
    return found
