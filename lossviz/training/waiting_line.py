"""The queue: first come, first served, but the later runs of a race take turns with everybody else's."""

from __future__ import annotations

from collections.abc import Sequence

from lossviz.training.run_record import RunRecord


class WaitingLine:
    """Runs that wait, in the order in which they start.

    A run's turn is the one after that of the run which started last; each further run of the same race has the turn
    after that. So a race of four holds up a newcomer by one or two runs, not by four, and newcomers cannot hold up a
    race for ever.
    """

    def __init__(self) -> None:
        self._runs: list[RunRecord] = []
        self._turn = -1

    def __len__(self) -> int:
        return len(self._runs)

    def __contains__(self, run: RunRecord) -> bool:
        return any(each is run for each in self._runs)

    def add(self, runs: Sequence[RunRecord]) -> None:
        """Let the runs of one request wait, in their order."""
        for later, run in enumerate(runs):
            run.turn = self._turn + 1 + later
            self._runs.append(run)
        self._runs.sort(key=lambda run: run.turn)  # stable: first come, first served within a turn

    def take(self) -> RunRecord:
        """The next run; it leaves the line."""
        run = self._runs.pop(0)
        self._turn = run.turn
        return run

    def remove(self, run: RunRecord) -> None:
        """A run leaves before it is its turn."""
        self._runs = [each for each in self._runs if each is not run]

    def ahead_of(self, run: RunRecord) -> list[RunRecord]:
        """The runs before one that waits, next one first."""
        place = next(place for place, each in enumerate(self._runs) if each is run)
        return self._runs[:place]

    def clear(self) -> None:
        """Nobody waits any more."""
        self._runs.clear()
