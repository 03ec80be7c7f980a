"""The live picture of the home page: one loss to touch before torch is loaded, and the way to its panel."""

from __future__ import annotations

import streamlit as st

from lossviz.charts.home_picture import ALT_TEXT, LOSS, home_picture
from lossviz.charts.slider_state import starting_at
from lossviz.losses.catalogue import catalogue
from lossviz.losses.link import PanelState, to_link
from lossviz.ui.panel_state import Panel

_PANEL = "panel/home"


@st.fragment
def live_picture() -> None:
    """Show the picture and, below it, a link that leads to the panel in the state in which the hand rests."""
    panel = _panel()
    panel.take_over_knobs()
    kept = home_picture()
    st.markdown(f"**{LOSS}**: drag the dot, or move prediction and beta.")
    st.vega_lite_chart(
        None,
        {**starting_at(kept.spec, panel.start), "datasets": kept.tables},
        key=panel.picture_key,
        on_select="rerun",
        width="stretch",
        alt=ALT_TEXT,
    )
    with st.container(key="way-to-panel"):
        st.page_link(
            f"pages/{panel.entry.category}.py",
            label="Open this setting with its formula and code",
            icon=":material/arrow_forward:",
            help="",
            query_params=to_link(panel.state),
        )


def _panel() -> Panel:
    """What the picture shows in this session: a panel without an address of its own."""
    panel: Panel | None = st.session_state.get(_PANEL)
    if panel is None:
        entry = catalogue()[LOSS]
        panel = Panel("home", entry, {}, ())
        panel.set(PanelState(entry, entry.defaults))
        st.session_state[_PANEL] = panel
    return panel
