"""Losses laid over a curve: one line each, all of them from one table, so that the picture stays light."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.knob_params import index
from lossviz.charts.not_finite import finite
from lossviz.charts.number_text import number
from lossviz.charts.stage import looked_up
from lossviz.charts.words import haloed
from lossviz.losses.entry import Chosen, LossEntry
from lossviz.losses.knob import spoken
from lossviz.losses.lattice import overlay_knobs, overlay_lattice, sibling, strides

_ANSWERS, _LINES = "overlay_answers", "overlay_lines"

_NARROW = 420
"""Pixels: in a picture that is less wide there is room for a name only."""

_APART, _TOP = 0.08, 0.93
"""How far apart names stand at least, and how high the highest: shares of the window, a line of text in height."""


def label(entry: LossEntry, name: str) -> str:
    """The name of a loss that is laid over, with what its own knob follows or stays at: ``Huber, delta = beta``."""
    laid, renamed = sibling(entry, name), entry.overlays[name]
    own = [knob for knob in laid.knobs if knob.key not in entry.defaults]
    notes = [f"{spoken(knob.key)} = {spoken(renamed.get(knob.key, f'{knob.default:g}'))}" for knob in own]
    return ", ".join([laid.title, *notes])


def datasets(entry: LossEntry, chosen: Chosen, overlays: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """What torch says of the losses laid over, one table after the other, and the points of their lines.

    Args:
        entry: The loss that they are laid over.
        chosen: The choices of its options.
        overlays: The losses to lay over it. Without any, the tables are empty and draw nothing.

    Returns:
        Nothing for a loss that has no overlays.
    """
    if not entry.overlays:
        return {}
    shown = [name for name in entry.overlays if name in overlays or name == entry.reference]
    if not shown:
        return {_ANSWERS: _no_answers(), _LINES: _no_lines(entry)}
    tables = [overlay_lattice(entry, name, chosen) for name in shown]
    bases = list(itertools.accumulate(map(len, tables[:-1]), initial=0))
    answers = [
        table.assign(key=(table["key"] + base).astype(np.int32))
        for table, base in zip(tables, bases, strict=True)
    ]
    lines = [_line(entry, name).assign(base=np.int32(base)) for name, base in zip(shown, bases, strict=True)]
    return {
        _ANSWERS: pd.concat(answers, ignore_index=True),
        _LINES: pd.concat(lines, ignore_index=True),
    }


def layers(
    entry: LossEntry, x: alt.X, y: alt.Y, quantity: str, window: tuple[str, str]
) -> tuple[list[alt.Chart], list[alt.Chart]]:
    """The lines of the losses laid over and, over the loss, their names, which belong above every line.

    Args:
        entry: The loss that they are laid over.
        x: The axis.
        y: The scale of the quantity.
        quantity: ``"loss"`` or ``"gradient"``.
        window: The expressions for the smallest and the largest value that the picture shows.
    """
    if not entry.overlays:
        return [], []
    others = (f"datum.{_stride(knob.key)} * {index(knob)}" for knob in entry.knobs[1:])
    key = " + ".join(["datum.base", "datum.index", *others])
    every = looked_up(alt.Chart(alt.NamedData(_LINES)), key, _ANSWERS).transform_calculate(
        drawn=f"{finite(quantity)} ? 1 : 0"
    )
    curve = every.transform_filter("datum.drawn == 1")
    names = list(entry.overlays)
    dashes = alt.Scale(domain=names, range=[roles.overlay_dash(entry, name) for name in names])
    colour = roles.colour()
    line = curve.mark_line(clip=True, strokeWidth=2.5).encode(
        x, y, colour, alt.StrokeDash("name:N", scale=dashes, legend=None)
    )
    if quantity == "gradient":
        # One stroke between two kinks: where the gradient jumps, none pretends that it slopes.
        return [line.encode(alt.Detail("segment:N"))], []
    low, high = window
    apart = f"({_APART} * (({high}) - ({low})))"
    top = f"({1 - _TOP} * ({low}) + {_TOP} * ({high}))"
    # Beside its name, each says what it is at the current point.
    read = curve.transform_calculate(
        loss_now=f"datum.index == {index(entry.axis)} ? datum.loss : null",
        slope_now=f"datum.index == {index(entry.axis)} ? datum.gradient : null",
    ).transform_joinaggregate(loss_now="max(loss_now)", slope_now="max(slope_now)", groupby=["name"])
    # The name stands where the curve leaves the picture, each at a height of its own.
    ends = (
        read.transform_filter(f"datum.loss <= {top} - 2 * {apart} * datum.order")
        .transform_joinaggregate(last="max(index)", groupby=["name"])
        .transform_filter("datum.index == datum.last")
    )
    # Names that end at one height are pushed apart: upwards from the lowest, and no further than to the top.
    upwards: list[alt.SortField | dict[str, str]] = [alt.SortField("loss"), alt.SortField("order")]
    placed = (
        ends.transform_window(rank="row_number()", sort=upwards)
        .transform_joinaggregate(names="count()")
        .transform_calculate(free=f"datum.loss - {apart} * datum.rank")
        .transform_window(pushed="max(free)", frame=[None, 0], sort=upwards)
        .transform_calculate(
            height=f"min(datum.pushed + {apart} * datum.rank, {top} - {apart} * (datum.names - datum.rank))",
            said="datum.label + (isValid(datum.loss_now) && isValid(datum.slope_now) ? "
            f"': ' + {number('datum.loss_now')} + ', slope ' + {number('datum.slope_now')} : '')",
        )
    )
    y_of_name = y.copy(deep=True)
    y_of_name.shorthand = "height:Q"
    words = placed.mark_text(
        align="right",
        baseline="bottom",
        dx=-8,
        dy=-3,
        fontWeight="bold",
        text=alt.ExprRef(f"width < {_NARROW} ? datum.label : datum.said"),
    ).encode(x, y_of_name, colour)
    # A loss that torch refuses at a setting, such as Huber at delta = 0, is named too.
    nowhere = (
        every.transform_aggregate(somewhere="max(drawn)", groupby=["label", "order", "role"])
        .transform_filter("datum.somewhere == 0")
        .transform_calculate(
            height=f"{top} - {apart} * datum.order", said="datum.label + ': torch refuses it here'"
        )
        .mark_text(align="left", baseline="bottom", fontWeight="bold")
        .encode(y_of_name, colour, x=alt.value(8), text="said:N")
    )
    return [line], [*haloed(words), *haloed(nowhere)]


def _stride(key: str) -> str:
    return f"stride_{key}"


@functools.cache
def _line(entry: LossEntry, name: str) -> pd.DataFrame:
    """The points of one line along the axis, and how its table is laid out."""
    axis, stride = entry.axis, strides(overlay_knobs(entry, name))
    return pd.DataFrame(
        {
            "index": np.arange(axis.count, dtype=np.int32),
            axis.key: axis.values,
            "name": name,
            "label": label(entry, name),
            "role": roles.overlay_role(entry, name),
            "order": np.int32(list(entry.overlays).index(name)),
            **{_stride(knob.key): np.int32(stride.get(knob.key, 0)) for knob in entry.knobs[1:]},
        }
    )


@functools.cache
def _no_lines(entry: LossEntry) -> pd.DataFrame:
    return _line(entry, next(iter(entry.overlays))).assign(base=np.int32(0)).iloc[:0]


@functools.cache
def _no_answers() -> pd.DataFrame:
    return pd.DataFrame({"key": np.zeros(0, np.int32), "loss": np.zeros(0, np.float32)}).assign(
        gradient=np.zeros(0, np.float32), segment=np.zeros(0, np.int8)
    )
