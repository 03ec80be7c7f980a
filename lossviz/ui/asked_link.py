"""Which link a page is to follow: one that somebody went to, and no echo of one that the app has left behind.

A browser sends the address that it shows along with whatever is clicked. While a server is busy, the app may have
written a newer one that the browser has not been told of yet; to follow the old one would undo what the hand has just
done. So a link counts when somebody arrives with it: in a new session, from another page, or by the browser's history.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_PAGE, _ARRIVED = "asked_link/page", "asked_link/arrived"


def note_arrival(page: str) -> None:
    """Note whether this run was begun by somebody who went to the page; called before a page runs.

    Args:
        page: The page that is about to run.
    """
    # A Streamlit that does not say whether the history was used leaves every link to be followed.
    by_history = getattr(get_script_run_ctx(), "is_history_navigation", True)
    # It stays noted if the run is cut short: the one after it has the same link.
    if by_history or st.session_state.get(_PAGE) != page:
        st.session_state[_ARRIVED] = True
    st.session_state[_PAGE] = page


def link_to_follow(written: Mapping[str, str] | None) -> dict[str, str] | None:
    """The link that the page is to follow now; it is given once.

    Args:
        written: The link as the app last wrote it for this page; None at the session's first visit.

    Returns:
        Its query parameters, perhaps none at a first visit; None where the page stays as the session left it.
    """
    asked = st.query_params.to_dict()
    arrived = st.session_state.pop(_ARRIVED, False)
    if written is None:
        return asked
    return asked if arrived and asked and asked != written else None
