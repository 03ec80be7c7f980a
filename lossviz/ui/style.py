"""The little that Streamlit's theme cannot say: chart sliders as wide as the hand needs them."""

from __future__ import annotations

import streamlit as st

# Vega's own sliders are 168 pixels wide, less than two for a step of a prediction.
_SLIDERS = """
<style>
.vega-bind { display: flex; align-items: center; }
.vega-bind input[type="range"] { width: min(24rem, 48vw) !important; flex: none; min-height: 1.6rem; }
</style>
"""


def style() -> None:
    """Widen the sliders under the charts; the entry point calls this once a run."""
    st.html(_SLIDERS)
