"""The text around a loss: when to use it, its signature, what is wrongly said of it, and where it comes from."""

from __future__ import annotations

import streamlit as st

from lossviz.losses.call import available, signature
from lossviz.losses.entry import Correction, LossEntry


def use_and_avoid(entry: LossEntry) -> None:
    """Show when to use a loss and when not."""
    use, avoid = st.columns(2, gap="medium")
    for column, heading, sentences in (
        (use, "When to use it", entry.use),
        (avoid, "When not", entry.avoid),
    ):
        column.header(heading, anchor=False)
        column.markdown("\n".join(f"- {sentence}" for sentence in sentences))


def loss_text(entry: LossEntry) -> None:
    """Show a loss's signature, the corrections to what is said of it, and its sources: the section on its origin."""
    if available(entry):
        st.header("Signature, with the defaults of the torch installed here", anchor=False)
        st.markdown(f"`{signature(entry)}`")
    st.header("Often said, and what is true", anchor=False)
    for place, correction in enumerate(entry.corrections):
        _correction(f"correction/{entry.name}/{place}", correction)
    st.header("Where it comes from", anchor=False)
    st.markdown("\n".join(f"- [{source.title}]({source.url})" for source in entry.sources))


@st.fragment
def _correction(key: str, correction: Correction) -> None:
    """A claim that opens: what is inside is not made before, for code is slow to colour in a browser."""
    claim = st.expander(f"“{correction.claim}”", key=key, on_change="rerun")
    if claim.open:
        with claim:
            st.markdown(correction.fact)
            st.code(correction.code, language="python", wrap_lines=True)
            st.markdown("It prints")
            st.code(correction.prints, language=None, wrap_lines=True)
