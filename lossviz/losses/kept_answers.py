"""What torch says of a setting and the formula with its numbers, computed once for all who ask.

A class presses the same presets, and each press would run torch and write the formula again. A call gives the same
answer each time, so what one student was told serves the next.
"""

from __future__ import annotations

from typing import TypeAlias

from lossviz.losses import call, equations, worked
from lossviz.losses.computed_once import computed_once
from lossviz.losses.entry import LossEntry, Settings

MOST_SETTINGS = 512
"""The answers to so many settings are kept, a few kilobytes each."""

_Chosen: TypeAlias = tuple[tuple[str, float | str], ...]


def exact(entry: LossEntry, settings: Settings) -> call.Exact:
    """As :func:`lossviz.losses.call.exact`; treat it as read-only."""
    return _exact(entry, _chosen(settings))


def at_work(entry: LossEntry, settings: Settings) -> equations.Worked:
    """As :func:`lossviz.losses.equations.at_work`, of what torch says."""
    return _at_work(entry, _chosen(settings))


def worked_definitions(
    entry: LossEntry, settings: Settings, digits: int
) -> tuple[worked.WorkedDefinition, ...]:
    """As :func:`lossviz.losses.worked.worked_definitions`."""
    return _worked_definitions(entry, _chosen(settings), digits)


def _chosen(settings: Settings) -> _Chosen:
    return tuple(sorted(settings.items()))


@computed_once(maxsize=MOST_SETTINGS)
def _exact(entry: LossEntry, chosen: _Chosen) -> call.Exact:
    return call.exact(entry, dict(chosen))


@computed_once(maxsize=MOST_SETTINGS)
def _at_work(entry: LossEntry, chosen: _Chosen) -> equations.Worked:
    return equations.at_work(entry, dict(chosen), _exact(entry, chosen))


@computed_once(maxsize=MOST_SETTINGS)
def _worked_definitions(
    entry: LossEntry, chosen: _Chosen, digits: int
) -> tuple[worked.WorkedDefinition, ...]:
    return worked.worked_definitions(entry, dict(chosen), digits)
