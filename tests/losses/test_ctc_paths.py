"""CTC's paths in plain Python."""

from __future__ import annotations

import itertools
import math

import pytest

from lossviz.losses import ctc_paths

TARGETS = [(1,), (1, 1), (1, 2), (1, 2, 1), (1, 1, 1)]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("frames", range(1, 7))
def test_there_are_as_many_paths_as_combinatorics_says(target: tuple[int, ...], frames: int) -> None:
    repeats = ctc_paths.needed(target) - len(target)
    choices = (
        math.comb(frames + len(target) - repeats, frames - len(target) - repeats)
        if (frames >= ctc_paths.needed(target))
        else 0
    )
    assert len(ctc_paths.paths(target, frames)) == choices


def test_every_path_spells_one_target() -> None:
    every = itertools.product(range(3), repeat=4)
    spelled = [ctc_paths.spelled(path) for path in every]
    assert len(spelled) == 81
    assert all(0 not in target for target in spelled)
    assert sum(len(ctc_paths.paths(target, 4)) for target in set(spelled)) == 81
