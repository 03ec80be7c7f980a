"""The reliability diagram: how often a network is right when it claims a confidence, one line a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.kept_specs import Picture, kept

ALT: Final = (
    "Reliability diagram: the confidence of the network along the bottom, the share of images that it gets right at "
    "that confidence up the side. On the diagonal the probabilities mean what they say; below it the network is too "
    "sure of itself. A larger dot stands for more images."
)
MOST_RUNS: Final = 4
_ROLES: Final = (roles.LOSS, "sibling 1", "sibling 2", roles.TARGET)
"""The four that are furthest apart in both themes; the third sibling is a blue too."""

_NAME_GAP: Final = 0.07
_SHAPES: Final = ("circle", "diamond", "square", "triangle-up")


def datasets(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from, by the names that its spec uses.

    Args:
        tables: For each run by its name, what `lossviz.training.calibration.reliability` gives; at most four.

    Raises:
        ValueError: There are more than four runs.
    """
    if len(tables) > MOST_RUNS:
        raise ValueError(f"At most {MOST_RUNS} runs fit a reliability diagram, not {len(tables)}.")
    columns = ["confidence", "accuracy", "images"]
    frames = [
        table.loc[table["images"] > 0, columns].assign(run=name, role=role)
        for (name, table), role in zip(tables.items(), _ROLES, strict=False)
    ]
    empty = pd.DataFrame({"confidence": [0.0], "accuracy": [0.0], "images": [0], "run": "", "role": ""}).iloc[
        :0
    ]
    points = pd.concat(frames, ignore_index=True) if frames else empty
    # One under the other in the corner of the overconfident, which the lines of a trained network leave free.
    names = [
        ((len(tables) - place) * _NAME_GAP - 0.02, name, role)
        for place, (name, role) in enumerate(zip(tables, _ROLES, strict=False))
    ]
    labels = pd.DataFrame(names, columns=pd.Index(["place", "run", "role"])).astype(
        {"place": float, "run": object, "role": object}
    )
    return {"points": points, "labels": labels, "diagonal": pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0]})}


@kept
def spec() -> Picture:
    """The Vega-Lite spec; treat it as read-only. Its named datasets are those of `datasets`."""
    share = alt.Scale(domain=[0, 1], nice=False)
    percent = alt.Axis(format="%")
    x = alt.X("confidence:Q", title="confidence, mean of the bin", scale=share, axis=percent)
    y = alt.Y("accuracy:Q", title="share classified rightly", scale=share, axis=percent)
    diagonal = roles.wear(
        alt.Chart(alt.NamedData("diagonal"))
        .mark_line(strokeDash=[4, 4], strokeWidth=1.5)
        .encode(
            alt.X("x:Q", title="confidence, mean of the bin", scale=share, axis=percent),
            alt.Y("y:Q", title="share classified rightly", scale=share, axis=percent),
        ),
        roles.INK,
    )
    colour = roles.colour()
    points = alt.Chart(alt.NamedData("points"))
    line = points.mark_line(strokeWidth=2.5).encode(x, y, colour, alt.Detail("run:N"))
    shape = alt.Shape("role:N", scale=alt.Scale(domain=list(_ROLES), range=list(_SHAPES)), legend=None)
    dots = points.mark_point(filled=True, opacity=1).encode(
        x,
        y,
        colour,
        shape,
        alt.Size("images:Q", scale=alt.Scale(type="sqrt", range=[30, 320]), legend=None),
        tooltip=[
            alt.Tooltip("run:N", title="run"),
            alt.Tooltip("images:Q", format=",d", title="images"),
            alt.Tooltip("confidence:Q", format=".1%", title="confidence"),
            alt.Tooltip("accuracy:Q", format=".1%", title="right"),
        ],
    )
    labels = alt.Chart(alt.NamedData("labels"))
    height = alt.Y("place:Q", title="share classified rightly", scale=share, axis=percent)
    marks = labels.mark_point(filled=True, opacity=1, size=90, xOffset=-14).encode(
        colour, shape, x=alt.value("width"), y=height
    )
    names = labels.mark_text(
        align="right", baseline="middle", dx=-26, fontSize=13, fontWeight="bold", limit=160
    ).encode(colour, x=alt.value("width"), y=height, text="run:N")
    picture: Picture = (
        alt.layer(diagonal, line, dots, marks, names)
        .properties(height=320)
        .configure_axis(labelFontSize=13, titleFontSize=14)
    )
    return picture
