"""How many processors this process may use. Knows no torch: the server asks."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def cores() -> int:
    """The processors this process is bound to, or a container's share of them where that is less; at least 1."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = _QUOTA.read_text(encoding="ascii").split()
        return max(1, min(bound, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):  # no control groups here, or "max": no limit
        return bound


def shared_out(
    workers: int, environ: Mapping[str, str] = os.environ, there: int | None = None
) -> dict[str, str]:
    """Environment variables that keep several workers from taking each other's processors.

    A worker leaves one of the processors it sees to the page (`lossviz.training.devices.threads`), so each is
    shown its share of the others and one more.

    Args:
        workers: How many train at the same time.
        environ: Our environment variables: `OMP_NUM_THREADS` there may say less.
        there: How many processors there are; None to look.

    Returns:
        What to set for each worker; nothing for a single one.

    >>> shared_out(1, {}, 8), shared_out(2, {}, 8), shared_out(2, {}, 2), shared_out(2, {"OMP_NUM_THREADS": "1"}, 8)
    ({}, {'OMP_NUM_THREADS': '4'}, {'OMP_NUM_THREADS': '2'}, {'OMP_NUM_THREADS': '1'})
    """
    if workers == 1:
        return {}
    share = max(1, ((there or cores()) - 1) // workers) + 1
    wanted = environ.get("OMP_NUM_THREADS", "")
    return {"OMP_NUM_THREADS": str(min(share, int(wanted)) if wanted.isdecimal() and int(wanted) else share)}
