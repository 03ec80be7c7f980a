"""Numbers by class as bars: logits, probabilities and gradients, groups of them side by side.

The first row of groups is the view ``"bars"``; those that are looked at later are the view ``"more_bars"``.

Every group has a scale of its own, which a pale track shows, and every bar says its number. The classes that the
target names are marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.knob_params import index, signal, slice_key
from lossviz.charts.stage import (
    LABEL_SIZE,
    LATTICE,
    answer_columns,
    exactly,
    here,
    letters,
    looked_up,
    not_dragged,
    tall,
)
from lossviz.charts.words import reading_above
from lossviz.losses import script
from lossviz.losses.entry import BarGroup, Chosen, LossEntry

_TITLE, _LABEL, _NUMBER = 30, 20, 17
"""The heights, in pixels, of a group's title, of the labels under it and of a bar's number."""

_ONE_SIDED, _TWO_SIDED = 72, 96
"""The heights of the bars themselves, in a row without and with bars on both sides of zero."""

_HALF = 0.4
"""Half the width of a bar, as a share of the distance between two."""


def alt_text(entry: LossEntry) -> str:
    """What the bars show."""
    return "Bars by class: " + ", ".join(group.title for group in entry.bars[0]) + "."


drags = not_dragged


def datasets(
    entry: LossEntry,
    chosen: Chosen,
    overlays: tuple[str, ...],  # noqa: ARG001 - every view takes it
) -> dict[str, pd.DataFrame]:
    """One row a bar, for each row of groups."""
    return {_name(place): _frame(entry, row, chosen) for place, row in enumerate(entry.bars)}


def draw(entry: LossEntry, sliders: Sequence[alt.Parameter]) -> list[alt.LayerChart]:
    """The first row of groups."""
    if not sliders:
        return [drawn_row(entry, 0)]
    return [drawn_row(entry, 0, reading_above(entry, here(entry))).add_params(*sliders)]


def _name(place: int) -> str:
    return f"bars_{place}"


def _height(row: tuple[BarGroup, ...]) -> int:
    """The height of a row: its bars, and the room for words above and below them."""
    up, down = any(g.domain[1] > 0 for g in row), any(g.domain[0] < 0 for g in row)
    two_sided = any(g.domain[0] < 0 < g.domain[1] for g in row)
    return _TITLE + _LABEL + _NUMBER * (up + down) + (_TWO_SIDED if two_sided else _ONE_SIDED)


def _true_classes(entry: LossEntry, chosen: Chosen) -> tuple[int, set[int]]:
    """How many classes a learned row has, and which of them a target of class indices names.

    A list of indices ends at its first negative one, as torch reads it.
    """
    settings = entry.defaults | dict(chosen)
    classes = max((len(script.keys(entry, a)) for a in entry.arguments if a.learned), default=0)
    named: set[int] = set()
    for argument in entry.arguments:
        if argument.dtype != "int64":
            continue
        for number in script.values(entry, argument, settings):
            if number < 0:
                break
            named.add(int(number))
    return classes, named


def _frame(entry: LossEntry, row: tuple[BarGroup, ...], chosen: Chosen) -> pd.DataFrame:
    """The bars of a row. ``place`` counts them, with a gap between two groups; heights are in pixels."""
    height, classes_and_true = _height(row), _true_classes(entry, chosen)
    given = entry.numbers(entry.defaults | dict(chosen))
    bars, place = [], 0
    for group in row:
        low, high = group.domain
        bottom = _LABEL + _NUMBER * (low < 0)
        unit = (height - _TITLE - _NUMBER * (high > 0) - bottom) / (high - low)
        middle = place + (len(group.columns) - 1) / 2
        classes, true = classes_and_true if len(group.columns) == classes_and_true[0] else (0, set[int]())
        for position, (column, label) in enumerate(zip(group.columns, group.labels, strict=True)):
            marked = position < classes and position in true
            bars.append(
                {
                    "column": column,
                    "label": f"✓ {label}" if marked else label,
                    "label_role": roles.TARGET if marked else roles.INK,
                    "place": place,
                    "title": "" if position else group.title,
                    "middle": middle,
                    "low": float(low),
                    "high": float(high),
                    "floor": float(bottom),
                    "ceiling": bottom + (high - low) * unit,
                    "zero": bottom + (min(max(0.0, low), high) - low) * unit,
                    "unit": unit,
                    # The numbers of an option are no columns of the lattice.
                    "given": float(given.get(column, 0.0)),
                    "bar_role": roles.overlay_role(entry, group.laid_over[column])
                    if column in group.laid_over
                    else group.role,
                }
            )
            place += 1
        place += 1
    return pd.DataFrame(bars)


def _number_size(count: int) -> alt.ExprRef:
    """The size of the numbers over so many bars: smaller where the picture is too narrow for them."""
    return alt.ExprRef(f"clamp(width / {count} / 3, {letters(8)}, {letters(LABEL_SIZE - 2)})")


def _value(entry: LossEntry, row: tuple[BarGroup, ...]) -> str:
    """The expression for the number of a bar: a knob's, an option's, or torch's from the lattice."""
    value = "datum[datum.column]"
    columns = {column for group in row for column in group.columns}
    answers, knobs = set(answer_columns(entry)), {knob.key: knob for knob in entry.knobs}
    for column in sorted(columns - answers):
        here = signal(knobs[column]) if column in knobs else "datum.given"
        value = f"datum.column == '{column}' ? {here} : {value}"
    return value


_WRITTEN = (
    "!isNumber(datum.value) || isNaN(datum.value) ? 'nan' : datum.value == 0 ? '0' : (datum.value < 0 ? '-' : '') + "
    "(!isFinite(datum.value) ? 'inf' : format(abs(datum.value), abs(datum.value) < 0.0005 ? '.0e' : "
    "abs(datum.value) < 1 ? '.3f' : abs(datum.value) < 10 ? '.2f' : abs(datum.value) < 100 ? '.1f' : "
    "abs(datum.value) < 100000 ? '.0f' : '.1e'))"
)
"""A bar's number with the digits that fit over it on a phone."""


def drawn_row(entry: LossEntry, place: int, *extra: alt.Chart) -> alt.LayerChart:
    """A row of groups, with what else belongs to its plot."""
    row = entry.bars[place]
    height, count = _height(row), sum(len(group.columns) for group in row) + len(row) - 1
    across = alt.Scale(domain=[-0.6, count - 0.4], nice=False, zero=False)
    # One unit is one pixel, counted from below: the frame says where a group's zero and its ends lie.
    upwards = alt.Scale(domain=[0, height], nice=False, zero=True)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", axis=None, scale=across)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", axis=None, scale=upwards)

    key = slice_key(entry.knobs, index(entry.axis))
    rows = looked_up(alt.Chart(alt.NamedData(_name(place))), key, LATTICE, answer_columns(entry))
    rows = (
        exactly(rows, answer_columns(entry))
        .transform_calculate(value=_value(entry, row))
        .transform_calculate(
            number=_WRITTEN,
            drawn="isNaN(datum.value) ? 0 : clamp(datum.value, datum.low, datum.high)",
            beyond="datum.value < datum.low || datum.value > datum.high",
            left=f"datum.place - {_HALF}",
            right=f"datum.place + {_HALF}",
        )
        .transform_calculate(end="datum.zero + datum.drawn * datum.unit")
        # A bar that ends beyond the scale is broken before its end.
        .transform_calculate(
            whole="datum.beyond ? datum.zero + 0.8 * (datum.end - datum.zero) : datum.end",
            after="datum.beyond ? datum.zero + 0.87 * (datum.end - datum.zero) : datum.end",
        )
    )
    track = roles.wear(
        rows.mark_rect(opacity=0.07).encode(x("left"), alt.X2("right"), y("floor"), alt.Y2("ceiling")),
        roles.INK,
    )
    bars = [
        rows.mark_rect(clip=True).encode(
            x("left"), alt.X2("right"), y(a), alt.Y2(b), roles.colour("bar_role")
        )
        for a, b in (("zero", "whole"), ("after", "end"))
    ]
    zero = roles.wear(
        rows.mark_rule(opacity=0.7).encode(x("left"), alt.X2("right"), y("zero")),
        roles.INK,
    )
    # A number stands beyond the end of its bar; that of a 0 where the bar would grow.
    below = "datum.drawn < 0 || datum.high <= 0"
    above = f"!({below})"
    numbers = [
        roles.wear(
            rows.transform_filter(side)
            .mark_text(
                dy=dy, baseline="bottom" if dy < 0 else "top", fontSize=_number_size(count), fontWeight="bold"
            )
            .encode(x("place"), y("end"), text="number:N"),
            roles.INK,
        )
        for side, dy in ((above, -3), (below, 4))
    ]
    labels = rows.mark_text(baseline="bottom", fontSize=LABEL_SIZE - 1).encode(
        x("place"), y=alt.value(tall(height)), text="label:N", color=roles.colour("label_role")
    )
    titles = roles.wear(
        rows.transform_filter("datum.title != ''")
        .mark_text(baseline="top", fontSize=LABEL_SIZE)
        .encode(x("middle"), y=alt.value(tall(9)), text="title:N"),
        roles.INK,
    )
    # altair types a layer as if it could be a facet; that takes a row or column in it.
    plot = cast("alt.LayerChart", alt.layer(track, *bars, zero, *numbers, labels, titles, *extra))
    return plot.properties(height=tall(height))
