"""A field for a number: what is typed and cannot be taken stays in it, and the reason stands below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from lossviz.ui.messages import problems
from lossviz.ui.training.state import TrainingState

_REFUSED_WIDTH: Final = 320
"""Pixels: a reason needs more room than a number."""


def typed_field(
    state: TrainingState,
    name: str,
    label: str,
    value: str,
    take: Callable[[str], None],
    *,
    key: str,
    width: int,
    help: str | None = None,  # noqa: A002 - as Streamlit calls it
) -> None:
    """A field of text, because Streamlit's fields of numbers drop in the browser what they do not know.

    Args:
        state: The page's state, which remembers what it has refused.
        name: The name that `state.refused` has for it.
        label: What stands above it.
        value: The number as it is.
        take: What takes the text over, or refuses it.
        key: The widget's key.
        width: Its width in pixels.
        help: What a number here means.
    """
    refused = state.refused.get(name)
    st.session_state[key] = refused.text if refused else value
    with st.container(width=max(width, _REFUSED_WIDTH) if refused else width):
        st.text_input(label, key=key, help=help, on_change=lambda: take(str(st.session_state[key])))
        if refused:
            problems([f"{refused.problem} It stays {value}."], ":material/edit_off:")
