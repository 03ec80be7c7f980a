"""A part of the pipeline: it folds to one line that says what was chosen."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import streamlit as st

from lossviz.ui.training.state import TrainingState


def part(
    state: TrainingState, name: str, chosen: str, *, open_at_first: bool = False
) -> AbstractContextManager[Any] | None:
    """A part of the pipeline, folded or open as it was left.

    Args:
        state: The page's state, which remembers.
        name: What the part is called.
        chosen: What was chosen in it, in one line of Markdown.
        open_at_first: Whether it is open until something is trained; then the curves have the first screen.

    Returns:
        Where the part's contents go, or None while it is folded.
    """
    key = f"training/part/{name}"
    st.session_state[key] = state.parts.get(name, open_at_first and state.shown == (None, ()))

    def folded() -> None:
        state.parts[name] = st.session_state[key]

    expander = st.expander(f"**{name}** · {chosen}", key=key, on_change=folded)
    return expander if expander.open else None
