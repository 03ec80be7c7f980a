"""The curves of up to four runs in one picture: validation solid, training dashed, each run with its own colour.

The spec depends on what is drawn alone; the runs, the axes' ends and the names stand in the datasets, so the picture
is drawn on while the runs go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.kept_specs import Picture, kept

Kind = Literal["accuracy", "loss", "share", "error"]
"""What is drawn: accuracy; the loss; the loss as a share of its value before the first step; the squared error."""

MOST_RUNS: Final = 4
_ROLES: Final = (roles.LOSS, "sibling 1", "sibling 2", roles.TARGET)
"""The four that are furthest apart in both themes; the third sibling is a blue too."""

_SHAPES: Final = ("circle", "diamond", "square", "triangle-up")
_LINES: Final[Mapping[str, str]] = {"validation": "validation", "train, after the epoch": "train"}
"""The lines that are drawn, by the names that the frames have."""

_MEASURES: Final[Mapping[Kind, str]] = {
    "accuracy": "accuracy",
    "loss": "loss",
    "share": "loss",
    "error": "mean squared error",
}
_TITLES: Final[Mapping[Kind, str]] = {
    "accuracy": "accuracy",
    "loss": "loss",
    "share": "loss, share of its value at the start",
    "error": "mean squared error",
}
_TOPS: Final[Mapping[Kind, tuple[float, ...]]] = {
    "accuracy": (1.0,),
    "loss": (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 2.6, 4.0, 6.0, 10.0, 100.0),
    "share": (1.05, 1.5, 2.0),
    "error": (0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
}
"""Where the axis may end: it grows when a value leaves it, and values above the last are drawn on the edge."""

_HEIGHT: Final = 340
_LABEL_ROOM: Final = 104
"""Pixels to the right of the plot for the runs' names; the plot gives way to them."""

_LABEL_GAP: Final = 0.06
"""Least distance of two names, as a share of the axis."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run to draw.

    Attributes:
        name: What it is called in the picture; no two runs the same.
        curves: What `lossviz.training.frames.curves` gives: epoch, measure, line, value, images.
        epochs: Epochs that it is to have.
    """

    name: str
    curves: pd.DataFrame
    epochs: int


def alt_text(kind: Kind) -> str:
    """What the picture shows, for those who do not see it; the same for all runs."""
    return (
        f"The {_TITLES[kind]} of the compared runs over the epochs: a solid line a run for the validation images "
        "and a dashed line for the training images, re-measured after each epoch, named at the right. The numbers "
        "stand in the table of the comparison."
    )


def shares_fit(runs: Sequence[Run]) -> bool:
    """Whether every loss measured so far has a share of its start: whether all begin above zero."""
    for run in runs:
        measured = run.curves.loc[(run.curves["measure"] == "loss") & run.curves["line"].isin(list(_LINES))]
        starts = measured.loc[measured["epoch"] == 0, "value"].astype(float)
        if not bool((np.isfinite(starts) & (starts > 0)).all()):
            return False
    return True


def datasets(
    kind: Kind, runs: Sequence[Run], about: str, *, closely: bool = False
) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from, by the names that its spec uses.

    Args:
        kind: What to draw.
        runs: At most four.
        about: What stands above the picture: the data's name.
        closely: For accuracy, whether the axis begins at the lowest value after the first epoch rather than at 0, and
            what lies below is left out.

    Returns:
        points (epoch, value, drawn, run, role, line, images), labels (place, text, role), frame (the axes' corners)
        and about.

    Raises:
        ValueError: There are more than four runs.
    """
    if len(runs) > MOST_RUNS:
        raise ValueError(f"At most {MOST_RUNS} runs fit one picture, not {len(runs)}.")
    parts = [
        _points(kind, run).assign(run=run.name, role=role) for run, role in zip(runs, _ROLES, strict=False)
    ]
    points = pd.concat([_NONE, *(part for part in parts if len(part))], ignore_index=True)
    low, high = _axis(kind, points, closely=closely)
    points = points.loc[points["value"] >= low]
    points = points.assign(drawn=points["value"].clip(upper=high)).reset_index(drop=True)
    corners = pd.DataFrame(
        {"epoch": [0.0, float(max((run.epochs for run in runs), default=1))], "drawn": [low, high]}
    )
    return {
        "points": points,
        "labels": _labels(kind, runs, points, low, high),
        "frame": corners,
        "about": pd.DataFrame({"text": [about]}),
    }


_NONE: Final = pd.DataFrame(
    {
        "epoch": pd.Series(dtype=float),
        "value": pd.Series(dtype=float),
        "line": pd.Series(dtype=object),
        "images": pd.Series(dtype=int),
        "run": pd.Series(dtype=object),
        "role": pd.Series(dtype=object),
    }
)


def _points(kind: Kind, run: Run) -> pd.DataFrame:
    rows = run.curves.loc[(run.curves["measure"] == _MEASURES[kind]) & run.curves["line"].isin(list(_LINES))]
    values = rows["value"].astype(float)
    if kind == "share":
        starts = rows.loc[rows["epoch"] == 0].set_index("line")["value"].astype(float)
        start = rows["line"].map(starts)
        values = values / start.where(np.isfinite(start) & (start > 0))
    kept = np.isfinite(values)
    return pd.DataFrame(
        {
            "epoch": rows["epoch"].astype(float),
            "value": values,
            "line": rows["line"].map(_LINES).astype(object),
            "images": rows["images"].astype(int),
        }
    ).loc[kept]


def _axis(kind: Kind, points: pd.DataFrame, *, closely: bool) -> tuple[float, float]:
    largest = float(points["value"].max()) if len(points) else 0.0
    high = next((top for top in _TOPS[kind] if largest <= top), _TOPS[kind][-1])
    later = points.loc[points["epoch"] >= 1, "value"]
    if kind != "accuracy" or not closely or not len(later):
        return 0.0, high
    return max(0.0, math.floor(float(later.min()) * 10 - 0.2) / 10), high


def _labels(kind: Kind, runs: Sequence[Run], points: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    """A name for each run at the height at which its validation line ends, moved where two would meet."""
    ends: list[tuple[float, str, str]] = []
    for run, role in zip(runs, _ROLES, strict=False):
        own = points.loc[(points["run"] == run.name) & (points["line"] == "validation")]
        end = float(own["drawn"].iloc[-1]) if len(own) else low
        measured = run.curves.loc[run.curves["measure"] == _MEASURES[kind], "value"].astype(float)
        diverged = len(measured) > 0 and not math.isfinite(measured.iloc[-1])
        ends.append((end, f"{run.name}: not finite" if diverged else run.name, role))
    ends.sort()
    gap = (high - low) * _LABEL_GAP
    places = _apart([end for end, _, _ in ends], gap, high)
    return pd.DataFrame(
        {
            "place": pd.Series(places, dtype=float),
            "text": pd.Series([text for _, text, _ in ends], dtype=object),
            "role": pd.Series([role for _, _, role in ends], dtype=object),
        }
    )


def _apart(places: Sequence[float], gap: float, high: float) -> list[float]:
    """Rising places moved apart, up where there is room, else down.

    >>> _apart([0.5, 0.5, 0.9], 0.1, 1.0), _apart([0.97, 1.0], 0.1, 1.0)
    ([0.5, 0.6, 0.9], [0.9, 1.0])
    """
    moved = list(places)
    for at in range(1, len(moved)):
        moved[at] = max(moved[at], moved[at - 1] + gap)
    for at in range(len(moved) - 1, -1, -1):
        moved[at] = min(moved[at], moved[at + 1] - gap if at + 1 < len(moved) else high)
    return moved


@kept
def spec(kind: Kind) -> Picture:
    """The Vega-Lite spec; treat it as read-only. Its named datasets are those of `datasets`."""
    form = ".1%" if kind == "accuracy" else ".4f"
    axis_form = "%" if kind in ("accuracy", "share") else ".3~g"
    x = alt.X(
        "epoch:Q",
        title="epoch",
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(format="d", tickMinStep=1, grid=False),
    )

    def y(field: str) -> alt.Y:
        axis = alt.Axis(format=axis_form)
        return alt.Y(f"{field}:Q", title=_TITLES[kind], scale=alt.Scale(nice=False, zero=False), axis=axis)

    colour = roles.colour()
    shape = alt.Shape("role:N", scale=alt.Scale(domain=list(_ROLES), range=list(_SHAPES)), legend=None)
    dash = alt.StrokeDash(
        "line:N", scale=alt.Scale(domain=["validation", "train"], range=[[1, 0], [5, 4]]), legend=None
    )
    frame = alt.Chart(alt.NamedData("frame")).mark_point(opacity=0).encode(x, y("drawn"))
    points = alt.Chart(alt.NamedData("points"))
    lines = points.mark_line(strokeWidth=2.5).encode(
        x, y("drawn"), colour, dash, alt.Detail(["run:N", "line:N"])
    )
    tooltip = [
        alt.Tooltip("run:N", title="run"),
        alt.Tooltip("line:N", title="line"),
        alt.Tooltip("epoch:Q", format="d", title="epoch"),
        alt.Tooltip("value:Q", format=form, title=_TITLES[kind]),
        alt.Tooltip("images:Q", format=",d", title="images"),
    ]
    dots = points.mark_point(filled=True, opacity=1, size=60).encode(
        x, y("drawn"), colour, shape, tooltip=tooltip
    )
    labels = alt.Chart(alt.NamedData("labels"))
    marks = labels.mark_point(filled=True, opacity=1, size=90, xOffset=12).encode(
        colour, shape, x=alt.value("width"), y=y("place")
    )
    names = labels.mark_text(
        align="left", baseline="middle", dx=22, fontSize=13, fontWeight="bold", limit=_LABEL_ROOM
    ).encode(colour, x=alt.value("width"), y=y("place"), text="text:N")
    about = roles.wear(
        alt.Chart(alt.NamedData("about"))
        .mark_text(align="right", baseline="bottom", dy=-6, fontSize=13, fontStyle="italic")
        .encode(x=alt.value("width"), y=alt.value(0), text="text:N"),
        roles.INK,
    )
    picture: Picture = (
        alt.layer(frame, lines, dots, marks, names, about)
        .properties(height=_HEIGHT, padding={"left": 0, "top": 14, "right": 0, "bottom": 20})
        .configure_axis(labelFontSize=13, titleFontSize=14)
    )
    return picture
