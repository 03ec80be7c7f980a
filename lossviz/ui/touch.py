"""A finger in a picture, followed as a mouse is."""

from __future__ import annotations

import streamlit as st

# A browser sends all moves of a finger to the mark that it pressed first, whatever lies under it later, and Vega would
# take the knob's value from that mark. No option of Streamlit or Vega-Lite lets go of it.
_LET_GO = """
<script>
if (!window.lossvizFollowsFingers) {
  window.lossvizFollowsFingers = true;
  document.addEventListener("pointerdown", (event) => {
    const mark = event.target;
    if (mark.closest(".vega-embed") && mark.hasPointerCapture(event.pointerId)) {
      mark.releasePointerCapture(event.pointerId);
    }
  }, true);
}
</script>
"""


def follow_fingers() -> None:
    """Let a finger move a picture's knobs; the entry point calls this last, where its empty element takes no room."""
    st.html(_LET_GO, unsafe_allow_javascript=True)
