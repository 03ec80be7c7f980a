"""Loading torch while somebody reads the home page, so that the first panel need not wait for it."""

from __future__ import annotations

import importlib
import threading

import streamlit as st


@st.cache_resource(show_spinner=False)
def warm_up() -> threading.Thread:
    """Start to load torch beside the page, once a server; the last call of the home page.

    A panel that is opened meanwhile waits for the same import instead of starting its own.
    """
    thread = threading.Thread(target=importlib.import_module, args=("torch",), name="load-torch", daemon=True)
    thread.start()
    return thread
