"""A part of a page that can be run again without the rest."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

P = ParamSpec("P")


def own_place(view: Callable[P, None], every: float | None = None) -> Callable[P, None]:
    """A part of the page that is run again alone, in a place that is never anybody else's.

    Args:
        view: What draws the part.
        every: Seconds after which it is run again by itself; None to wait for a hand.

    Returns:
        What draws it from now on.
    """
    fragment = st.fragment(view, run_every=every)

    @functools.wraps(view)
    def placed(*args: P.args, **kwargs: P.kwargs) -> None:
        # A part that is run again right after the whole page makes Streamlit throw away what the page had drawn of it
        # and not sent yet. Its front end then takes the part away until it is drawn again. Without a container around
        # it, all below would move up by one place meanwhile, and each part be drawn over its neighbour.
        with st.container():
            fragment(*args, **kwargs)

    return placed
