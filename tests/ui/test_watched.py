"""A part that is run by itself goes by another name while it is timed: a late tick of the clock finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st

from lossviz.ui.training.watched import watched


def test_a_late_tick_does_not_find_the_part(monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[tuple[str, str, float | None]] = []
    drawn: list[int] = []

    def fragment(part: Callable[..., Any], run_every: float | None = None) -> Callable[..., Any]:
        named.append((part.__module__, part.__qualname__, run_every))
        return part

    monkeypatch.setattr(st, "fragment", fragment)
    for seconds in (0.5, None):
        watched(drawn.append, seconds)(1)
        watched(_part, seconds)(drawn, place=2)
    assert drawn == [1, 2, 1, 2]
    assert [every for *_, every in named] == [0.5, 0.5, None, None]
    assert len({name for _, name, _ in named}) == 4


def _part(drawn: list[int], *, place: int) -> None:
    drawn.append(place)
