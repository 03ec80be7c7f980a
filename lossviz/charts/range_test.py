"""A range test of learning rates: the loss over the rate, which rises from step to step."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.kept_specs import Picture, kept

ALT: Final = (
    "Range test: the learning rate along the bottom, on a logarithmic axis, the loss up the side. A thin line is the "
    "loss of each step, a bold line its running mean. Upright lines mark the suggested rate, where the running mean "
    "falls most steeply, the rate at which it is lowest, and the rate at which it diverges. The rates stand in the "
    "text beside the picture."
)
_HEIGHT: Final = 320
_SIZE: Final = 13
_ROOM: Final = 1.4
"""How far above the loss at the start the axis reaches: what diverges leaves it."""
_SETTLED: Final = 10
_MARK: Final = ("rate", "role", "text", "share", "after", "place")
_WORDS: Final = 125
"""Pixels that the words of a mark need."""

_AFTER: Final = f"(datum.after ? datum.share * width + {_WORDS} < width : datum.share * width < {_WORDS})"
"""Whether the words stand to the right of their line."""


def datasets(
    table: pd.DataFrame,
    title: str,
    *,
    suggestion: float | None = None,
    lowest: float | None = None,
    diverges: float | None = None,
) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from, by the names that its spec uses.

    Args:
        table: A row a step, the rates rising: rate, loss, smoothed.
        title: What stands above the picture: the data's name above all.
        suggestion: The suggested rate.
        lowest: The rate at which the smoothed loss is lowest.
        diverges: The rate at which it diverges.
    """
    rates = table["rate"].to_numpy(dtype=np.float64)
    smoothed = table["smoothed"].to_numpy(dtype=np.float64)
    settled = smoothed[: _SETTLED * 3]
    start = float(np.max(settled[np.isfinite(settled)], initial=-math.inf))
    finite = smoothed[np.isfinite(smoothed)]
    low = min(0.0, float(np.min(finite, initial=0.0)))
    top = start * _ROOM if math.isfinite(start) and start > 0 else low + 1.0
    found = [
        (suggestion, roles.TARGET, "suggestion"),
        (lowest, roles.INK, "lowest"),
        (diverges, roles.GRADIENT, "diverges"),
    ]
    # The words stand outside of what lies between suggestion and divergence, unless the edge is too near.
    marks = [
        (rate, role, f"{word} {rate:.2g}", _share(rate, rates), word == "diverges", place)
        for place, (rate, role, word) in enumerate(found)
        if rate is not None
    ]
    return {
        "steps": _until(table, "loss", top, diverges),
        "mean": _until(table, "smoothed", top, diverges),
        "marks": pd.DataFrame(marks, columns=pd.Index(_MARK)).astype(
            {"rate": float, "role": object, "text": object, "share": float, "after": bool, "place": int}
        ),
        "frame": pd.DataFrame(
            {"rate": [rates[0], rates[-1]] if len(rates) else [1e-6, 10.0], "value": [low, top]}
        ),
        "about": pd.DataFrame({"text": [title]}),
    }


def _share(rate: float, rates: NDArray[np.float64]) -> float:
    """How far along the axis a rate is, 0 to 1."""
    if len(rates) < 2:
        return 0.0
    return math.log(rate / rates[0]) / math.log(rates[-1] / rates[0])


def _until(table: pd.DataFrame, column: str, top: float, diverges: float | None) -> pd.DataFrame:
    """A line up to where it leaves the picture once it diverges, cut off at the upper edge."""
    rates, values = (table[name].to_numpy(dtype=np.float64) for name in ("rate", column))
    above = ~(np.isfinite(values) & (values <= top))
    gone = np.flatnonzero(above & (rates >= diverges)) if diverges is not None else np.flatnonzero([])
    inside = np.flatnonzero(~above)
    end = int(gone[0]) + 1 if len(gone) else int(inside[-1]) + 2 if len(inside) else 0
    shown = np.where(np.isfinite(values), values, np.inf).clip(max=top)[:end]
    return pd.DataFrame({"rate": rates[:end], "value": shown})


@kept
def spec() -> Picture:
    """The Vega-Lite spec; treat it as read-only. Its named datasets are those of `datasets`."""
    x = alt.X(
        "rate:Q",
        title="learning rate",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(format="~g", grid=False, labelOverlap=True),
    )
    y = alt.Y("value:Q", title="loss", scale=alt.Scale(nice=False, zero=True))
    frame = alt.Chart(alt.NamedData("frame")).mark_point(opacity=0, tooltip=None).encode(x, y)
    steps = alt.Chart(alt.NamedData("steps")).mark_line(strokeWidth=1, opacity=0.75).encode(x, y)
    tooltip = [
        alt.Tooltip("rate:Q", format=".3g", title="learning rate"),
        alt.Tooltip("value:Q", format=".4f", title="running mean of the loss"),
    ]
    mean = alt.Chart(alt.NamedData("mean")).mark_line(strokeWidth=3).encode(x, y, tooltip=tooltip)
    colour = roles.colour()
    marks = alt.Chart(alt.NamedData("marks"))
    rules = marks.mark_rule(strokeDash=[5, 3], strokeWidth=2).encode(x, colour)
    # The words stand beside their rule, on the side that has room, each at a height of its own.
    words = marks.mark_text(
        align=alt.expr(f"{_AFTER} ? 'left' : 'right'"),
        dx=alt.expr(f"{_AFTER} ? 6 : -6"),
        dy=alt.expr("datum.place * 20"),
        fontWeight="bold",
        fontSize=_SIZE,
    ).encode(x, colour, y=alt.value(14), text="text:N")
    about = (
        alt.Chart(alt.NamedData("about"))
        .mark_text(align="right", baseline="bottom", dy=-6, fontSize=_SIZE, fontStyle="italic")
        .encode(x=alt.value("width"), y=alt.value(0), text="text:N")
    )
    picture: Picture = (
        alt.layer(
            roles.wear(frame, roles.INK),
            roles.wear(steps, roles.TRAIN_BY_STEP),
            roles.wear(mean, roles.LOSS),
            rules,
            words,
            roles.wear(about, roles.INK),
        )
        .properties(height=_HEIGHT)
        .configure_axis(labelFontSize=_SIZE, titleFontSize=_SIZE + 1)
    )
    return picture
