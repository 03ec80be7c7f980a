"""What the browser does by itself on every page: it keeps sliders, follows fingers, copies, speaks, tidies its history.

The scripts stand in the folder ``browser``; each says what it is for, and why Streamlit or Vega needs it.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

import streamlit as st

from lossviz.losses.catalogue import CATEGORIES

_FOLDER = Path(__file__).parent / "browser"
_SCRIPTS = (
    "pictures",
    "sliders",
    "fingers",
    "clipboard",
    "address",
    "copy_link",
    "projector",
    "spoken",
    "formulas",
)
"""In the order in which one uses another."""


def browser_scripts() -> None:
    """Send the scripts; the entry point calls this before the page: a hand may touch it before all of it has come."""
    # The style sheet gives their empty element no room.
    with st.container(key="browser-scripts"):
        st.html(_once(), unsafe_allow_javascript=True)


@functools.cache
def _once() -> str:
    """All scripts as one, which a browser runs once however often it gets it."""
    scripts = "\n".join((_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    known = f"const panelPages = {json.dumps(list(CATEGORIES))};"
    once = f"window.lossvizScripts = true;\n(() => {{\n{known}\n{scripts}\nwatchPictures();\n}})();"
    return f"<script>\nif (!window.lossvizScripts) {{\n{once}\n}}\n</script>"
