"""The little that Streamlit's theme cannot say: chart sliders as large as the hand needs them, what a finger moves."""

from __future__ import annotations

import streamlit as st

# Streamlit's are 168 pixels wide, less than two for a step of a prediction, with a thumb of 12.
# The doubled class outweighs Streamlit's own rule.
_SLIDERS = """
<style>
.stApp form.vega-bindings.vega-bindings .vega-bind label { flex-wrap: nowrap; width: 100%; }
.stApp form.vega-bindings.vega-bindings .vega-bind-name { min-width: 5.5rem; font-size: 1rem; }
.stApp form.vega-bindings.vega-bindings input[type="range"] {
  flex: 1 1 auto; width: auto; min-width: 5rem; max-width: 32rem; height: 1.5rem;
}
.stApp form.vega-bindings.vega-bindings input[type="range"]::-webkit-slider-thumb {
  width: 1.25rem; height: 1.25rem; margin-top: -0.5rem;
}
.stApp form.vega-bindings.vega-bindings input[type="range"]::-moz-range-thumb { width: 1.25rem; height: 1.25rem; }
.stApp form.vega-bindings.vega-bindings input[type="range"] + span {
  flex: none; font-size: 1rem; font-variant-numeric: tabular-nums;
}
/* Above the picture: below a tall one they would be out of sight of what they move. */
.stApp .vega-embed:has(> form.vega-bindings) { display: flex; flex-direction: column; }
.stApp .vega-embed > form.vega-bindings { order: -1; margin-bottom: 0.75rem; }
/* A finger in a picture scrolls the page up and down; what else it does, a script of the page says. */
.stApp [class*="st-key-picture-"] .vega-embed svg { touch-action: pan-y pinch-zoom; }
/* Room for pictures that have not come yet: what stands below them would move away from under a click. */
.stApp .st-key-pairs-of-garments img { aspect-ratio: 2; }
.stApp .st-key-single-garments img { aspect-ratio: 1; }
/* Loss and gradient share the line, however long they are: a number that is cut off is not the number. */
.stApp .st-key-torch-numbers { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.stApp .st-key-torch-numbers > * { width: auto; min-width: 0; }
.stApp .st-key-torch-numbers [data-testid="stMetricValue"] {
  font-size: 1.5rem; font-variant-numeric: tabular-nums;
}
/* A formula that is wider than its column is scrolled, not cut off. */
.stApp .katex-display { overflow: auto hidden; }
</style>
"""


def style() -> None:
    """Widen the sliders under the charts; the entry point calls this once a run."""
    st.html(_SLIDERS)
