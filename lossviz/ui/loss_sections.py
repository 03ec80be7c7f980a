"""What stands below a loss panel, one section at a time: the batch, the edges, where the loss comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from lossviz.ui.batch_panel import batch_panel
from lossviz.ui.edges_panel import edges_panel
from lossviz.ui.loss_text import loss_text
from lossviz.ui.panel_state import Panel

BATCH, EDGES, ORIGIN = "Batch", "Edges", "Where it comes from"
KEY = "section"
"""The widget's key: the same on every page, so that the section stays open from loss to loss."""

_OPENED: Mapping[str, Callable[[Panel], None]] = {
    BATCH: batch_panel,
    EDGES: edges_panel,
    ORIGIN: lambda panel: loss_text(panel.entry),
}


@st.fragment
def loss_sections(panel: Panel) -> None:
    """Offer the sections. Nothing of a closed one is computed or sent, and at first all are closed.

    Args:
        panel: The live panel above.
    """
    panel.batch = None
    chosen = st.segmented_control(
        f"More about {panel.entry.title}",
        list(_OPENED),
        key=KEY,
        persist_state="session",
        help="One at a time. A second click closes it.",
    )
    if chosen:
        _OPENED[chosen](panel)
