"""The one job manager that all sessions of a server share."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lossviz.training.home import home
from lossviz.training.jobs import JobManager


def manager() -> JobManager:
    """The server's job manager, made when the first training page opens.

    Raises:
        HomeError: lossviz has no folder that it may write to.
    """
    return _manager(str(home()))


@st.cache_resource(show_spinner=False)
def _manager(folder: str) -> JobManager:
    return JobManager(home=Path(folder))
