"""The address of a page: the app lets it follow what is shown, and follows it where somebody asks for another.

An address that says already what is shown stays as it is: one that is typed by hand is short, and the browser would
count another as a further step of its history.

A browser sends the address that it shows along with whatever is clicked. While a server is busy, the app may have
written a newer one that the browser has not been told of yet; to follow the old one would undo what the hand has just
done. So an address that the app has left behind counts only when somebody arrives with it, from another page or by
the browser's history.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_PAGE, _ARRIVED = "page_link/page", "page_link/arrived"
_BY_HISTORY, _FROM_A_PAGE = "by history", "from a page"
FURTHEST_BEHIND = 16
"""A browser is not further behind the app than by so many changes."""


@dataclass
class PageLink:
    """The address of one page in one session.

    Attributes:
        written: The query parameters as the app last wrote them, or as it found them when it followed them.
        left: Those before: the app has written others since.
    """

    written: Mapping[str, str] = field(default_factory=dict)
    left: deque[Mapping[str, str]] = field(default_factory=lambda: deque(maxlen=FURTHEST_BEHIND))

    def to_follow(self) -> dict[str, str] | None:
        """The link that somebody asks for, or None where the page stays as it is; asked once a run.

        An empty one is a link only for those whom the history of their browser brings back to it.
        """
        asked = st.query_params.to_dict()
        arrived = st.session_state.pop(_ARRIVED, None)
        if not asked and arrived != _BY_HISTORY:
            return None
        if asked == self.written or (asked in self.left and not arrived):
            return None
        if self.written:
            self.left.append(self.written)
        self.written = asked
        return asked

    def write(self, link: Mapping[str, str], means: Callable[[Mapping[str, str]], bool]) -> None:
        """Let the address bar show a link.

        Args:
            link: The query parameters.
            means: Whether others say the same; then the address stays as it is.
        """
        # What the browser says it shows is older than what the app has written last, while a server is busy.
        if means(self.written) and means(st.query_params.to_dict()):
            return
        st.query_params.from_dict(link)
        if link != self.written:
            self.left.append(self.written)
            self.written = link


def no_link() -> None:
    """Take away what stands in the address of a page that has no link of its own."""
    # A panel's link can come after its page has been left, while a server is busy.
    if st.query_params:
        st.query_params.clear()


def note_arrival(page: str) -> None:
    """Note whether this run was begun by somebody who went to the page; called before a page runs.

    Args:
        page: The page that is about to run.
    """
    # A Streamlit that does not say whether the history was used leaves every link to be followed.
    by_history = getattr(get_script_run_ctx(), "is_history_navigation", None)
    # It stays noted if the run is cut short: the one after it has the same link.
    if by_history:
        st.session_state[_ARRIVED] = _BY_HISTORY
    elif by_history is None or st.session_state.get(_PAGE) != page:
        st.session_state[_ARRIVED] = _FROM_A_PAGE
    st.session_state[_PAGE] = page
