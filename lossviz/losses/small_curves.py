"""The small curves of the home page: what torch says along the axis of every loss, kept in a file.

The home page is painted before torch is loaded, so its curves are measured beforehand:
``python -m lossviz.losses.small_curves`` writes them anew, and a test holds the file against torch.
"""

from __future__ import annotations

import functools
import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry

FILE = Path(__file__).with_name("small_curves.json")
DIGITS = 4
"""Significant digits that are kept; a curve of 48 pixels shows two."""


@dataclass(frozen=True)
class SmallCurve:
    """A loss along its axis, everything else at its default.

    Attributes:
        losses: The loss at every step of the axis, evenly spaced; None where it is not finite.
        low: The smallest loss that the picture shows.
        high: The largest one.
    """

    losses: tuple[float | None, ...]
    low: float
    high: float


@functools.cache
def small_curves() -> Mapping[str, SmallCurve]:
    """The curves in the file by the loss's name; a loss that came after the file has none."""
    if not FILE.is_file():
        return MappingProxyType({})
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            name: SmallCurve(tuple(curve["losses"]), curve["low"], curve["high"])
            for name, curve in found.items()
        }
    )


def measure(entry: LossEntry) -> SmallCurve:
    """The curve of a loss, from torch.

    Args:
        entry: The loss.

    Returns:
        Its curve at the default of every other knob and option, within the window of the panel's picture; where
        the curve leaves little of that window used, within its own range.
    """
    from lossviz.losses.lattice import lattice, strides

    stride = strides(entry.knobs)
    start = sum(stride[knob.key] * knob.index(knob.default) for knob in entry.knobs[1:])
    column = lattice(entry)["loss"].iloc[start : start + entry.axis.count]
    losses = tuple(_kept(float(loss)) for loss in column)
    low, high = _window(entry, losses)
    return SmallCurve(losses, low, high)


def _kept(loss: float) -> float | None:
    return float(f"{loss:.{DIGITS}g}") if math.isfinite(loss) else None


def _window(entry: LossEntry, losses: tuple[float | None, ...]) -> tuple[float, float]:
    """The losses from the bottom to the top of the small picture."""
    low, high = entry.loss_window
    inside = [loss for loss in losses if loss is not None and low <= loss <= high]
    if not inside:
        return low, high
    # Zero stays in the picture: how far a loss is from it is half of what its curve says.
    bottom, top = min(0.0, *inside), max(0.0, *inside)
    return (bottom, top) if top > bottom else (low, high)


def main() -> None:
    """Write the file."""
    from lossviz.losses.call import available

    curves = {
        entry.name: {"losses": curve.losses, "low": curve.low, "high": curve.high}
        for entry in catalogue().values()
        if available(entry)
        for curve in (measure(entry),)
    }
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(curve)}" for name, curve in curves.items())
    FILE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    sys.stdout.write(f"{len(curves)} curves, {FILE.stat().st_size} bytes: {FILE}\n")


if __name__ == "__main__":
    main()
