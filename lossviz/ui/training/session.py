"""Where the session holds the training page, for pages that only want to know what it is set to."""

from __future__ import annotations

from typing import Final

import streamlit as st

from lossviz.training.settings import Settings

KEY: Final = "training"


def settings_of_the_session() -> Settings:
    """What the next run of this session would train; the defaults before the training page was first open."""
    state = st.session_state.get(KEY)
    return state.settings if state is not None else Settings()
