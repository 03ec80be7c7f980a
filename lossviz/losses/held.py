"""A loss with a knob that stands still: the same torch call and pictures, over fewer knobs."""

from __future__ import annotations

from dataclasses import replace

from lossviz.losses.entry import LossEntry
from lossviz.losses.knob import compact
from lossviz.losses.option import Option


def held(entry: LossEntry, key: str) -> LossEntry:
    """The loss with one knob held at its default; nothing is laid over its curve.

    Args:
        entry: The loss.
        key: The knob; not the axis, along which the curve is drawn.

    Raises:
        KeyError: If the loss has no such knob.
        ValueError: If it is the axis.
    """
    knob = entry.knob(key)
    if knob == entry.axis:
        raise ValueError(f"{entry.name}: {key} is the axis of the curve")
    label = compact(knob.default)
    still = Option(key, knob.symbol, {label: knob.default}, label, knob.help)
    others = tuple(other for other in entry.knobs if other is not knob)
    return replace(entry, knobs=others, options=(*entry.options, still), overlays={}, presets=())
