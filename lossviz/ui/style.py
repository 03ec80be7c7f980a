"""What Streamlit's theme cannot say: the style sheets in the folder ``browser``; each says what it is for."""

from __future__ import annotations

import functools
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent / "browser"
_SHEETS = ("panel", "headings", "access", "forced_colors", "copy_link", "projector", "scripts", "paper")
"""In the order in which one outweighs another."""


def style() -> None:
    """Send the style sheets; the entry point calls this once a run."""
    st.html(_all())


@functools.cache
def _all() -> str:
    sheets = "\n".join((_FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in _SHEETS)
    return f"<style>\n{sheets}\n</style>"
