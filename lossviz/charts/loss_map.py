"""A loss over two knobs at once: a heat map of torch's lattice, with the current point to drag.

The second knob is the one that a second output of the network fills, such as the variance beside the mean.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.knob_params import HANDLE, dragged, grip, index, signal
from lossviz.charts.not_finite import finite
from lossviz.charts.stage import LABEL_SIZE, LATTICE, ONE, Plot, here, looked_up, tall
from lossviz.charts.words import haloed, reading_above
from lossviz.losses.entry import Chosen, LossEntry
from lossviz.losses.knob import Knob, spoken
from lossviz.losses.lattice import strides
from lossviz.losses.plain_symbol import named

_CELLS, _GRIP = "cells", "map_grip"
_HEIGHT = 150
_ONE_LINE = 330
"""How many pixels wide the map must be for its words to stand in one line."""

_BANDS = 16
"""Into how many bands the picture's range of losses is cut: their edges are its level lines."""
_STRONGEST = 0.85

_EVERY = 5
"""A column of cells for so many steps of the first knob: 3,600 cells took 0.13 s to colour anew, these take a
display frame or two."""


def knobs(entry: LossEntry) -> tuple[Knob, Knob]:
    """The knobs of the two axes: the entry's first, and the first other one that fills a learned argument.

    Raises:
        ValueError: If no other knob does.
    """
    learned = {element for argument in entry.arguments if argument.learned for element in argument.elements}
    for knob in entry.knobs[1:]:
        if knob.key in learned:
            return entry.axis, knob
    raise ValueError(f"{entry.name}: a map needs a second learned knob")


def alt_text(entry: LossEntry) -> str:
    """What the map shows, in words that hold whatever the knobs say."""
    across, up = (spoken(knob.key) for knob in knobs(entry))
    return (
        f"A map of {entry.title}, {across} from left to right and {up} from bottom to top: the more colour, the "
        f"higher the loss. A point at the current {across} and {up}, and a dashed line through the {up} with the "
        f"smallest loss for each {across}."
    )


def drags(entry: LossEntry) -> Mapping[str, str]:
    """Both knobs, moved by one drag."""
    return {knob.key: dragged(_GRIP) for knob in knobs(entry)}


def datasets(
    entry: LossEntry,
    chosen: Chosen,  # noqa: ARG001 - every view takes it
    overlays: tuple[str, ...],  # noqa: ARG001 - as above
) -> dict[str, pd.DataFrame]:
    """One row a cell of the map: the values and the lattice indices of its two knobs, and its edges."""
    return {_CELLS: _cells(*knobs(entry))}


def draw(entry: LossEntry, sliders: Sequence[alt.Parameter]) -> list[Plot]:
    """The map, which carries the sliders if there are any."""
    heat = _heat(entry)
    if sliders:
        heat = heat.add_params(*sliders)
    layers = [heat, *_target(entry), *_best(entry), *_point(entry)]
    if sliders:
        layers.append(reading_above(entry, here(entry)))
    return [alt.layer(*layers).properties(height=tall(_HEIGHT))]


@functools.cache
def _cells(across: Knob, up: Knob) -> pd.DataFrame:
    columns, rows = np.meshgrid(
        np.arange(0, across.count, _EVERY, dtype=np.int32), np.arange(up.count, dtype=np.int32), indexing="ij"
    )
    x, y = np.array(across.values)[columns.ravel()], np.array(up.values)[rows.ravel()]
    return pd.DataFrame(
        {
            "column": columns.ravel(),
            "row": rows.ravel(),
            across.key: x,
            up.key: y,
            "left": x - across.step * _EVERY / 2,
            "right": x + across.step * _EVERY / 2,
            "bottom": y - up.step / 2,
            "top": y + up.step / 2,
        }
    )


def _answers(entry: LossEntry) -> alt.Chart:
    """The cells with torch's losses, at the current value of every knob that is on no axis."""
    across, up = knobs(entry)
    stride = strides(entry.knobs)
    places = {across.key: "datum.column", up.key: "datum.row"}
    key = " + ".join(f"{stride[knob.key]} * {places.get(knob.key) or index(knob)}" for knob in entry.knobs)
    return looked_up(alt.Chart(alt.NamedData(_CELLS)), key, LATTICE, ("loss",))


def _x(entry: LossEntry, field: str) -> alt.X:
    knob, _ = knobs(entry)
    scale = alt.Scale(domain=[knob.low, knob.high], nice=False)
    # The curve below has the same axis, and numbers and names it.
    look = alt.Axis(labels=False, title="") if len(entry.views) > 1 else alt.Undefined
    return alt.X(f"{field}:Q", title=named(knob), axis=look, scale=scale)


def _y(entry: LossEntry, field: str) -> alt.Y:
    _, knob = knobs(entry)
    scale = alt.Scale(domain=[knob.low, knob.high], nice=False, zero=False)
    return alt.Y(f"{field}:Q", title=named(knob), scale=scale)


def _heat(entry: LossEntry) -> alt.Chart:
    low, high = entry.loss_window
    shades = [round(_STRONGEST * band / (_BANDS - 1), 4) for band in range(_BANDS)]
    opacity = alt.Opacity(
        "drawn:Q", legend=None, scale=alt.Scale(type="quantize", domain=[low, high], range=shades)
    )
    # A loss that is not finite gets the strongest shade: it is beyond every band.
    cells = _answers(entry).transform_calculate(
        drawn=f"isFinite(datum.loss) ? clamp(datum.loss, {low}, {high}) : {high}"
    )
    heat = cells.mark_rect(clip=True, cursor="move", strokeWidth=0, aria=False).encode(
        _x(entry, "left"), _y(entry, "bottom"), alt.X2("right"), alt.Y2("top"), opacity
    )
    return grip(_GRIP, roles.wear(heat, roles.LOSS))


def _target(entry: LossEntry) -> list[alt.Chart]:
    target = next((knob for knob in entry.knobs if knob.key == entry.target_line), None)
    if target is None:
        return []
    rule = (
        alt.Chart(alt.NamedData(ONE))
        .transform_calculate(position=signal(target))
        .mark_rule(strokeDash=[2, 4], strokeWidth=2)
    )
    return [roles.wear(rule.encode(_x(entry, "position")), roles.TARGET)]


def _best(entry: LossEntry) -> list[alt.Chart]:
    """A line through the lowest of the cells with the smallest loss of each column, up to the edges of the map.

    Where one cell at an edge is the best of its column, and the same cell is in the columns beside it, the best value
    lies beyond the edge, and there is no line.
    """
    across, up = knobs(entry)
    in_order: list[alt.SortField | dict[str, str]] = [alt.SortField("column")]
    best = (
        _answers(entry)
        .transform_filter(finite("loss"))
        .transform_joinaggregate(least="min(loss)", groupby=["column"])
        .transform_filter("datum.loss == datum.least")
        .transform_joinaggregate(lowest="min(row)", cells="count()", groupby=["column"])
        .transform_filter("datum.row == datum.lowest")
        .transform_window(before="lag(row)", after="lead(row)", sort=in_order)
        .transform_calculate(
            beyond=f"(datum.row == 0 || datum.row == {up.count - 1}) && datum.cells == 1"
            " && (datum.before == null || datum.before == datum.row)"
            " && (datum.after == null || datum.after == datum.row)"
        )
        .transform_calculate(best=f"datum.beyond ? null : datum.{up.key}")
    )
    line = best.mark_line(
        clip=True, strokeDash=[6, 3], strokeWidth=2, invalid="break-paths-show-domains"
    ).encode(_x(entry, across.key), _y(entry, "best"), alt.Order("column:Q"))
    words = "'more colour: higher loss'", f"'dashed: best {spoken(up.key)}'"
    wide, narrow = " + ' · ' + ".join(words), f"[{', '.join(words)}]"
    label = (
        alt.Chart(alt.NamedData(ONE))
        .mark_text(align="left", baseline="top", dx=6, dy=6, fontSize=LABEL_SIZE)
        .encode(
            x=alt.value(0),
            y=alt.value(0),
            text=alt.value(alt.ExprRef(f"width < {_ONE_LINE} ? {narrow} : {wide}")),
        )
    )
    return [roles.wear(line, roles.INK), *haloed(roles.wear(label, roles.INK))]


def _point(entry: LossEntry) -> list[alt.Chart]:
    across, up = knobs(entry)
    here = alt.Chart(alt.NamedData(ONE)).transform_calculate(
        **{across.key: signal(across), up.key: signal(up)}
    )
    rules = [
        here.mark_rule(opacity=0.5).encode(_x(entry, across.key)),
        here.mark_rule(opacity=0.5).encode(_y(entry, up.key)),
    ]
    point = here.mark_point(filled=True, size=220, opacity=1, ariaRoleDescription=HANDLE).encode(
        _x(entry, across.key), _y(entry, up.key)
    )
    return [*(roles.wear(rule, roles.INK) for rule in rules), roles.wear(point, roles.GRADIENT)]
