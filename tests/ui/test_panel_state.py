"""The keys of a panel's widgets: another whenever the server sets them, and only so many in all."""

from __future__ import annotations

from itertools import pairwise

from lossviz.losses.catalogue import catalogue
from lossviz.ui.batch_panel import _frame, _Kept
from lossviz.ui.page_link import FURTHEST_BEHIND
from lossviz.ui.panel_state import Panel

L1 = catalogue()["L1Loss"]


def test_a_panel_that_is_set_again_and_again_needs_no_new_keys() -> None:
    panel, seen = Panel("regression", L1, {}, ()), []
    for _ in range(3 * FURTHEST_BEHIND):
        panel.reset()
        seen.append(panel.generation)
    assert all(before != after for before, after in pairwise(seen))
    assert len(set(seen)) == len(set(seen[:FURTHEST_BEHIND])) == FURTHEST_BEHIND


def test_a_batch_that_is_opened_again_and_again_needs_no_new_keys() -> None:
    kept, seen = _Kept(_frame(L1), _frame(L1)), []
    for _ in range(3 * FURTHEST_BEHIND):
        kept.mount(kept.latest)
        seen.append(kept.mounted)
    assert all(before != after for before, after in pairwise(seen))
    assert len(set(seen)) == len(set(seen[:FURTHEST_BEHIND])) == FURTHEST_BEHIND
