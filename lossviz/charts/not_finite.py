"""What a picture shows where torch's number is infinite or not a number: a mark, a shaded stretch and a word."""

from __future__ import annotations

from collections.abc import Callable

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.knob_params import HANDLE
from lossviz.charts.words import haloed

INFINITE, MINUS_INFINITE, NOT_A_NUMBER = "infinite", "minus infinite", "not a number"
IS_IT = "datum.kind != ''"
"""The filter of everything here: a row whose number is not finite."""

_CROSS = "M-1,-1L1,1M-1,1L1,-1"
_WORD_HEIGHTS = {INFINITE: 0.1, NOT_A_NUMBER: 0.4, MINUS_INFINITE: 0.9}
"""Where the words stand, as shares of the picture's height from above: neighbouring stretches keep apart."""

_MARK_HEIGHT = 0.4
"""Where the mark for "not a number" stands, as a share of the window from below."""

_WORD = 0.17
"""Half the width of the longest word in a narrow picture, as a share of its width."""

Channel = Callable[[str], "alt.X | alt.Y"]
"""An axis by the field that is drawn along it."""


def kind(quantity: str) -> str:
    """The expression for the word of a row's number: one of the three, or empty if it is finite.

    A table on its way to the browser holds nothing where torch says nan.
    """
    number = f"datum.{quantity}"
    return (
        f"!isValid({number}) || isNaN({number}) ? '{NOT_A_NUMBER}' : isFinite({number}) ? '' : "
        f"{number} > 0 ? '{INFINITE}' : '{MINUS_INFINITE}'"
    )


def finite(quantity: str) -> str:
    """The expression for whether a row's number is finite; Vega takes nothing for a finite number."""
    return f"isValid(datum.{quantity}) && isFinite(datum.{quantity})"


def mark(
    point: alt.Chart, quantity: str, window: tuple[str, str], x: alt.X, y: Channel, role: str
) -> alt.Chart:
    """A mark for the current setting: at the edge of the window that the number is beyond, or a cross inside it.

    Args:
        point: The current setting as one row.
        quantity: ``"loss"`` or ``"gradient"``.
        window: The expressions for the smallest and the largest value that the picture shows.
        x: Where it stands on the axis.
        y: The scale of the quantity.
        role: Its colour.
    """
    low, high = window
    row = (
        point.transform_calculate(kind=kind(quantity))
        .transform_filter(IS_IT)
        .transform_calculate(
            edge=_by_kind(
                {INFINITE: high, MINUS_INFINITE: low},
                f"{1 - _MARK_HEIGHT} * ({low}) + {_MARK_HEIGHT} * ({high})",
            ),
            said=f"'{quantity}: ' + datum.kind",
            shape=_by_kind({INFINITE: "'triangle-up'", MINUS_INFINITE: "'triangle-down'"}, f"'{_CROSS}'"),
        )
    )
    shapes = row.mark_point(
        filled=False, size=260, strokeWidth=3, opacity=1, ariaRoleDescription=HANDLE
    ).encode(x, y("edge"), alt.Shape("shape:N", scale=None), description="said:N")
    return roles.wear(shapes, role)


def _by_kind(chosen: dict[str, str], other: str) -> str:
    """The expression that is one of several by the word of the row."""
    return "".join(f"datum.kind == '{word}' ? {value} : " for word, value in chosen.items()) + other


def stretches(
    curve: alt.Chart,
    quantity: str,
    domain: tuple[float, float],
    window: tuple[str, str],
    height: float,
    x: Channel,
    y: Channel,
) -> tuple[list[alt.Chart], list[alt.Chart]]:
    """The stretches of the axis on which the curve is not finite: shaded, with a line at the edge that it is beyond.

    Args:
        curve: One row a point of the axis, with its ``index``, ``left`` and ``right`` end and torch's answers.
        quantity: ``"loss"`` or ``"gradient"``.
        domain: The ends of the axis.
        window: The expressions for the smallest and the largest value that the picture shows.
        height: The height of the picture, in pixels.
        x: The axis.
        y: The scale of the quantity.

    Returns:
        The shades and lines, and the words that belong above everything else.
    """
    (start, end), (low, high) = domain, window
    in_order: list[alt.SortField | dict[str, str]] = [alt.SortField("index")]
    runs = (
        curve.transform_calculate(kind=kind(quantity))
        .transform_window(before="lag(kind)", sort=in_order)
        .transform_calculate(starts="datum.kind == datum.before ? 0 : 1")
        .transform_window(run="sum(starts)", frame=[None, 0], sort=in_order)
        .transform_filter(IS_IT)
        .transform_aggregate(left="min(left)", right="max(right)", groupby=["run", "kind"])
        .transform_calculate(
            left=f"max(datum.left, {start})",
            right=f"min(datum.right, {end})",
            edge=f"datum.kind == '{INFINITE}' ? {high} : {low}",
        )
        .transform_calculate(
            # A word at the end of the axis stays in the picture.
            middle=f"clamp((datum.left + datum.right) / 2, {start + _WORD * (end - start)}, "
            f"{end - _WORD * (end - start)})"
        )
    )
    shade = runs.mark_rect(opacity=0.12, clip=True).encode(x("left"), alt.X2("right"))
    line = (
        runs.transform_filter(f"datum.kind != '{NOT_A_NUMBER}'")
        .mark_rule(strokeWidth=5)
        .encode(x("left"), y("edge"), alt.X2("right"))
    )
    heights = {word: f"{share * height:g}" for word, share in _WORD_HEIGHTS.items()}
    word = runs.mark_text(fontWeight="bold").encode(
        x("middle"), y=alt.value(alt.ExprRef(_by_kind(heights, "0"))), text="kind:N"
    )
    return [roles.wear(part, roles.INK) for part in (shade, line)], haloed(roles.wear(word, roles.INK))
