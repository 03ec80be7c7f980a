"""The picture of a loss along one knob: curve, tangent, kinks and zone above, the gradient below."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from lossviz.charts import not_finite, roles
from lossviz.charts import overlays as laid_over
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.knob_params import HANDLE, dragged, grip, index, signal, slice_key
from lossviz.charts.stage import LATTICE, ONE, Plot, here, looked_up, own_windows, placed, tall, window
from lossviz.charts.words import haloed, reading_above
from lossviz.losses.entry import Chosen, LossEntry
from lossviz.losses.knob import Knob, spoken
from lossviz.losses.plain_symbol import gradient_name, named

Quantity = Literal["loss", "gradient"]

_AXIS = "axis"
_HEIGHTS: dict[Quantity, int] = {"loss": 230, "gradient": 90}
_LOW_HEIGHTS: dict[Quantity, int] = {"loss": 98, "gradient": 45}
"""Beside another view, so that a projector shows both at once."""

_GRIP = "curve_grip"

_TICKS = "ceil(width / 60)"
"""How many numbers an axis has room for."""

_NAME = 0.22
"""Half the width of a zone's name in a narrow picture, as a share of the axis."""

_TANGENT_REACH = 0.12
"""Half the width of the tangent, as a share of the axis."""


def alt_text(entry: LossEntry) -> str:
    """What the picture shows, for those who do not see it; the same whatever the knobs say."""
    axis = spoken(entry.axis.key)
    zone = f" The {entry.zone.label} is shaded." if entry.zone else ""
    target = " and a line at the target" if entry.target_line else ""
    return (
        f"The curve of {entry.title} over the {axis}, with a point and its tangent at the current {axis}{target}."
        f"{zone} Below it, the gradient with respect to the {axis}, {gradient_name(entry)}, over the {axis} with "
        f"the same point."
    )


def drags(entry: LossEntry) -> Mapping[str, str]:
    """The knob that a hand in either plot moves, and the events that do it."""
    return {entry.axis.key: dragged(_GRIP)}


def datasets(entry: LossEntry, chosen: Chosen, overlays: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from beside the lattice, by the names that its spec uses.

    Args:
        entry: The loss.
        chosen: The choices of its options.
        overlays: The losses to lay over it; the others get an empty table, which draws nothing.
    """
    return {_AXIS: _axis(entry.axis), **laid_over.datasets(entry, chosen, overlays)}


def draw(entry: LossEntry, sliders: Sequence[alt.Parameter]) -> list[Plot]:
    """The two plots, one above the other; the upper one carries the sliders."""
    heights = _heights(entry)
    loss = alt.layer(*_loss_layers(entry, sliders)).properties(height=tall(heights["loss"]))
    gradient = alt.layer(*_gradient_layers(entry)).properties(height=tall(heights["gradient"]))
    return [loss, gradient]


def _heights(entry: LossEntry) -> dict[Quantity, int]:
    return _HEIGHTS if len(entry.views) == 1 else _LOW_HEIGHTS


@functools.cache
def _axis(knob: Knob) -> pd.DataFrame:
    half = knob.step / 2
    return pd.DataFrame({"index": np.arange(knob.count, dtype=np.int32), knob.key: knob.values}).assign(
        left=lambda frame: frame[knob.key] - half, right=lambda frame: frame[knob.key] + half
    )


def _loss_layers(entry: LossEntry, sliders: Sequence[alt.Parameter]) -> list[alt.Chart]:
    point = _point(entry, "loss")
    shade, zone_name = _zone(entry)
    stretches, their_words = _not_finite(entry, "loss")
    lines, names = _overlays(entry, "loss")
    return [
        *shade,
        *stretches,
        *_zero(entry, "loss"),
        *_target(entry, "loss"),
        *lines,
        _line(entry, "loss", roles.LOSS),
        *_kinks(entry, "loss"),
        _tangent(entry, point),
        *zone_name,
        *names,
        *their_words,
        *_marker(entry, point, "loss", roles.LOSS),
        *([reading_above(entry, point)] if sliders else []),
        _grip(entry, "loss", sliders),
    ]


def _zero(entry: LossEntry, quantity: Quantity) -> list[alt.Chart]:
    """The line at zero, where values may lie on both sides of it."""
    if own_windows(entry)[quantity][0] >= 0:
        return []
    rule = alt.Chart(alt.NamedData(ONE)).mark_rule(opacity=0.6).encode(y=alt.YDatum(0))
    return [roles.wear(rule, roles.INK)]


def _gradient_layers(entry: LossEntry) -> list[alt.Chart]:
    point = _point(entry, "gradient")
    stretches, their_words = _not_finite(entry, "gradient")
    lines, _ = _overlays(entry, "gradient")
    return [
        *stretches,
        *_zero(entry, "gradient"),
        *_target(entry, "gradient"),
        *lines,
        _line(entry, "gradient", roles.GRADIENT),
        *_kinks(entry, "gradient"),
        *their_words,
        *_marker(entry, point, "gradient", roles.GRADIENT),
        _grip(entry, "gradient"),
    ]


def _x(entry: LossEntry, quantity: Quantity, field: str | None = None) -> alt.X:
    axis = entry.axis
    scale = alt.Scale(domain=[axis.low, axis.high], nice=False)
    # Both plots share the axis, so the lower one names and numbers it.
    lowest = quantity == "gradient"
    look = alt.Axis(labels=lowest, title=named(axis) if lowest else "", tickCount=alt.ExprRef(_TICKS))
    return alt.X(f"{field or axis.key}:Q", axis=look, scale=scale)


def _y(entry: LossEntry, quantity: Quantity, field: str | None = None) -> alt.Y:
    scale = alt.Scale(domain=[alt.ExprRef(edge) for edge in window(entry, quantity)], nice=False)
    title = "loss" if quantity == "loss" else gradient_name(entry)
    return alt.Y(f"{field or quantity}:Q", title=title, scale=scale)


def _curve(entry: LossEntry) -> alt.Chart:
    """Every point of the axis with torch's answers at the current value of all other knobs."""
    return looked_up(alt.Chart(alt.NamedData(_AXIS)), slice_key(entry.knobs, "datum.index"), LATTICE)


def _not_finite(entry: LossEntry, quantity: Quantity) -> tuple[list[alt.Chart], list[alt.Chart]]:
    return not_finite.stretches(
        _curve(entry),
        quantity,
        (entry.axis.low, entry.axis.high),
        window(entry, quantity),
        tall(_heights(entry)[quantity]),
        functools.partial(_x, entry, quantity),
        functools.partial(_y, entry, quantity),
    )


def _line(entry: LossEntry, quantity: Quantity, role: str) -> alt.Chart:
    line = (
        _curve(entry)
        .transform_filter(not_finite.finite(quantity))
        .mark_line(clip=True, strokeWidth=3)
        .encode(_x(entry, quantity), _y(entry, quantity))
    )
    # One stroke between two kinks: where the gradient jumps, none pretends that it slopes.
    return roles.wear(line.encode(alt.Detail("segment:N")) if quantity == "gradient" else line, role)


def _grip(entry: LossEntry, quantity: Quantity, sliders: Sequence[alt.Parameter] = ()) -> alt.Chart:
    """Unseen stripes that the hand can drag in the picture itself, over all else; one may carry the sliders."""
    # They say nothing when pointed at: to look up and write torch's answers for each doubled the time of a move.
    stripes = (
        alt.Chart(alt.NamedData(_AXIS))
        .mark_rect(opacity=0, aria=False, cursor="ew-resize", clip=True)
        .encode(_x(entry, quantity, "left"), alt.X2("right"))
    )
    held = grip(_GRIP, stripes)
    return held.add_params(*sliders) if sliders else held


def _zone(entry: LossEntry) -> tuple[list[alt.Chart], list[alt.Chart]]:
    """The shade, and the name that belongs above the lines."""
    if entry.zone is None:
        return [], []
    low, high = entry.axis.low, entry.axis.high
    room = _NAME * (high - low)
    zone = (
        placed(entry, start=entry.zone.start, end=entry.zone.end)
        .transform_calculate(
            left=f"clamp(datum.start, {low}, {high})", right=f"clamp(datum.end, {low}, {high})"
        )
        # The name stays in the picture, also where the zone leaves it.
        .transform_calculate(middle=f"clamp((datum.left + datum.right) / 2, {low + room}, {high - room})")
        .transform_filter("datum.left < datum.right")
    )
    shade = roles.wear(
        zone.mark_rect(opacity=0.14).encode(_x(entry, "loss", "left"), alt.X2("right")), roles.LOSS
    )
    name = zone.mark_text(baseline="top", dy=8, text=entry.zone.label).encode(
        _x(entry, "loss", "middle"), y=alt.value(0)
    )
    return [shade], haloed(roles.wear(name, roles.INK))


def _target(entry: LossEntry, quantity: Quantity) -> list[alt.Chart]:
    if not entry.target_line:
        return []
    axis, there = entry.axis, placed(entry, position=entry.target_line)
    inside = there.transform_filter(f"datum.position >= {axis.low} && datum.position <= {axis.high}")
    rule = inside.mark_rule(strokeDash=[2, 4], strokeWidth=2)
    return [roles.wear(rule.encode(_x(entry, quantity, "position")), roles.TARGET)]


def _overlays(entry: LossEntry, quantity: Quantity) -> tuple[list[alt.Chart], list[alt.Chart]]:
    x, y = _x(entry, quantity), _y(entry, quantity)
    return laid_over.layers(entry, x, y, quantity, window(entry, quantity))


def _kinks(entry: LossEntry, quantity: Quantity) -> list[alt.Chart]:
    axis, layers = entry.axis, []
    for kink in entry.kinks:
        there = placed(entry, position=kink.at)
        if kink.when:
            there = placed(entry, position=kink.at, there=kink.when).transform_filter("datum.there")
        inside = there.transform_filter(f"datum.position >= {axis.low} && datum.position <= {axis.high}")
        found = looked_up(inside, slice_key(entry.knobs, index(axis, "datum.position")), LATTICE)
        role = roles.LOSS if quantity == "loss" else roles.GRADIENT
        mark = found.mark_point(shape="diamond", size=140, strokeWidth=2.5, filled=False)
        layers.append(roles.wear(mark.encode(_x(entry, quantity, "position"), _y(entry, quantity)), role))
    return layers


def _point(entry: LossEntry, quantity: Quantity) -> alt.Chart:
    """The current setting as one row: torch's answers, and where the point is drawn.

    A point beyond the window is drawn on its edge, as a triangle that points outwards.
    """
    low, high = window(entry, quantity)
    return here(entry).transform_calculate(
        **{
            entry.axis.key: signal(entry.axis),
            "drawn": f"clamp(datum.{quantity}, {low}, {high})",
            "place": f"datum.{quantity} > {high} ? 'above' : datum.{quantity} < {low} ? 'below' : 'inside'",
        }
    )


def _marker(entry: LossEntry, point: alt.Chart, quantity: Quantity, role: str) -> list[alt.Chart]:
    shape = alt.Shape(
        "place:N",
        legend=None,
        scale=alt.Scale(
            domain=["inside", "above", "below"], range=["circle", "triangle-up", "triangle-down"]
        ),
    )
    finite = point.transform_filter(not_finite.finite(quantity))
    mark = finite.mark_point(filled=True, size=220, opacity=1, ariaRoleDescription=HANDLE)
    y = functools.partial(_y, entry, quantity)
    return [
        roles.wear(mark.encode(_x(entry, quantity), y("drawn"), shape), role),
        not_finite.mark(point, quantity, window(entry, quantity), _x(entry, quantity), y, role),
    ]


def _tangent(entry: LossEntry, point: alt.Chart) -> alt.Chart:
    """The line through the point with torch's gradient as its slope."""
    axis = entry.axis
    reach = (axis.high - axis.low) * _TANGENT_REACH
    ends = (
        point.transform_filter(f"{not_finite.finite('loss')} && {not_finite.finite('gradient')}")
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
