"""Numbers by class as bars: logits, probabilities and gradients, groups of them side by side.

Every group has its own scale, so each bar says its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from lossviz.charts import roles
from lossviz.charts.knob_params import index, signal, slice_key
from lossviz.charts.stage import LABEL_SIZE, LATTICE, answer_columns, looked_up
from lossviz.losses.entry import BarGroup, Chosen, LossEntry

_HEIGHT = 84
_HEADROOM = 0.45
"""Room above and below the bars for their numbers, as a share of the scale."""


def alt_text(entry: LossEntry) -> str:
    """What the bars show."""
    return "Bars by class: " + ", ".join(group.title for row in entry.bars for group in row) + "."


def drags(entry: LossEntry) -> Mapping[str, str]:  # noqa: ARG001 - every view has it
    """Bars are not dragged."""
    return {}


def datasets(
    entry: LossEntry,
    chosen: Chosen,  # noqa: ARG001 - every view takes it
    overlays: tuple[str, ...],  # noqa: ARG001 - as above
) -> dict[str, pd.DataFrame]:
    """One row a bar, for each row of groups."""
    return {_name(place): _frame(row) for place, row in enumerate(entry.bars)}


def draw(entry: LossEntry, sliders: Sequence[alt.Parameter]) -> list[alt.LayerChart]:
    """One plot a row of groups."""
    plots = [_row(entry, place) for place in range(len(entry.bars))]
    if sliders:
        plots[0] = plots[0].add_params(*sliders)
    return plots


def _name(place: int) -> str:
    return f"bars_{place}"


def _frame(row: tuple[BarGroup, ...]) -> pd.DataFrame:
    """The bars of a row; ``place`` counts them, with a gap between two groups."""
    bars, place = [], 0
    for group in row:
        low, high = group.domain
        middle = place + (len(group.columns) - 1) / 2
        for column, label in zip(group.columns, group.labels, strict=True):
            first = column == group.columns[0]
            bars.append(
                {
                    "column": column,
                    "label": label,
                    "place": place,
                    "title": group.title if first else "",
                    "middle": middle,
                    "low": low,
                    "high": high,
                    "bar_role": group.role,
                }
            )
            place += 1
        place += 1
    return pd.DataFrame(bars)


def _row(entry: LossEntry, place: int) -> alt.LayerChart:
    row = entry.bars[place]
    count = sum(len(group.columns) for group in row) + len(row) - 1
    columns = answer_columns(entry)
    rows = looked_up(
        alt.Chart(alt.NamedData(_name(place))), slice_key(entry.knobs, index(entry.axis)), LATTICE, columns
    )
    value = "datum[datum.column]"
    for knob in entry.knobs:
        value = f"datum.column == '{knob.key}' ? {signal(knob)} : {value}"
    # All groups share one scale from -1 to 1, or from 0 to 1: each value is drawn as a share of its group's domain.
    bottom = -1.0 if any(group.domain[0] < 0 for group in row) else 0.0
    rows = rows.transform_calculate(value=value).transform_calculate(
        share="clamp(datum.value / max(abs(datum.low), abs(datum.high)), -1, 1)",
        number="isFinite(datum.value) ? format(datum.value, '.3f') : 'not finite'",
    )
    across = alt.Scale(domain=[-0.6, count - 0.4], nice=False, zero=False)
    x = alt.X("place:Q", axis=None, scale=across)
    domain = [bottom * (1 + _HEADROOM) if bottom else -0.12, 1 + _HEADROOM * 1.6]
    y = alt.Scale(domain=domain, nice=False)
    colour = alt.Color("bar_role:N", scale=alt.Scale(domain=list(roles.ROLES)), legend=None)
    edges = rows.transform_calculate(left="datum.place - 0.42", right="datum.place + 0.42")
    bars = (
        edges.transform_filter("isFinite(datum.value)")
        .transform_calculate(zero="0")
        .mark_rect(clip=True)
        .encode(
            x=alt.X("left:Q", axis=None, scale=across),
            x2="right",
            y=alt.Y("zero:Q", axis=None, scale=y),
            y2="share",
            color=colour,
        )
    )
    zero = roles.wear(
        edges.mark_rule(opacity=0.6).encode(
            alt.X("left:Q", axis=None, scale=across), alt.X2("right"), alt.YDatum(0, axis=None, scale=y)
        ),
        roles.INK,
    )
    # A number stands beyond the end of its bar, the class on the other side of the zero line.
    above, below = rows.transform_filter("!(datum.value < 0)"), rows.transform_filter("datum.value < 0")
    numbers = [
        part.mark_text(dy=dy, baseline=baseline, fontSize=LABEL_SIZE - 1, fontWeight="bold").encode(
            x, alt.Y("share:Q", axis=None, scale=y), text="number:N"
        )
        for part, dy, baseline in ((above, -3, "bottom"), (below, 3, "top"))
    ]
    labels = [
        part.transform_calculate(zero="0")
        .mark_text(dy=dy, baseline=baseline, fontSize=LABEL_SIZE - 2)
        .encode(x, alt.Y("zero:Q", axis=None, scale=y), text="label:N")
        for part, dy, baseline in ((above, 3, "top"), (below, -3, "bottom"))
    ]
    titles = (
        rows.transform_filter("datum.title != ''")
        .mark_text(baseline="top", fontSize=LABEL_SIZE)
        .encode(alt.X("middle:Q", axis=None, scale=across), y=alt.value(0), text="title:N")
    )
    words = [roles.wear(part, roles.INK) for part in (*numbers, *labels, titles)]
    return alt.layer(bars, zero, *words).properties(height=_HEIGHT if not bottom else int(_HEIGHT * 1.5))
