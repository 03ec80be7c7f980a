"""The loss around the trained weights."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from lossviz.charts import landscape as chart
from lossviz.training.jobs import RunSnapshot
from lossviz.training.looking_inside import LANDSCAPE_CAVEAT
from lossviz.ui.training import wording
from lossviz.ui.training.look_inside.beside import picture_beside_words
from lossviz.ui.training.run_view import title


def show(snapshot: RunSnapshot) -> None:
    """The slice that the run measured, and what a slice cannot say."""
    found = snapshot.result.landscape if snapshot.result is not None else None
    if found is None:
        why = (
            "This run did not measure it: it was stopped, or ended before."
            if snapshot.settings.landscape
            else "This run did not measure it. Switch on the loss landscape in the training settings, and train again."
        )
        st.info(why)
        return
    grid = found.grid()
    _, words = picture_beside_words(
        chart.spec(),
        chart.datasets(
            grid, found.axis(), found.centre, f"{title(snapshot)}, {found.images:,} training images"
        ),
        chart.ALT,
    )
    with words:
        st.markdown(landscape_words(grid, found.centre))
        st.caption(LANDSCAPE_CAVEAT)
        st.caption(
            f"{found.side} × {found.side} points, each the mean loss on the same {found.images:,} training images; "
            "between the points it is interpolated. At 1 every filter has moved by its own length (Li et al. 2018); "
            f"biases stay. It took {wording.duration(found.seconds)}."
        )


def landscape_words(grid: np.ndarray[tuple[int, ...], np.dtype[np.float64]], centre: float) -> str:
    """What the slice shows, by its own numbers, in Markdown.

    Args:
        grid: The losses, shape (side, side).
        centre: The loss of the trained weights.
    """
    finite = grid[np.isfinite(grid)]
    if not len(finite) or not math.isfinite(centre):
        return "The loss is not finite there: there is nothing to see."
    lowest, highest = float(finite.min()), float(finite.max())
    sentences = [
        f"The trained weights lie at **{centre:.3g}**, the highest point of the slice at {highest:.3g}."
    ]
    if lowest < centre - max(1e-6, abs(centre) * 1e-3):
        sentences.append(
            f"Its lowest point is {lowest:.3g}, below the trained weights: they are no minimum of this slice."
        )
    else:
        sentences.append("No point of the slice is lower: along these two directions they lie in a minimum.")
    infinite = int(np.isposinf(grid).sum())
    missing = int(np.isnan(grid).sum())
    if infinite:
        sentences.append(f"At {wording.count(infinite, 'point', 'points')} the loss is not finite.")
    if missing:
        sentences.append(
            f"{wording.count(missing, 'point was', 'points were')} not measured: the time did not suffice."
        )
    return " ".join(sentences)
