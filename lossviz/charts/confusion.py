"""The confusion matrix: what the network called the images of each class."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.kept_specs import Picture, kept

ALT: Final = (
    "Confusion matrix: the true classes in the rows, the predicted classes in the columns. A field has the more "
    "colour, the more of its row's images are in it; the number is how many. What stands off the diagonal "
    "are mistakes. The numbers stand in the table below it."
)
_SIZE: Final = 460


def datasets(counts: pd.DataFrame, title: str) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from, by the names that its spec uses.

    Args:
        counts: True classes in the rows, predicted classes in the columns.
        title: What stands above the picture: the data's name above all.
    """
    table = counts.to_numpy()
    totals = table.sum(axis=1)
    rows = [
        (true, predicted, int(table[i, j]), float(table[i, j] / totals[i]) if totals[i] else 0.0)
        for i, true in enumerate(counts.index)
        for j, predicted in enumerate(counts.columns)
    ]
    fields = pd.DataFrame(rows, columns=pd.Index(["true", "predicted", "count", "share"]))
    return {"fields": fields, "about": pd.DataFrame({"text": [title]})}


@kept
def spec(classes: tuple[str, ...]) -> Picture:
    """The Vega-Lite spec; treat it as read-only. Its named datasets are those of `datasets`.

    Args:
        classes: The names of the classes, in their order.
    """
    axes = {
        "x": alt.X(
            "predicted:N",
            title="predicted class",
            sort=list(classes),
            axis=alt.Axis(labelAngle=-45, labelOverlap=False),
        ),
        "y": alt.Y("true:N", title="true class", sort=list(classes)),
    }
    fields = alt.Chart(alt.NamedData("fields"))
    # The square root shows the rare mistakes too; the strongest field still lets its number be read.
    share = alt.Opacity("share:Q", scale=alt.Scale(type="sqrt", domain=[0, 1], range=[0, 0.6]), legend=None)
    heat = fields.mark_rect().encode(
        **axes,
        opacity=share,
        tooltip=[
            alt.Tooltip("true:N", title="true class"),
            alt.Tooltip("predicted:N", title="predicted class"),
            alt.Tooltip("count:Q", format=",d", title="images"),
            alt.Tooltip("share:Q", format=".1%", title="share of the true class"),
        ],
    )
    number = (
        fields.transform_filter("datum.count > 0")
        .mark_text(fontSize=13)
        .encode(**axes, text=alt.Text("count:Q", format="d"))
    )
    about = (
        alt.Chart(alt.NamedData("about"))
        .mark_text(align="right", baseline="bottom", dy=-6, fontSize=13, fontStyle="italic")
        .encode(x=alt.value("width"), y=alt.value(0), text="text:N")
    )
    picture: Picture = (
        alt.layer(roles.wear(heat, roles.LOSS), roles.wear(number, roles.INK), roles.wear(about, roles.INK))
        .properties(height=_SIZE)
        .configure_view(strokeOpacity=0.3)
        .configure_axis(labelFontSize=13, titleFontSize=14, labelLimit=110)
    )
    return picture
