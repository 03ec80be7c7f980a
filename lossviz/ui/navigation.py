"""The pages of lossviz and the way to them.

Streamlit has an older router that runs a script in ``pages/`` by itself when a fresh server is first asked
for that page: without the entry point, and with bare navigation. Every page therefore calls :func:`guard`
first, which hands over to the entry point.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

import streamlit as st

from lossviz.losses.catalogue import CATEGORIES
from lossviz.ui.page_link import note_arrival

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

_HELP = {
    "regression": "L1, MSE, SmoothL1, Huber, Poisson and Gaussian: a number against a number, live.",
    "classification": "Cross-entropy, NLL, BCE, focal and margin losses: logits, probabilities, gradients, live.",
    "ranking": "Margins and embeddings: triplet, cosine, hinge and ranking losses on distances and angles, live.",
    "distribution": "KL divergence: two distributions, both directions, live.",
    "sequence": "CTC, adaptive softmax and fused cross-entropy: sequences and large outputs, live.",
    "boxes": "Generalised, distance and complete IoU losses: move a box, live.",
}

# Set while the entry point runs the page, so a page can tell who runs it. Session state would not do: it
# outlives the run.
_routed: ContextVar[bool] = ContextVar("lossviz_routed", default=False)


def pages() -> dict[str, list[StreamlitPage]]:
    """Every page by the section of the navigation it stands in.

    Pages have no icons: Streamlit would fetch each from the internet for the browser tab.
    """
    losses = [
        st.Page(f"pages/{key}.py", title=title, url_path=key, help=_HELP[key])
        for key, title in CATEGORIES.items()
    ]
    return {
        "": [
            st.Page(
                "pages/home.py",
                title="Home",
                default=True,
                help="What lossviz is, and the way to every loss.",
            )
        ],
        "Losses": losses,
        "Lab": [
            st.Page(
                "pages/training.py",
                title="Training",
                url_path="training",
                help="Train a small network on FashionMNIST and watch its curves.",
            )
        ],
    }


def build() -> StreamlitPage:
    """Build the navigation; the entry point calls this once.

    Returns:
        The page that was asked for, to be given to :func:`run`.
    """
    # On top: a sidebar would take the width that the picture needs on a projector.
    return st.navigation(pages(), position="top")


def run(page: StreamlitPage) -> None:
    """Run a page as one that was reached through the entry point."""
    note_arrival(page.url_path)
    token = _routed.set(True)
    try:
        page.run()
    finally:
        _routed.reset(token)


def guard() -> None:
    """Hand over to the entry point if this page was run without it; every page calls this first."""
    if not _routed.get():
        # Building the navigation switches the whole server to it; the rerun then starts at the entry point.
        build()
        st.rerun()
