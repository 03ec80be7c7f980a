"""The text around a loss: when to use it, its signature, what is wrongly said of it, and where it comes from."""

from __future__ import annotations

import streamlit as st

from lossviz.losses.call import signature
from lossviz.losses.entry import Correction, LossEntry


def use_and_avoid(entry: LossEntry) -> None:
    """Show when to use a loss and when not."""
    st.markdown("**When to use it**\n" + "\n".join(f"- {sentence}" for sentence in entry.use))
    st.markdown("**When not**\n" + "\n".join(f"- {sentence}" for sentence in entry.avoid))


def loss_text(entry: LossEntry) -> None:
    """Show a loss's signature, the corrections to what is said of it, and its sources."""
    st.markdown("##### Signature, with the defaults of the torch installed here")
    st.code(signature(entry), language="python")
    st.markdown("##### Often said, and what is true")
    for correction in entry.corrections:
        _correction(correction)
    st.markdown("##### Where it comes from")
    st.markdown("\n".join(f"- [{source.title}]({source.url})" for source in entry.sources))


def _correction(correction: Correction) -> None:
    with st.expander(f"“{correction.claim}”"):
        st.markdown(correction.fact)
        st.code(correction.code, language="python")
        st.markdown("It prints")
        st.code(correction.prints, language=None)
