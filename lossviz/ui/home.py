"""The home page: the catalogue as a map, painted before torch is loaded."""

from __future__ import annotations

import streamlit as st

from lossviz.losses.catalogue import CATEGORIES, in_category
from lossviz.losses.entry import LossEntry


def invitation() -> None:
    """Say what can be done here, and lead on."""
    st.markdown(
        "Move the prediction, the target or beta: the loss, its curve and its gradient follow your hand, and every "
        "number comes from the real `torch` call. Then train a small network on FashionMNIST and watch its curves."
    )
    with st.container(horizontal=True):
        st.page_link("pages/regression.py", label="Touch a loss", icon=":material/show_chart:")
        st.page_link("pages/training.py", label="Train a network", icon=":material/model_training:")


def catalogue_map() -> None:
    """Show a card for every loss, by category, each one click from its panel."""
    for category, title in CATEGORIES.items():
        st.subheader(title)
        for row in _pairs(category):
            for column, entry in zip(st.columns(2), row, strict=False):
                with column.container(border=True, height="stretch"):
                    st.markdown(f"**{entry.name}**  \n{entry.summary}")
                    st.page_link(
                        f"pages/{category}.py",
                        label=f"Open {entry.title}",
                        icon=":material/arrow_forward:",
                        query_params={"loss": entry.name},
                    )


def _pairs(category: str) -> list[tuple[LossEntry, ...]]:
    entries = in_category(category)
    return [entries[start : start + 2] for start in range(0, len(entries), 2)]
