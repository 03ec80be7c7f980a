"""What Streamlit's theme cannot say: where a panel's parts stand, how large they are, what a finger moves."""

from __future__ import annotations

import streamlit as st

# Streamlit's are 168 pixels wide, less than two for a step of a prediction, with a thumb of 12.
# The doubled class outweighs Streamlit's own rule.
_SLIDERS = """
<style>
.stApp form.vega-bindings.vega-bindings .vega-bind label { flex-wrap: nowrap; width: 100%; }
.stApp form.vega-bindings.vega-bindings .vega-bind-name { min-width: 7rem; font-size: 1rem; }
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
.stApp .vega-embed > form.vega-bindings { order: -1; margin-bottom: 0.25rem; }
.stApp .vega-embed > form.vega-bindings {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 0 1.5rem;
}
/* The bar of the navigation is 3.75rem high. */
.stApp [data-testid="stMainBlockContainer"]:has(.st-key-panel-head) { padding: 3.75rem 2rem 2rem; }
.stApp [data-testid="stVerticalBlock"]:has(> * > :is(.st-key-panel-head, .st-key-examples)) { gap: 0.5rem; }
.stApp [data-testid="stVerticalBlock"]:has(> * > .st-key-torch-numbers) { gap: 0.25rem; }
/* The head of a panel is low, so that its picture fits a projector of 1280 x 720. */
.stApp .st-key-panel-title { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.stApp .st-key-panel-head { gap: 0.25rem 1rem; }
.stApp .st-key-panel-head > :last-child { flex: 1 1 24rem; min-width: min(24rem, 100%); width: auto; }
.stApp .st-key-panel-head p { font-size: 0.95rem; line-height: 1.25rem; }
/* What the plane of a triplet is moved by stands in it: the sliders come after it. */
.stApp [class*="st-key-picture-ranking-Triplet"] .vega-embed > form.vega-bindings { order: 1; margin: 0.25rem 0 0; }
.stApp :is(.st-key-panel-head, .st-key-examples) button { min-height: 2rem; padding: 0 0.7rem; }
.stApp .st-key-examples { gap: 0.5rem; }
.stApp .st-key-lesson { min-height: 2.5rem; }
.stApp .st-key-lesson p { font-size: 0.9rem; line-height: 1.25rem; }
/* A finger in a picture scrolls the page up and down; what else it does, a script of the page says. */
.stApp [class*="st-key-picture-"] .vega-embed svg { touch-action: pan-y pinch-zoom; }
/* On paper: what is read and not what is pressed, without blank bands, and no picture or program over two pages. */
@media print {
  .stApp :is([data-testid="stHeader"], [data-testid="stSidebar"], .st-key-examples, .st-key-section) { display: none; }
  .stApp, .stApp :is([data-testid="stAppViewContainer"], [data-testid="stMain"]) {
    position: static; height: auto; overflow: visible;
  }
  .stApp [data-testid="stMainBlockContainer"][data-testid] { padding: 0; }
  .stApp :is([class*="st-key-picture-"], [data-testid="stCode"], .st-key-formula) { break-inside: avoid; }
}
.lossviz-copied {
  position: fixed; z-index: 1000000; padding: 0.25rem 0.75rem; border-radius: 0.5rem; background: #262730; color: #fff;
}
/* Room for pictures that have not come yet: what stands below them would move away from under a click. */
.stApp .st-key-pairs-of-garments img { aspect-ratio: 2; }
.stApp .st-key-single-garments img { aspect-ratio: 1; }
/* Loss and gradient share the line, however long they are: a number that is cut off is not the number. */
.stApp .st-key-torch-numbers { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.stApp .st-key-torch-numbers > * { width: auto; min-width: 0; }
.stApp .st-key-torch-numbers [data-testid="stMetricValue"] {
  font-size: 1.5rem; font-variant-numeric: tabular-nums;
}
.stApp .st-key-formula .katex-display { margin: 0.25rem 0; }
.stApp .st-key-formula .katex { font-size: 1.05em; }
/* A formula that is wider than its column is scrolled, not cut off. */
.stApp .katex-display { overflow: auto hidden; margin: 0; padding: 0.35em 0; }
/* As large as the words beside it, so that a formula with its numbers fits one screen. */
.stApp .katex { font-size: 1.05em; }
</style>
"""

# The smallest words of a picture have 13 pixels there (lossviz/charts/stage.py): enlarged, 20 or more. What a hand
# moves in the picture carries its values with it, so no place on the screen has to be computed back.
_PROJECTOR = """
<style>
body:has(.st-key-projector-bar) [data-testid="stPopoverBody"] { zoom: 1.55; }
.stApp:has(.st-key-projector-bar) {
  & :is([data-testid="stHeader"], .st-key-panel-head, .st-key-section) { display: none; }
  & [data-testid="stMainBlockContainer"] {
    --larger: 1.55; zoom: var(--larger); padding: 0.25rem 0.75rem; max-width: none;
  }
  @media (min-width: 1900px) and (min-height: 1000px) {
    & [data-testid="stMainBlockContainer"] { --larger: 2.3; }
  }
  /* Streamlit measures the room for a picture in pixels of the screen, and does not know that they are enlarged. */
  & [class*="st-key-picture-"] { width: calc(100% / var(--larger)); }
  & .vega-embed > form.vega-bindings { width: calc(100% * var(--larger)); }
  & [data-testid="stVerticalBlock"]:has(> * > .st-key-panel-head) { gap: 0; }
  & [data-testid="stVerticalBlock"]:has(> * > .st-key-projector-bar) { gap: 0.25rem; }
  & .st-key-projector-bar { gap: 0.25rem 0.5rem; }
  & .st-key-projector-bar button { min-height: 1.6rem; padding: 0 0.5rem; }
  & .st-key-projector-bar > :last-child { margin-left: auto; }
  & :is(p, button, li):not([data-testid="stMetricValue"] *) { font-size: 0.85rem; line-height: 1.2rem; }
  /* The loss is the headline. */
  & .st-key-torch-numbers { display: block; }
  & .st-key-torch-numbers [data-testid="stMetricValue"] { font-size: 1.4rem; }
  & .st-key-torch-numbers > :first-child [data-testid="stMetricValue"] {
    font-size: 2.75rem; font-weight: 700; line-height: 1.1;
  }
  & .st-key-torch-numbers > :last-child [data-testid="stMetric"] > div {
    display: flex; gap: 0.75rem; align-items: center;
  }
  & .st-key-formula .katex { font-size: 0.85rem; }
  &:has(.st-key-projector-reveal) [aria-roledescription="reading"] { visibility: hidden; }
  & .st-key-formula .katex-display { margin: 0; }
  /* Pale words are not seen on a wall. */
  & :is([data-testid="stCaptionContainer"], [data-testid="stMetricLabel"]) { color: inherit; opacity: 1; }
  & [class*="st-key-picture-"] .role-axis text { fill: currentColor; }
  /* As many sliders side by side as there is room for: the picture needs the height. */
  & .vega-embed > form.vega-bindings {
    grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: 0 0.75rem; margin: 0;
  }
  & form.vega-bindings.vega-bindings .vega-bind-name { min-width: 4rem; font-size: 0.85rem; }
  & form.vega-bindings.vega-bindings input[type="range"] { min-width: 2rem; }
  & form.vega-bindings.vega-bindings input[type="range"] + span { color: inherit; font-size: 0.85rem; }
}
</style>
"""


def style() -> None:
    """Make room for the picture and the hand; the entry point calls this once a run."""
    st.html(_SLIDERS + _PROJECTOR)
