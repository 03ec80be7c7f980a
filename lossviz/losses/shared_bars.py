"""Bars that the losses of three classes share."""

from __future__ import annotations

from lossviz.losses.entry import BarGroup
from lossviz.losses.shared_knobs import CLASSES, LOGIT_KEYS


def gradient_bars(probe: str, most: float) -> BarGroup:
    """The gradient of each raw score.

    Args:
        probe: The key of the probe that says it.
        most: The largest gradient that the picture shows, up and down.
    """
    columns = tuple(f"{probe}_{c}" for c in range(len(CLASSES)))
    return BarGroup("∂loss/∂z", columns, CLASSES, (-most, most), "gradient")


def raw_bars(title: str) -> BarGroup:
    """The raw scores themselves, under a title such as ``"score z"``."""
    return BarGroup(title, LOGIT_KEYS, CLASSES, (-6, 6), "ink")
