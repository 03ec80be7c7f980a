"""The class probabilities of one picture, as bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.kept_specs import Picture, kept

ALT: Final = (
    "A bar for each class: the probability that the network gives it for this picture. The true class has a bar of "
    "another colour and the words true class behind it. The numbers stand at the bars and in the sentence beside it."
)


def datasets(classes: Sequence[str], probabilities: Sequence[float], label: int) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from, by the names that its spec uses.

    Args:
        classes: The names of the classes.
        probabilities: As many numbers, 0 to 1.
        label: The place of the true class.
    """
    return {
        "bars": pd.DataFrame(
            {
                "class": list(classes),
                "probability": [float(value) for value in probabilities],
                "role": [roles.TARGET if place == label else roles.LOSS for place in range(len(classes))],
                "text": [
                    f"{value * 100:.1f} %{', true class' if place == label else ''}"
                    for place, value in enumerate(probabilities)
                ],
            }
        )
    }


@kept
def spec(classes: tuple[str, ...]) -> Picture:
    """The Vega-Lite spec; treat it as read-only. Its named dataset is that of `datasets`."""
    # The axis is longer than a probability: the words at the longest bar need room.
    bars = alt.Chart(alt.NamedData("bars")).encode(
        alt.X(
            "probability:Q",
            title="probability",
            scale=alt.Scale(domain=[0, 1.35]),
            axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
        ),
        alt.Y("class:N", title=None, sort=list(classes)),
    )
    bar = bars.mark_bar().encode(roles.colour())
    words = bars.mark_text(align="left", dx=4, fontSize=13).encode(text="text:N")
    picture: Picture = (
        alt.layer(bar, roles.wear(words, roles.INK))
        .properties(height=300)
        .configure_axis(labelFontSize=13, titleFontSize=14, labelLimit=120)
    )
    return picture
