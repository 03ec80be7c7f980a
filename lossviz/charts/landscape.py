"""The loss around trained weights, on a slice along two directions: bands of equal loss, as on a map of heights."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.kept_specs import Picture, kept

ALT: Final = (
    "A map of the loss around the trained weights: one random direction from left to right, another from bottom to "
    "top, the trained weights at the centre. Bands of equal loss, the more colour, the higher. The scale of the bands "
    "stands below the map. Where the loss is not finite the map has the colour of a gradient."
)
BANDS: Final = 12
_STRONGEST: Final = 0.9
_FINE: Final = 81
"""Points a side that are drawn; between the measured ones the loss is interpolated."""
_HEIGHT: Final = _FINE * 5
"""Pixels: a whole number for each row, otherwise seams would be seen between the rows."""
_SIZE: Final = 13

Grid = NDArray[np.float64]


def datasets(losses: Grid, axis: NDArray[np.float64], centre: float, title: str) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from, by the names that its spec uses.

    Args:
        losses: The loss at the measured points, shape (S, S): rows the second direction, columns the first. NaN where
            it was not measured, infinite where it is not finite.
        axis: Where the points lie along either direction, rising, shape (S,).
        centre: The loss of the trained weights.
        title: What stands above the picture: the data's name above all.
    """
    edges = band_edges(losses)
    shades = _STRONGEST * (np.arange(BANDS) + 0.5) / BANDS
    lows, highs = edges[:-1], edges[1:]
    key = pd.DataFrame(
        {
            "place": np.arange(BANDS),
            "next": np.arange(1, BANDS + 1),
            "shade": shades,
            "low": [f"{low:.2g}" for low in lows],
            "high": [f"{high:.2g}" for high in highs],
        }
    )
    ticks = pd.DataFrame({"place": np.arange(0, BANDS + 1, 3), "text": [f"{e:.2g}" for e in edges[::3]]})
    return {
        "cells": _cells(losses, axis, edges, shades),
        "key": key,
        "ticks": ticks,
        "here": pd.DataFrame({"x": [0.0], "y": [0.0], "text": [f"trained: {centre:.3g}"]}),
        "about": pd.DataFrame({"text": [title]}),
    }


def band_edges(losses: Grid) -> NDArray[np.float64]:
    """Where one band ends and the next begins, `BANDS` + 1 values.

    Equal factors apart where every loss is positive, since a few steps out it is many times that of the centre;
    equal steps apart where it can be negative.
    """
    finite = losses[np.isfinite(losses)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    high = high if high > low else low + max(1e-6, abs(low) * 1e-3)
    return np.geomspace(low, high, BANDS + 1) if low > 0 else np.linspace(low, high, BANDS + 1)


def _cells(
    losses: Grid, axis: NDArray[np.float64], edges: NDArray[np.float64], shades: NDArray[np.float64]
) -> pd.DataFrame:
    """Stretches of a row that lie in one band: far fewer than the points, and without seams between them."""
    positive = edges[0] > 0
    # Between the points the loss is interpolated on the scale of its bands.
    scaled = np.log(np.where(losses > 0, losses, np.nan)) if positive else losses
    fine = _finer(_finer(np.where(np.isfinite(scaled), scaled, np.nan)).T).T
    broken = _finer(_finer(np.where(np.isposinf(losses), 1.0, 0.0)).T).T > 0
    inner = np.log(edges[1:-1]) if positive else edges[1:-1]
    band = np.digitize(fine, inner)
    # -1: not measured, BANDS: not finite.
    band = np.where(np.isnan(fine), np.where(broken, BANDS, -1), band)
    side = len(band)
    places = np.linspace(axis[0], axis[-1], side)
    half = (places[1] - places[0]) / 2 if side > 1 else 0.5
    rows = []
    for row, values in enumerate(band):
        starts = np.flatnonzero(np.diff(values, prepend=-2))
        ends = np.append(starts[1:], side)
        rows += [
            (
                places[start] - half,
                places[end - 1] + half,
                places[row] - half,
                places[row] + half,
                values[start],
            )
            for start, end in zip(starts, ends, strict=True)
            if values[start] >= 0
        ]
    cells = pd.DataFrame(rows, columns=pd.Index(["left", "right", "bottom", "top", "band"])).astype(
        {"left": float, "right": float, "bottom": float, "top": float, "band": int}
    )
    in_band = cells["band"] < BANDS
    at = cells["band"].clip(upper=BANDS - 1).to_numpy()
    words = [
        f"{edges[b]:.3g} to {edges[b + 1]:.3g}" if fine else "not finite"
        for b, fine in zip(at, in_band, strict=True)
    ]
    return cells.assign(
        shade=np.where(in_band, shades[at], _STRONGEST),
        role=np.where(in_band, roles.LOSS, roles.GRADIENT),
        words=words,
    ).astype({"role": object, "words": object})


def _finer(values: Grid) -> Grid:
    """Values along the last axis with linearly interpolated ones between them."""
    steps = np.linspace(0, values.shape[-1] - 1, _FINE)
    left = np.minimum(steps.astype(np.int64), max(0, values.shape[-1] - 2))
    share = steps - left
    right = np.minimum(left + 1, values.shape[-1] - 1)
    # A point itself does not need its neighbour, which may be missing.
    mixed = np.where(share == 0, values[:, left], values[:, left] * (1 - share) + values[:, right] * share)
    return np.where(share == 1, values[:, right], mixed)


@kept
def spec() -> Picture:
    """The Vega-Lite spec; treat it as read-only. Its named datasets are those of `datasets`."""
    colour = roles.colour()
    tight = alt.Scale(nice=False, zero=False)
    shade = alt.Opacity("shade:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None)
    cells = (
        alt.Chart(alt.NamedData("cells"))
        .mark_rect(strokeWidth=0)
        .encode(
            alt.X("left:Q", title="first random direction", scale=tight, axis=alt.Axis(grid=False)),
            alt.X2("right"),
            alt.Y("bottom:Q", title="second random direction", scale=tight, axis=alt.Axis(grid=False)),
            alt.Y2("top"),
            shade,
            colour,
            tooltip=[alt.Tooltip("words:N", title="loss")],
        )
    )
    here = alt.Chart(alt.NamedData("here"))
    point = here.mark_point(filled=True, size=130, opacity=1).encode(alt.X("x:Q"), alt.Y("y:Q"))
    words = here.mark_text(align="left", dx=10, fontSize=_SIZE + 1, fontWeight="bold").encode(
        alt.X("x:Q"), alt.Y("y:Q"), text="text:N"
    )
    about = (
        alt.Chart(alt.NamedData("about"))
        .mark_text(align="right", baseline="bottom", dy=-6, fontSize=_SIZE, fontStyle="italic")
        .encode(x=alt.value("width"), y=alt.value(0), text="text:N")
    )
    place = alt.Scale(domain=[0, BANDS], nice=False)
    bar = (
        alt.Chart(alt.NamedData("key"))
        .mark_rect(strokeWidth=0)
        .encode(
            alt.X("place:Q", scale=place, axis=None),
            alt.X2("next"),
            shade,
            tooltip=[alt.Tooltip("low:N", title="loss from"), alt.Tooltip("high:N", title="to")],
        )
    )
    numbers = (
        alt.Chart(alt.NamedData("ticks"))
        .mark_text(
            baseline="top",
            dy=4,
            fontSize=_SIZE,
            align=alt.expr(f"datum.place == 0 ? 'left' : datum.place == {BANDS} ? 'right' : 'center'"),
        )
        .encode(alt.X("place:Q", scale=place, axis=None), y=alt.value(14), text="text:N")
    )
    picture: Picture = (
        alt.vconcat(
            alt.layer(
                cells,
                roles.wear(point, roles.INK),
                roles.wear(words, roles.INK),
                roles.wear(about, roles.INK),
            ).properties(height=_HEIGHT),
            alt.layer(roles.wear(bar, roles.LOSS), roles.wear(numbers, roles.INK)).properties(height=14),
            spacing=10,
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        )
        .configure_view(strokeOpacity=0.3)
        .configure_axis(labelFontSize=_SIZE, titleFontSize=_SIZE + 1)
    )
    return picture
