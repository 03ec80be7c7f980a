"""The moments of a run that can be looked at again: what was kept after each epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from lossviz.training.jobs import RunSnapshot
from lossviz.training.tasks.looks import Pictures, Plane


def last_metrics(snapshot: RunSnapshot) -> Mapping[str, float]:
    """What was measured last beside loss and accuracy, by name."""
    if snapshot.result is not None and snapshot.result.metrics:
        return snapshot.result.metrics
    return snapshot.epochs[-1].metrics if snapshot.epochs else {}


def looks_by_epoch(snapshot: RunSnapshot, name: Literal["pictures", "plane"]) -> dict[int, Pictures | Plane]:
    """What the run looked like after each epoch; 0 is before the first step."""
    points = [(epoch.epoch, getattr(epoch, name)) for epoch in snapshot.epochs]
    if snapshot.initial is not None:
        points.insert(0, (0, getattr(snapshot.initial, name)))
    return {epoch: look for epoch, look in points if look is not None}


def chosen_epoch(snapshot: RunSnapshot, looks: Mapping[int, Pictures | Plane]) -> int:
    """The epoch that is looked at: the last, unless another is chosen."""
    if len(looks) < 2:
        return max(looks, default=0)
    key = f"training/look/epoch/{snapshot.run_id}"
    return st.select_slider(
        "After epoch (0: before the first step)", sorted(looks), value=max(looks), key=key, width=420
    )
