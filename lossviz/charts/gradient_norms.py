"""How long the gradient is in each layer over the epochs of a run: one line a layer, on a logarithmic axis."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.kept_specs import Picture, kept

ALT: Final = (
    "The Euclidean norm of the gradient over the epochs, one line for each layer that learns, on a logarithmic axis. "
    "The names of the layers stand above the lines, the first layer first. The numbers stand in the table below."
)
_ROLES: Final = tuple(role for role in roles.ROLES if role != roles.INK)
_DASHES: Final = ([1, 0], [7, 4], [2, 3])
_HEIGHT: Final = 300
_ROW: Final = 20
_SIZE: Final = 13


def datasets(table: pd.DataFrame, epochs: int, title: str) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from, by the names that its spec uses.

    Args:
        table: A row an epoch and layer, first layer first: epoch, layer (its name), norm. What a logarithmic axis
            cannot hold, 0 and what is not finite, is left out.
        epochs: How many epochs the run is to have.
        title: What stands above the picture: the data's name above all.
    """
    layers = list(dict.fromkeys(table["layer"]))
    look = {
        name: (place, _ROLES[place % len(_ROLES)], str(place % len(_DASHES)))
        for place, name in enumerate(layers)
    }
    norms = table["norm"].to_numpy(dtype=np.float64)
    drawn = table.loc[np.isfinite(norms) & (norms > 0), ["epoch", "layer", "norm"]]
    points = drawn.assign(
        role=[look[name][1] for name in drawn["layer"]], dash=[look[name][2] for name in drawn["layer"]]
    ).astype({"epoch": float, "norm": float, "layer": object, "role": object, "dash": object})
    names = pd.DataFrame(
        [(name, *look[name], 0.0, 1.0) for name in layers],
        columns=pd.Index(["layer", "place", "role", "dash", "start", "end"]),
    ).astype({"layer": object, "place": int, "role": object, "dash": object})
    low, high = (float(drawn["norm"].min()), float(drawn["norm"].max())) if len(drawn) else (0.1, 1.0)
    return {
        "points": points.reset_index(drop=True),
        "names": names,
        "frame": pd.DataFrame({"epoch": [0.0, float(epochs)], "norm": [low / 1.3, high * 1.3]}),
        "about": pd.DataFrame({"text": [title]}),
    }


@kept
def spec() -> Picture:
    """The Vega-Lite spec; treat it as read-only. Its named datasets are those of `datasets`."""
    colour = roles.colour()
    dashes = alt.Scale(domain=[str(place) for place in range(len(_DASHES))], range=list(_DASHES))
    dash = alt.StrokeDash("dash:N", scale=dashes, legend=None)
    x = alt.X(
        "epoch:Q",
        title="epoch",
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(format="d", tickMinStep=1, grid=False),
    )
    y = alt.Y(
        "norm:Q",
        title="norm of the gradient",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(format="~g", labelOverlap=True, tickCount=5),
    )
    points = alt.Chart(alt.NamedData("points"))
    line = points.mark_line(strokeWidth=2.5).encode(x, y, colour, dash, alt.Detail("layer:N"))
    dots = points.mark_point(filled=True, size=70, opacity=1).encode(
        x,
        y,
        colour,
        tooltip=[
            alt.Tooltip("layer:N", title="layer"),
            alt.Tooltip("epoch:Q", format="d"),
            alt.Tooltip("norm:Q", format=".3g", title="norm"),
        ],
    )
    frame = alt.Chart(alt.NamedData("frame")).mark_point(opacity=0, tooltip=None).encode(x, y)
    about = (
        alt.Chart(alt.NamedData("about"))
        .mark_text(align="right", baseline="bottom", dy=-6, fontSize=_SIZE, fontStyle="italic")
        .encode(x=alt.value("width"), y=alt.value(0), text="text:N")
    )
    row = alt.Y("place:O", axis=None)
    names = alt.Chart(alt.NamedData("names"))
    sample = names.mark_rule(strokeWidth=2.5).encode(row, colour, dash, x=alt.value(0), x2=alt.value(36))
    words = names.mark_text(align="left", dx=44, fontSize=_SIZE).encode(row, x=alt.value(0), text="layer:N")
    picture: Picture = (
        alt.vconcat(
            alt.layer(sample, roles.wear(words, roles.INK)).properties(height=alt.Step(_ROW)),
            alt.layer(roles.wear(frame, roles.INK), line, dots, roles.wear(about, roles.INK)).properties(
                height=_HEIGHT
            ),
            spacing=24,
            autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        )
        .configure_view(strokeOpacity=0)
        .configure_axis(labelFontSize=_SIZE, titleFontSize=_SIZE + 1)
    )
    return picture
