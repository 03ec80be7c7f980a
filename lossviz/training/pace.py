"""How long a run is going to take, and so how long those behind it wait: from the pace of those before."""

from __future__ import annotations

import heapq
import statistics
from collections import deque
from collections.abc import Iterable, Sequence

from lossviz.training.run_record import RunRecord
from lossviz.training.settings import Settings

_REMEMBERED = 8


class Pace:
    """Seconds an image and epoch took, measuring and starting included, by network."""

    def __init__(self) -> None:
        self._measured: dict[str, deque[float]] = {}

    def measured(self, settings: Settings, seconds: float, images: float) -> None:
        """A run has trained on so many images in so many seconds."""
        if images > 0 and seconds > 0:
            self._measured.setdefault(settings.model, deque(maxlen=_REMEMBERED)).append(seconds / images)

    def expected(self, settings: Settings) -> float | None:
        """Estimate of the seconds a run takes; None while no run has been measured.

        Args:
            settings: What it is asked to do. Where its network has not been measured, others stand in.
        """
        known = self._measured.get(settings.model) or [
            pace for paces in self._measured.values() for pace in paces
        ]
        return statistics.median(known) * settings.images_total if known else None

    def with_going(self, active: Iterable[RunRecord]) -> Pace:
        """This pace and that of runs which are still going, so far as they know their end."""
        both = Pace()
        both._measured = {model: deque(paces, maxlen=_REMEMBERED) for model, paces in self._measured.items()}
        for run in active:
            left = run.seconds_left
            if left is not None:
                both.measured(run.settings, run.elapsed + left, run.settings.images_total)
        return both


def expected_wait(
    pace: Pace, active: Sequence[RunRecord], ahead: Sequence[RunRecord], places: int
) -> float | None:
    """Estimate of the seconds until a queued run starts.

    Args:
        pace: What has been measured.
        active: The runs that have left the queue and not ended.
        ahead: The queued runs before it, next one first.
        places: How many runs train at the same time.

    Returns:
        Seconds, or None where one of the runs before it cannot be estimated.
    """
    free: list[float] = []
    pace = pace.with_going(active)
    for run in active:
        left = run.seconds_left
        if left is None:
            whole = pace.expected(run.settings)
            if whole is None:
                return None
            left = max(0.0, whole - run.elapsed)
        free.append(left)
    free += [0.0] * (places - len(free))
    heapq.heapify(free)
    for run in ahead:
        lasts = pace.expected(run.settings)
        if lasts is None:
            return None
        heapq.heappush(free, heapq.heappop(free) + lasts)
    return free[0]
