"""A part of the page that is run again by itself while something goes on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

P = ParamSpec("P")


def watched(view: Callable[P, None], seconds: float | None) -> Callable[P, None]:
    """A part that is run without the rest of the page.

    Args:
        view: What draws the part.
        seconds: How often it is run again by itself; None once there is nothing more to wait for.

    Returns:
        What draws it from now on.
    """
    if seconds is None:
        return st.fragment(view)

    @functools.wraps(view)
    def while_it_goes(*args: P.args, **kwargs: P.kwargs) -> None:
        view(*args, **kwargs)

    # The browser's clock may ask for the part once more after the whole page has been run for the last time. Streamlit
    # would run it, and its front end can take the part away before it is drawn again: all below it moves up by a
    # place, and the next part that is drawn again lands on its neighbour. By a name of its own it is not found then.
    while_it_goes.__qualname__ = f"{view.__qualname__}.{while_it_goes.__name__}.timed"
    return st.fragment(while_it_goes, run_every=seconds)
