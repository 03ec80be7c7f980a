"""The edges of a loss: inputs that break it or silently mislead, run here and told by torch."""

from __future__ import annotations

from importlib.metadata import version

import streamlit as st

from lossviz.losses import snippet
from lossviz.losses.call import available
from lossviz.losses.entry import Edge
from lossviz.ui.panel_state import Panel

_REFUSED = (
    "**lossviz does not run this**, because torch does not check it: it may read outside its memory, or give a number "
    "that means nothing. lossviz says instead"
)


def edges_panel(panel: Panel) -> None:
    """Show the edges of a loss, each closed until somebody wants to see it."""
    entry = panel.entry
    if not entry.edges:
        st.info(f"No input is known that breaks {entry.name}.")
        return
    package = entry.module.partition(".")[0]
    if not available(entry):
        st.info(f"The {package} installed here, {version(package)}, has no {entry.name} to run them with.")
        return
    for place, edge in enumerate(entry.edges):
        _edge(f"edge/{entry.name}/{place}", edge, package)


@st.fragment
def _edge(key: str, edge: Edge, package: str) -> None:
    """An edge that opens; it is not run before."""
    box = st.expander(edge.title, key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        broken, mended = st.columns(2, gap="medium")
        with broken:
            st.markdown(edge.sentence)
            st.code(edge.code.strip(), language="python", wrap_lines=True)
            st.markdown(_REFUSED if edge.refused else f"**{package} {version(package)} says**")
            # Wrapped, for an error of torch's is one long line.
            st.code(snippet.said(edge), language=None, wrap_lines=True)
        with mended:
            st.markdown(f"**Instead:** {edge.fix}")
            st.code(edge.fixed.strip(), language="python", wrap_lines=True)
            st.markdown("**It prints**")
            st.code(snippet.run(edge.fixed).said, language=None, wrap_lines=True)
