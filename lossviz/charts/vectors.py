"""Two vectors on the plane and the angle between them, for a loss that knows only the angle.

The second vector stands still; the first has the loss's first knob as its angle and a knob ``length``. The entry's
first probe is the gradient of the loss by the first vector.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.knob_params import HANDLE, dragged, grip, signal, slice_key
from lossviz.charts.stage import LABEL_SIZE, LATTICE, ONE, Plot, answer_columns, here, looked_up, tall
from lossviz.charts.words import haloed, reading_above
from lossviz.losses.entry import Chosen, LossEntry
from lossviz.losses.knob import Knob

_HEIGHT = 165
_CELL = 0.2
"""Streamlit draws a picture of more than 2,000 marks on a canvas, where no words can be found."""
_BELOW, _ABOVE, _SIDE = 0.55, 3.55, 3.75
"""How far the picture reaches at least, in lengths of the second vector."""
_ARC, _RIM = 0.55, 3.25
_LENGTH, _GRIP = "length", "vector_grip"

_NARROW = 40
"""Below so many degrees the number of the angle does not fit between the vectors."""


def alt_text(entry: LossEntry) -> str:
    """What the picture shows."""
    return (
        f"Two vectors from one point and the {entry.axis.key} between them; an arrow at the tip of the first one "
        "shows where a step against the gradient takes it. A dotted rim marks the angles at which the loss is 0."
    )


def drags(entry: LossEntry) -> Mapping[str, str]:
    """The tip of the first vector follows the hand."""
    return dict.fromkeys((entry.axis.key, _LENGTH), dragged(_GRIP))


def datasets(
    entry: LossEntry,
    chosen: Chosen,  # noqa: ARG001 - every view takes it
    overlays: tuple[str, ...],  # noqa: ARG001 - as above
) -> dict[str, pd.DataFrame]:
    """The cells that the hand can touch, and the angles of the arc and the rim."""
    return {"vectors_cells": _cells(entry.axis, _length(entry)), "vectors_angles": _angles(entry.axis)}


def draw(entry: LossEntry, sliders: Sequence[alt.Parameter]) -> list[Plot]:
    """One plot."""
    point = _tip(entry)
    layers = [
        _grip(sliders),
        _rim(entry),
        _arc(entry),
        roles.wear(
            _from_origin(alt.Chart(alt.NamedData(ONE)).transform_calculate(x="1", y="0")), roles.TARGET
        ),
        roles.wear(_from_origin(point), roles.LOSS),
        roles.wear(_handle(point), roles.LOSS),
        *_pull(point),
        *_words(entry, point),
        *([reading_above(entry, point)] if sliders else []),
    ]
    return [alt.layer(*layers).properties(height=tall(_HEIGHT))]


def _length(entry: LossEntry) -> Knob:
    return entry.knob(_LENGTH)


@functools.cache
def _cells(angle: Knob, length: Knob) -> pd.DataFrame:
    """Small squares, each with the angle and the length of its middle."""
    across = np.arange(-_SIDE, _SIDE, _CELL) + _CELL / 2
    up = np.arange(-_BELOW, _ABOVE, _CELL) + _CELL / 2
    x, y = (grid.ravel() for grid in np.meshgrid(across, up))
    # Below the line the nearer end of the half circle is meant.
    degrees = np.degrees(np.arctan2(np.maximum(y, 0), x))
    return pd.DataFrame(
        {
            angle.key: [angle.snap(float(value)) for value in degrees],
            length.key: [length.snap(float(value)) for value in np.hypot(x, y)],
            "left": x - _CELL / 2,
            "right": x + _CELL / 2,
            "bottom": y - _CELL / 2,
            "top": y + _CELL / 2,
        }
    )


@functools.cache
def _angles(angle: Knob) -> pd.DataFrame:
    radians = np.radians(angle.values)
    return pd.DataFrame(
        {
            "index": np.arange(angle.count, dtype=np.int32),
            "degrees": angle.values,
            "unit_x": np.cos(radians),
            "unit_y": np.sin(radians),
        }
    )


def _x(field: str = "x") -> alt.X:
    """The plane keeps its proportions: the wider the picture, the more of the plane it shows."""
    unit = f"min(width / {2 * _SIDE}, {tall(_HEIGHT) / (_BELOW + _ABOVE)})"
    half = f"width / 2 / {unit}"
    return alt.X(
        f"{field}:Q",
        axis=None,
        scale=alt.Scale(domain=[alt.ExprRef(f"-{half}"), alt.ExprRef(half)], nice=False, zero=False),
    )


def _y(field: str = "y") -> alt.Y:
    unit = f"min(width / {2 * _SIDE}, {tall(_HEIGHT) / (_BELOW + _ABOVE)})"
    return alt.Y(
        f"{field}:Q",
        axis=None,
        scale=alt.Scale(
            domain=[-_BELOW, alt.ExprRef(f"{tall(_HEIGHT)} / {unit} - {_BELOW}")], nice=False, zero=False
        ),
    )


def _grip(sliders: Sequence[alt.Parameter]) -> alt.Chart:
    """Unseen cells that the hand can drag over, and the sliders of all knobs."""
    cells = (
        alt.Chart(alt.NamedData("vectors_cells"))
        .mark_rect(opacity=0, aria=False, cursor="grab", clip=True)
        .encode(_x("left"), _y("bottom"), alt.X2("right"), alt.Y2("top"))
    )
    held = grip(_GRIP, cells)
    return held.add_params(*sliders) if sliders else held


def _rim(entry: LossEntry) -> alt.Chart:
    """A dot at every angle at which torch's loss is 0."""
    zero = (
        looked_up(
            alt.Chart(alt.NamedData("vectors_angles")),
            slice_key(entry.knobs, "datum.index"),
            LATTICE,
        )
        .transform_filter("datum.loss == 0 && datum.index % 2 == 0")
        .transform_calculate(x=f"{_RIM} * datum.unit_x", y=f"{_RIM} * datum.unit_y")
    )
    return roles.wear(zero.mark_circle(size=14, opacity=0.7).encode(_x(), _y()), roles.LOSS)


def _arc(entry: LossEntry) -> alt.Chart:
    """The angle, as an arc from the second vector to the first."""
    arc = (
        alt.Chart(alt.NamedData("vectors_angles"))
        .transform_filter(f"datum.degrees <= {signal(entry.axis)}")
        .transform_calculate(x=f"{_ARC} * datum.unit_x", y=f"{_ARC} * datum.unit_y")
        .mark_line(strokeWidth=2)
        .encode(_x(), _y(), alt.Order("degrees:Q"))
    )
    return roles.wear(arc, roles.INK)


def _tip(entry: LossEntry) -> alt.Chart:
    """The first vector as one row: its tip, and torch's gradient there."""
    radians = f"{signal(entry.axis)} * PI / 180"
    length = signal(_length(entry))
    across, up = entry.probes[0].columns
    return here(entry, answer_columns(entry)).transform_calculate(
        x=f"{length} * cos({radians})",
        y=f"{length} * sin({radians})",
        pull_x=f"-datum.{across}",
        pull_y=f"-datum.{up}",
    )


def _from_origin(point: alt.Chart) -> alt.Chart:
    chart: alt.Chart = (
        point.transform_calculate(zero="0")
        .mark_rule(strokeWidth=4, strokeCap="round")
        .encode(_x("zero"), _y("zero"), alt.X2("x"), alt.Y2("y"))
    )
    return chart


def _handle(point: alt.Chart) -> alt.Chart:
    """The tip of the vector, for the hand."""
    tip: alt.Chart = point.mark_point(filled=True, size=110, opacity=1, ariaRoleDescription=HANDLE).encode(
        _x(), _y()
    )
    return tip


def _pull(point: alt.Chart) -> list[alt.Chart]:
    """The arrow against the gradient, with its head."""
    moved = (
        point.transform_calculate(reach="sqrt(datum.pull_x * datum.pull_x + datum.pull_y * datum.pull_y)")
        .transform_filter("datum.reach > 0.01")
        .transform_calculate(
            to_x="datum.x + datum.pull_x",
            to_y="datum.y + datum.pull_y",
            turn="atan2(datum.pull_x, datum.pull_y) * 180 / PI",
        )
    )
    shaft = moved.mark_rule(strokeWidth=3).encode(_x(), _y(), alt.X2("to_x"), alt.Y2("to_y"))
    head = moved.mark_point(shape="triangle-up", filled=True, size=120, opacity=1).encode(
        _x("to_x"), _y("to_y"), alt.Angle("turn:Q", scale=None)
    )
    return [roles.wear(shaft, roles.GRADIENT), roles.wear(head, roles.GRADIENT)]


def _words(entry: LossEntry, point: alt.Chart) -> list[alt.Chart]:
    half, narrow = f"{signal(entry.axis)} * PI / 360", f"{signal(entry.axis)} < {_NARROW}"
    measure = (
        alt.Chart(alt.NamedData(ONE))
        .transform_calculate(
            # Between two vectors that are close there is no room: on the other side of their origin there always is.
            x=f"{narrow} ? -0.4 : {_ARC + 0.28} * cos({half})",
            y=f"{narrow} ? 0.17 : {_ARC + 0.28} * sin({half})",
            text=f"format({signal(entry.axis)}, 'd') + '°'",
        )
        .mark_text(fontSize=LABEL_SIZE, fontWeight="bold")
        .encode(_x(), _y(), alt.Text("text:N"))
    )
    second = (
        alt.Chart(alt.NamedData(ONE))
        .transform_calculate(x="1", y="0")
        .mark_text(text="input2", dy=14, fontSize=LABEL_SIZE)
        .encode(_x(), _y())
    )
    radians = f"{signal(entry.axis)} * PI / 180"
    first = (
        point.transform_calculate(
            beside_x=f"0.6 * datum.x - 0.8 * sin({radians})",
            beside_y=f"0.6 * datum.y + 0.35 * cos({radians})",
        )
        .mark_text(text="input1", fontSize=LABEL_SIZE)
        .encode(_x("beside_x"), _y("beside_y"))
    )
    key = (
        alt.Chart(alt.NamedData(ONE))
        .mark_text(
            text=["arrow: where a step takes input1", "dotted rim: loss 0"],
            align="left",
            baseline="top",
            fontSize=13,
        )
        .encode(x=alt.value(0), y=alt.value(2))
    )
    worn = (
        roles.wear(measure, roles.INK),
        roles.wear(key, roles.INK),
        roles.wear(second, roles.TARGET),
        roles.wear(first, roles.LOSS),
    )
    return [part for words in worn for part in haloed(words)]
