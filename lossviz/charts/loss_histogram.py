"""How the loss is spread over the images: many near nothing, a few that carry the mean."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.kept_specs import Picture, kept

ALT: Final = (
    "Two histograms over the loss of a single validation image. Above, how many images have that loss, those "
    "classified wrongly set apart by colour. Below, what share of the mean loss they carry together. A line marks the "
    "mean."
)
BINS: Final = 24


def datasets(losses: pd.DataFrame, title: str) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from, by the names that its spec uses.

    Args:
        losses: What `lossviz.training.calibration.sample_losses` gives; images with an infinite loss are put into
            the last bin and counted in the title.
        title: What stands above the picture: the data's name above all.
    """
    values = losses["loss"].to_numpy(dtype=np.float64)
    finite = values[np.isfinite(values)]
    top = float(finite.max()) if len(finite) and finite.max() > 0 else 1.0
    place = np.minimum((np.where(np.isfinite(values), values, top) / top * BINS).astype(np.int64), BINS - 1)
    right = losses["right"].to_numpy(dtype=bool)
    carried = np.bincount(place, np.where(np.isfinite(values), values, 0), BINS)
    total = carried.sum()
    bins = pd.DataFrame({"left": np.arange(BINS), "right_edge": np.arange(1, BINS + 1)}) * top / BINS
    good, bad = np.bincount(place[right], minlength=BINS), np.bincount(place[~right], minlength=BINS)
    # One stack a bin: the wrong ones stand on the right ones.
    images = pd.concat(
        [
            bins.assign(role=roles.LOSS, kind="right", images=good, bottom=0, top=good),
            bins.assign(role=roles.GRADIENT, kind="wrong", images=bad, bottom=good, top=good + bad),
        ],
        ignore_index=True,
    )
    shares = bins.assign(share=carried / total if total else carried)
    infinite = len(values) - len(finite)
    note = f"{title} · {infinite:,} infinite" if infinite else title
    mean = float(finite.mean()) if len(finite) else 0.0
    return {
        "images": images,
        "shares": shares,
        "about": pd.DataFrame({"text": [note], "mean": [mean], "label": [f"mean {mean:.3f}"]}),
    }


@kept
def spec() -> Picture:
    """The Vega-Lite spec; treat it as read-only. Its named datasets are those of `datasets`."""
    colour = roles.colour()
    images = (
        alt.Chart(alt.NamedData("images"))
        .mark_rect()
        .encode(
            alt.X("left:Q", title=""),
            alt.X2("right_edge"),
            alt.Y("bottom:Q", title="images", scale=alt.Scale(type="sqrt")),
            alt.Y2("top"),
            colour,
            tooltip=["kind:N", alt.Tooltip("images:Q", format=",d")],
        )
    )
    shares = roles.wear(
        alt.Chart(alt.NamedData("shares"))
        .transform_calculate(zero="0")
        .mark_rect()
        .encode(
            alt.X("left:Q", title="loss of an image"),
            alt.X2("right_edge"),
            alt.Y("zero:Q", title="share of the mean", axis=alt.Axis(format="%")),
            alt.Y2("share"),
            tooltip=[alt.Tooltip("share:Q", format=".1%", title="share of the mean")],
        ),
        roles.LOSS,
    )
    about = alt.Chart(alt.NamedData("about"))
    mean = [
        roles.wear(about.mark_rule(strokeDash=[4, 4], strokeWidth=2).encode(alt.X("mean:Q")), roles.INK)
        for _ in range(2)
    ]
    words = roles.wear(
        about.mark_text(align="left", baseline="top", dx=5, dy=4, fontSize=13, fontWeight="bold").encode(
            alt.X("mean:Q"), y=alt.value(0), text="label:N"
        ),
        roles.INK,
    )
    title = roles.wear(
        about.mark_text(align="right", baseline="bottom", dy=-6, fontSize=13, fontStyle="italic").encode(
            x=alt.value("width"), y=alt.value(0), text="text:N"
        ),
        roles.INK,
    )
    picture: Picture = alt.vconcat(
        alt.layer(images, mean[0], words, title).properties(height=170),
        alt.layer(shares, mean[1]).properties(height=120),
        spacing=6,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    ).configure_axis(labelFontSize=13, titleFontSize=14)
    return picture
