"""Where an embedding puts the images."""

from __future__ import annotations

import math

import streamlit as st

from lossviz.charts import embedding_plane as chart
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.jobs import RunSnapshot
from lossviz.training.tasks.looks import Plane
from lossviz.ui.training import wording
from lossviz.ui.training.look_inside.beside import picture_beside_words
from lossviz.ui.training.look_inside.moments import chosen_epoch, last_metrics, looks_by_epoch
from lossviz.ui.training.run_view import title


def show(snapshot: RunSnapshot) -> None:
    """The plane after the epoch chosen, and how near to their like the images lie."""
    looks = looks_by_epoch(snapshot, "plane")
    found = looks.get(epoch := chosen_epoch(snapshot, looks))
    if not isinstance(found, Plane):
        st.info("This run left no plane: it ended before the first was made.")
        return
    when = "before the first step" if epoch == 0 else f"after epoch {epoch} of {snapshot.settings.epochs}"
    # All moments, the chosen one last: so the axes stay while another is chosen.
    planes = [each.points for each in [*looks.values(), found] if isinstance(each, Plane)]
    _, words = picture_beside_words(
        chart.spec(CLASS_NAMES),
        chart.datasets(CLASS_NAMES, planes, found.labels, title(snapshot), when),
        chart.ALT,
    )
    metrics = last_metrics(snapshot)
    accuracy = _accuracy(snapshot)
    active = metrics.get("active share")
    still = (
        f" {wording.percent(active)} of the validation triplets or pairs still have a loss."
        if active is not None
        else ""
    )
    with words:
        st.markdown(
            f"At the end the nearest neighbour of **{wording.percent(accuracy)}** of the validation images is of the "
            f"same class; guessing among ten classes would give about 10 %.{still}"
        )


def _accuracy(snapshot: RunSnapshot) -> float:
    if snapshot.result is not None:
        return snapshot.result.validation_accuracy
    return snapshot.epochs[-1].validation_accuracy if snapshot.epochs else math.nan
