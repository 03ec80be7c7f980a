"""The picture of a loss along one knob: curve, tangent, kinks and zone above, the gradient below.

The spec is the same whatever the knobs say; what they change is looked up in the datasets by the browser.
"""

from __future__ import annotations

import functools
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from lossviz.charts import roles
from lossviz.charts.knob_params import expression, index, parameter, signal, slice_key
from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from lossviz.losses.knob import Knob
from lossviz.losses.lattice import lattice, overlay_knobs, overlay_lattice

Quantity = Literal["loss", "gradient"]

_AXIS, _LATTICE, _ONE = "axis", "lattice", "one"
_HEIGHTS: dict[Quantity, int] = {"loss": 240, "gradient": 110}
_LABEL_SIZE = 14
_TANGENT_REACH = 0.12
"""Half the width of the tangent, as a share of the axis."""


def alt_text(entry: LossEntry) -> str:
    """What the picture shows, for those who do not see it; the same whatever the knobs say."""
    zone = f" The {entry.zone.label} is shaded." if entry.zone else ""
    return (
        f"Above, the curve of {entry.name} over the {entry.axis.key}, with a point and its tangent at the current "
        f"{entry.axis.key} and a line at the target.{zone} Below, the gradient over the {entry.axis.key} with the "
        "same point. The sliders under the chart move the point and the curve; the numbers stand beside the chart."
    )


def datasets(entry: LossEntry, overlays: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from, by the names that its spec uses.

    Args:
        entry: The loss.
        overlays: The sibling losses to lay over it; the others get an empty table, which draws nothing.

    Raises:
        KeyError: If an overlay is none of the entry's.
    """
    for name in overlays:
        entry.overlays[name]
    siblings = {
        _overlay(name): overlay_lattice(entry, name) if name in overlays else _empty()
        for name in entry.overlays
    }
    return {_LATTICE: lattice(entry), _AXIS: _axis(entry.axis), _ONE: pd.DataFrame({"one": [1]}), **siblings}


@functools.cache
def _axis(knob: Knob) -> pd.DataFrame:
    half = knob.step / 2
    return pd.DataFrame({"index": np.arange(knob.count, dtype=np.int32), knob.key: knob.values}).assign(
        left=lambda frame: frame[knob.key] - half, right=lambda frame: frame[knob.key] + half
    )


@functools.cache
def _empty() -> pd.DataFrame:
    return pd.DataFrame({"key": np.zeros(0, np.int32), "loss": np.zeros(0, np.float32)}).assign(
        gradient=np.zeros(0, np.float32), segment=np.zeros(0, np.int8)
    )


def _overlay(name: str) -> str:
    return f"overlay_{name}"


@functools.cache
def spec(entry: LossEntry) -> dict[str, Any]:
    """The Vega-Lite spec of a loss, its sliders at the defaults; treat it as read-only.

    Its named datasets are those of :func:`datasets`.
    """
    loss = alt.layer(*_loss_layers(entry)).properties(height=_HEIGHTS["loss"])
    gradient = alt.layer(*_gradient_layers(entry)).properties(height=_HEIGHTS["gradient"])
    chart = (
        # The width of the page goes to the plots and their axes together.
        alt.vconcat(loss, gradient, spacing=4, autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
        .configure_axis(labelFontSize=_LABEL_SIZE - 1, titleFontSize=_LABEL_SIZE)
        .configure_text(fontSize=_LABEL_SIZE)
    )
    written: dict[str, Any] = chart.to_dict()
    return written


def _loss_layers(entry: LossEntry) -> list[alt.Chart]:
    point = _point(entry, "loss")
    return [
        _grip(entry),
        *_zone(entry),
        *_target(entry, "loss"),
        *(layer for name in entry.overlays for layer in _sibling(entry, name, "loss")),
        _line(entry, "loss", roles.LOSS),
        *_kinks(entry, "loss"),
        _tangent(entry, point),
        _marker(entry, point, "loss", roles.LOSS),
        _reading(point),
    ]


def _gradient_layers(entry: LossEntry) -> list[alt.Chart]:
    point = _point(entry, "gradient")
    return [
        roles.wear(alt.Chart(alt.NamedData(_ONE)).mark_rule(opacity=0.6).encode(y=alt.YDatum(0)), roles.INK),
        *_target(entry, "gradient"),
        *(layer for name in entry.overlays for layer in _sibling(entry, name, "gradient")),
        _line(entry, "gradient", roles.GRADIENT),
        *_kinks(entry, "gradient"),
        _marker(entry, point, "gradient", roles.GRADIENT),
    ]


def _x(entry: LossEntry, quantity: Quantity, field: str | None = None) -> alt.X:
    axis = entry.axis
    scale = alt.Scale(domain=[axis.low, axis.high], nice=False)
    # Both plots share the axis, so the lower one names it.
    return alt.X(f"{field or axis.key}:Q", title=axis.key if quantity == "gradient" else "", scale=scale)


def _y(entry: LossEntry, quantity: Quantity, field: str | None = None) -> alt.Y:
    window = entry.loss_window if quantity == "loss" else entry.gradient_window
    return alt.Y(f"{field or quantity}:Q", title=quantity, scale=alt.Scale(domain=list(window), nice=False))


def _looked_up(chart: alt.Chart, key: str, dataset: str) -> alt.Chart:
    """A chart whose rows carry torch's answers at the lattice row that the expression names."""
    answers = alt.LookupData(alt.NamedData(dataset), "key", ["loss", "gradient", "segment"])
    return chart.transform_calculate(key=key).transform_lookup(lookup="key", from_=answers)


def _curve(entry: LossEntry, quantity: Quantity) -> alt.Chart:
    chart = _looked_up(alt.Chart(alt.NamedData(_AXIS)), slice_key(entry.knobs, "datum.index"), _LATTICE)
    return chart.transform_filter(f"isFinite(datum.{quantity})")


def _line(entry: LossEntry, quantity: Quantity, role: str) -> alt.Chart:
    line = (
        _curve(entry, quantity)
        .mark_line(clip=True, strokeWidth=3)
        .encode(_x(entry, quantity), _y(entry, quantity))
    )
    # One stroke between two kinks: where the gradient jumps, none pretends that it slopes.
    return roles.wear(line.encode(alt.Detail("segment:N")) if quantity == "gradient" else line, role)


def _grip(entry: LossEntry) -> alt.Chart:
    """Unseen stripes that the hand can drag in the picture itself, and the sliders of all knobs."""
    stripes = (
        alt.Chart(alt.NamedData(_AXIS))
        .mark_rect(opacity=0, cursor="ew-resize", clip=True)
        .encode(_x(entry, "loss", "left"), alt.X2("right"))
    )
    # Vega stacks the sliders in reverse, and the first knob belongs on top.
    sliders = (parameter(knob, dragged=knob is entry.axis) for knob in reversed(entry.knobs))
    grip: alt.Chart = stripes.add_params(*sliders)
    return grip


def _one(entry: LossEntry, **calculated: str) -> alt.Chart:
    """A single row with values calculated from formulas in the knobs."""
    chart = alt.Chart(alt.NamedData(_ONE))
    for name, formula in calculated.items():
        chart = chart.transform_calculate(**{name: expression(formula, entry.knobs)})
    return chart


def _zone(entry: LossEntry) -> list[alt.Chart]:
    if entry.zone is None:
        return []
    low, high = entry.axis.low, entry.axis.high
    zone = (
        _one(entry, start=entry.zone.start, end=entry.zone.end)
        .transform_calculate(
            left=f"clamp(datum.start, {low}, {high})", right=f"clamp(datum.end, {low}, {high})"
        )
        .transform_calculate(middle="(datum.left + datum.right) / 2")
        .transform_filter("datum.left < datum.right")
    )
    shade = roles.wear(
        zone.mark_rect(opacity=0.14).encode(_x(entry, "loss", "left"), alt.X2("right")), roles.LOSS
    )
    name = zone.mark_text(baseline="top", dy=8, text=entry.zone.label).encode(
        _x(entry, "loss", "middle"), y=alt.value(0)
    )
    return [shade, roles.wear(name, roles.INK)]


def _target(entry: LossEntry, quantity: Quantity) -> list[alt.Chart]:
    if all(knob.key != roles.TARGET for knob in entry.knobs):
        return []
    rule = _one(entry, target=roles.TARGET).mark_rule(strokeDash=[2, 4], strokeWidth=2)
    return [roles.wear(rule.encode(_x(entry, quantity, "target")), roles.TARGET)]


def _sibling(entry: LossEntry, name: str, quantity: Quantity) -> list[alt.Chart]:
    sibling = catalogue()[name]
    key = slice_key(overlay_knobs(entry, name), "datum.index")
    curve = _looked_up(alt.Chart(alt.NamedData(_AXIS)), key, _overlay(name)).transform_filter(
        f"isValid(datum.{quantity}) && isFinite(datum.{quantity})"
    )
    role = roles.sibling_role(sibling)
    line = roles.wear(
        curve.mark_line(clip=True, strokeDash=roles.sibling_dash(sibling), strokeWidth=2.5).encode(
            _x(entry, quantity), _y(entry, quantity), alt.Detail("segment:N")
        ),
        role,
    )
    if quantity == "gradient":
        return [line]
    # The name stands where the curve leaves the picture, each sibling's on its own height.
    top = entry.loss_window[1]
    place = list(entry.overlays).index(name)
    label = (
        curve.transform_filter(f"datum.loss <= {top * (0.95 - 0.13 * place)}")
        .transform_joinaggregate(last="max(index)")
        .transform_filter("datum.index == datum.last")
        .mark_text(align="right", dx=-8, dy=-4, fontWeight="bold", text=_overlay_label(entry, name))
        .encode(_x(entry, quantity), _y(entry, "loss"))
    )
    return [line, roles.wear(label, role)]


def _overlay_label(entry: LossEntry, name: str) -> str:
    """The sibling's name, with what its own knob follows or stays at: ``Huber, delta = beta``."""
    sibling, renamed = catalogue()[name], entry.overlays[name]
    own = [knob for knob in sibling.knobs if all(knob.key != key for key in entry.defaults)]
    notes = [f"{knob.key} = {renamed.get(knob.key, f'{knob.default:g}')}" for knob in own]
    return ", ".join([sibling.title, *notes])


def _kinks(entry: LossEntry, quantity: Quantity) -> list[alt.Chart]:
    axis, layers = entry.axis, []
    for kink in entry.kinks:
        there = _one(entry, position=kink.at)
        if kink.when:
            there = there.transform_filter(expression(kink.when, entry.knobs))
        inside = there.transform_filter(f"datum.position >= {axis.low} && datum.position <= {axis.high}")
        here = _looked_up(inside, slice_key(entry.knobs, index(axis, "datum.position")), _LATTICE)
        role = roles.LOSS if quantity == "loss" else roles.GRADIENT
        mark = here.mark_point(shape="diamond", size=140, strokeWidth=2.5, filled=False)
        layers.append(roles.wear(mark.encode(_x(entry, quantity, "position"), _y(entry, quantity)), role))
    return layers


def _point(entry: LossEntry, quantity: Quantity) -> alt.Chart:
    """The current setting as one row: torch's answers, and where the point is drawn.

    A point beyond the window is drawn on its edge, as a triangle that points outwards.
    """
    low, high = entry.loss_window if quantity == "loss" else entry.gradient_window
    here = _looked_up(alt.Chart(alt.NamedData(_ONE)), slice_key(entry.knobs, index(entry.axis)), _LATTICE)
    return here.transform_calculate(
        **{
            entry.axis.key: signal(entry.axis),
            "drawn": f"clamp(datum.{quantity}, {low}, {high})",
            "place": f"datum.{quantity} > {high} ? 'above' : datum.{quantity} < {low} ? 'below' : 'inside'",
        }
    )


def _marker(entry: LossEntry, point: alt.Chart, quantity: Quantity, role: str) -> alt.Chart:
    shape = alt.Shape(
        "place:N",
        legend=None,
        scale=alt.Scale(
            domain=["inside", "above", "below"], range=["circle", "triangle-up", "triangle-down"]
        ),
    )
    finite = point.transform_filter(f"isFinite(datum.{quantity})")
    mark = finite.mark_point(filled=True, size=220, opacity=1)
    return roles.wear(mark.encode(_x(entry, quantity), _y(entry, quantity, "drawn"), shape), role)


def _tangent(entry: LossEntry, point: alt.Chart) -> alt.Chart:
    """The line through the point with torch's gradient as its slope."""
    axis = entry.axis
    reach = (axis.high - axis.low) * _TANGENT_REACH
    ends = (
        point.transform_filter("isFinite(datum.loss) && isFinite(datum.gradient)")
        .transform_calculate(
            from_x=f"datum.{axis.key} - {reach}",
            to_x=f"datum.{axis.key} + {reach}",
            from_y=f"datum.loss - {reach} * datum.gradient",
            to_y=f"datum.loss + {reach} * datum.gradient",
        )
        .mark_rule(clip=True, strokeWidth=2)
    )
    return roles.wear(
        ends.encode(_x(entry, "loss", "from_x"), _y(entry, "loss", "from_y"), alt.X2("to_x"), alt.Y2("to_y")),
        roles.GRADIENT,
    )


def _reading(point: alt.Chart) -> alt.Chart:
    """Loss and gradient at the point, as text in the picture."""
    written = {
        q: f"isFinite(datum.{q}) ? format(datum.{q}, '.4f') : 'not finite'" for q in ("loss", "gradient")
    }
    reading: alt.Chart = (
        point.transform_calculate(
            reading=f"'loss ' + ({written['loss']}) + ' · gradient ' + ({written['gradient']})"
        )
        .mark_text(align="left", baseline="bottom", dy=-8, fontSize=18, fontWeight="bold")
        .encode(x=alt.value(0), y=alt.value(0), text="reading:N")
    )
    return roles.wear(reading, roles.INK)
