"""What moves comes first: the browser is left alone with a picture before it gets the rest of the page."""

from __future__ import annotations

import time

import streamlit as st

PAINT_FIRST_SECONDS = 1.2
"""How long the browser is left alone: with 0.8 a slow machine gets the rest before the picture stands."""


def let_the_browser_paint(page: str) -> None:
    """Hold back what follows until the picture before it is painted, once a session.

    Args:
        page: The kind of page; each has something else that would hold its picture up.
    """
    key = f"painted/{page}"
    if not st.session_state.get(key):
        st.session_state[key] = True
        time.sleep(PAINT_FIRST_SECONDS)
