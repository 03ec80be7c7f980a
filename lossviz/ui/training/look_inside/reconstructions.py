"""What an autoencoder draws of the images."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lossviz.charts.pictures import sheet
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.jobs import RunSnapshot
from lossviz.training.tasks.looks import Pictures
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.look_inside.moments import chosen_epoch, last_metrics, looks_by_epoch
from lossviz.ui.training.run_view import title


def show(snapshot: RunSnapshot) -> None:
    """Validation images and what the network draws of them, the worst first."""
    looks = looks_by_epoch(snapshot, "pictures")
    found = looks.get(epoch := chosen_epoch(snapshot, looks))
    if not isinstance(found, Pictures) or not len(found.indices):
        st.info("This run left no reconstructions: it ended before the first was made.")
        return
    errors = reconstruction_errors(found)
    order = np.argsort(-errors, kind="stable")
    metrics = last_metrics(snapshot)
    with st.container(horizontal=True):
        for name in ("mean squared error", "mean absolute error"):
            if epoch == max(looks) and name in metrics:
                st.metric(f"{name}, validation", f"{metrics[name]:.4f}", width="content")
    st.markdown(
        f"Validation images ({plain(title(snapshot))}) above, what the network draws of them below; the worst first, "
        f"of the {wording.count(len(order), 'image', 'images')} that a run keeps."
    )
    pairs = np.concatenate([found.originals, found.reconstructions], axis=1)
    st.image(
        [sheet(pairs[place][None], 1, times=5, gap=10) for place in order],
        caption=[f"{CLASS_NAMES[found.labels[place]]}: error {errors[place]:.4f}" for place in order],
        width=150,
        alt=[
            f"{CLASS_NAMES[found.labels[place]]}, {title(snapshot)}, validation image number {found.indices[place]}, "
            "above its reconstruction"
            for place in order
        ],
    )
    st.caption(
        "Error: the mean squared error of the pixels, on the scale from 0 (black) to 1 (white), whatever the loss was."
    )


def reconstruction_errors(pictures: Pictures) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The mean squared error of each picture, pixels from 0 to 1, shape (N,)."""
    difference = (pictures.originals.astype(np.float64) - pictures.reconstructions.astype(np.float64)) / 255
    return np.asarray((difference**2).mean(axis=(1, 2)))
