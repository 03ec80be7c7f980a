"""The plane of an embedding: where the network puts some validation images, each class with its colour and shape.

The spec is the same for every run and every moment of it; points, the plane's reach and the words stand in the
datasets, so the plane fills in as the network trains.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.kept_specs import Picture, kept

_HEIGHT: Final = 640
_LABEL_SIZE: Final = 14

# The theme has nine colours, in the order of the scale's domain. Those that are most often taken for one another
# come first and get the colours that differ most; a bag, the tenth, shares its colour with a T-shirt, not its shape.
_ORDER: Final = (0, 2, 3, 4, 6, 1, 5, 7, 9, 8)
_SHAPES: Final = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "M-0.3,-1H0.3V1H-0.3Z",
    "triangle-down",
    "triangle-left",
    "triangle-right",
    "M-1,-0.35H1V0.35H-1Z",
)
"""One a class, in the same order: colour alone would not tell ten classes apart."""

_NICE: Final = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)

ALT: Final = (
    "A plane with a mark for each of up to 300 validation images where the network puts it, coloured and shaped by its "
    "class. It is drawn anew after every epoch; images of one class should come together and apart from the others."
)


def datasets(
    classes: Sequence[str],
    planes: Sequence[NDArray[np.float32]],
    labels: Sequence[int],
    title: str,
    moment: str,
) -> dict[str, pd.DataFrame]:
    """What the plane is drawn from, by the names that the spec uses.

    Args:
        classes: The ten classes' names.
        planes: The points of every moment so far, the last one shown, each of shape (N, 2); those before keep the
            reach of the axes from shrinking. None at all before the first measuring.
        labels: Their classes, 0 to 9.
        title: The data's name.
        moment: When it was, for instance "after epoch 2 of 5".
    """
    points = planes[-1].astype(np.float64) if len(planes) else np.zeros((0, 2))
    finite = np.asarray(np.isfinite(points).all(axis=1))
    lost = len(points) - int(finite.sum())
    shown = points[finite]
    kept = [label for label, good in zip(labels, finite.tolist(), strict=False) if good]
    note = f"{lost} points are not finite" if lost else ""
    return {
        "points": pd.DataFrame(
            {"x": shown[:, 0], "y": shown[:, 1], "class": [classes[label] for label in kept]}
        ).astype({"x": np.float32, "y": np.float32, "class": object}),
        "reach": pd.DataFrame({"half": [reach(planes)]}),
        "about": pd.DataFrame({"text": [title], "moment": [moment], "note": [note]}),
    }


def reach(planes: Sequence[NDArray[np.float32]]) -> float:
    """How far the plane reaches from its middle: a round number beyond every point so far.

    >>> reach([]), reach([np.array([[0.2, -1.3]], np.float32)])
    (1.0, 1.5)
    """
    sizes = [np.abs(plane[np.isfinite(plane)]) for plane in planes]
    largest = max((float(size.max()) for size in sizes if len(size)), default=0.0)
    if not largest > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return next(float(f"{end * power:.3g}") for end in _NICE if largest <= end * power * (1 + 1e-6))


@kept
def spec(classes: tuple[str, ...]) -> Picture:
    """The Vega-Lite spec; treat it as read-only. Its datasets are those of `datasets`.

    Args:
        classes: The ten classes' names, in the order of their numbers.
    """
    names = [classes[place] for place in _ORDER]
    points = alt.Chart(alt.NamedData("points"))
    legend = alt.Legend(
        title=None,
        orient="bottom",
        columns=alt.ExprRef("width < 340 ? 2 : width < 520 ? 3 : 5"),
        labelFontSize=_LABEL_SIZE - 1,
        symbolSize=110,
        labelLimit=0,
    )
    colour = alt.Color("class:N", scale=alt.Scale(domain=names), legend=legend)
    marks = points.mark_point(filled=True, opacity=0.85, size=60, clip=True).encode(
        _axis("x", "width", "first number"),
        _axis("y", "height", "second number"),
        colour,
        alt.Shape("class:N", scale=alt.Scale(domain=names, range=list(_SHAPES)), legend=legend),
        tooltip=[alt.Tooltip("class:N"), alt.Tooltip("x:Q", format=".3g"), alt.Tooltip("y:Q", format=".3g")],
    )
    words = [
        # One scale for all, so that the legend has colour and shape in one: words wear the class that has ink.
        word.transform_calculate(**{"class": f"'{names[roles.ROLES.index(roles.INK)]}'"}).encode(colour)
        for word in (_words("text", "right"), _words("moment", "left"), _words("note", "right", below=True))
    ]
    # The axes read the reach from its dataset, and Vega knows only datasets that some mark is drawn from.
    corner = alt.Chart(alt.NamedData("reach")).mark_point(opacity=0, tooltip=None)
    chart = alt.layer(corner.encode(x=alt.value(0), y=alt.value(0)), marks, *words)
    picture: Picture = chart.properties(height=_HEIGHT).configure_axis(
        labelFontSize=_LABEL_SIZE - 1, titleFontSize=_LABEL_SIZE
    )
    return picture


def _words(field: str, align: Literal["left", "right"], *, below: bool = False) -> alt.Chart:
    """Words at the upper edge of the plane, above or below it, as a field of the dataset "about" says them."""
    mark = alt.Chart(alt.NamedData("about")).mark_text(
        align=align,
        baseline="top" if below else "bottom",
        dy=6 if below else -6,
        fontSize=_LABEL_SIZE - 1,
        fontStyle="italic",
    )
    side = alt.value(0) if align == "left" else alt.value("width")
    worded: alt.Chart = mark.encode(x=side, y=alt.value(0), text=f"{field}:N")
    return worded


def _axis(field: str, side: str, title: str) -> alt.X | alt.Y:
    """An axis through the middle of the plane; both have the same scale, whatever the picture's shape."""
    half = f"data('reach')[0].half * {side} / min(width, height)"
    scale = alt.Scale(domainMin=alt.ExprRef(f"-{half}"), domainMax=alt.ExprRef(half), nice=False, zero=False)
    axis = alt.Axis(format="~r", grid=True, tickCount=5)
    kind = alt.X if field == "x" else alt.Y
    return kind(f"{field}:Q", title=title, scale=scale, axis=axis)
