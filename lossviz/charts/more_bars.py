"""The rows of bars that stand below everything else: what is looked at after the idea has been seen."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lossviz.charts import bars
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.stage import Plot, not_dragged
from lossviz.losses.entry import Chosen, LossEntry

drags = not_dragged


def alt_text(entry: LossEntry) -> str:
    """What these rows show."""
    return "Below, more bars: " + ", ".join(group.title for row in entry.bars[1:] for group in row) + "."


def datasets(
    entry: LossEntry,  # noqa: ARG001 - every view takes it
    chosen: Chosen,  # noqa: ARG001 - as above
    overlays: tuple[str, ...],  # noqa: ARG001 - as above
) -> dict[str, pd.DataFrame]:
    """Nothing: the first row brings the bars of all rows."""
    return {}


def draw(entry: LossEntry, sliders: Sequence[alt.Parameter]) -> list[Plot]:  # noqa: ARG001 - never the first view
    """One plot a row of groups, from the second on."""
    return [bars.drawn_row(entry, place) for place in range(1, len(entry.bars))]
