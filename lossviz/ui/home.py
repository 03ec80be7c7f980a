"""The home page: a guide to the right loss and the catalogue as a map, painted before torch is loaded."""

from __future__ import annotations

import functools

import streamlit as st

from lossviz.charts.small_curve import data_url
from lossviz.losses.catalogue import CATEGORIES, catalogue, in_category
from lossviz.losses.entry import LossEntry
from lossviz.losses.guide import GUIDE, Answer
from lossviz.losses.small_curves import small_curves

# A card is a link, and its curve a mask over the theme's colour of a loss: no chart, no picture, no other element.
# What this does not reach (a new loss without a curve, an old browser) is still a link with its name.
_CARDS = """
[class*="st-key-map_"] {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 0.75rem;
}
[class*="st-key-map_"] :has(a) { width: 100%; height: 100%; }
.stApp [class*="st-key-map_"] > [data-testid="stElementContainer"] { margin: 0; }
[class*="st-key-map_"] a {
  display: flex; flex-direction: column; align-items: stretch; gap: 0.25rem; height: auto; min-height: 100%;
  margin: 0; padding: 0.6rem 0.75rem;
  border: 1px solid rgb(128 128 128 / 40%); border-radius: 0.5rem;
}
[class*="st-key-map_"] a :is(div, p) { margin: 0; }
[class*="st-key-map_"] a p { font-size: 0.8rem; line-height: 1.4; overflow-wrap: anywhere; }
[class*="st-key-map_"] a strong { font-size: 0.95rem; }
.st-key-advice a { height: auto; }
:is([class*="st-key-map_"], .st-key-advice) a :is(span, div, p) { overflow: visible; white-space: normal; }
[class*="st-key-map_"] a::before {
  content: ""; flex: none; height: 3rem; background-color: #2B7BB0;
  background-color: light-dark(#0072B2, #56B4E9); mask: linear-gradient(transparent, transparent);
}
"""


def invitation() -> None:
    """Say what can be done here, and lead on."""
    # First, so that nothing is painted before its looks are known.
    st.html(f"<style>{_CARDS}{_curve_rules()}</style>")
    st.markdown(
        "Move the prediction, the target or beta: the loss, its curve and its gradient follow your hand, and every "
        "number comes from the real `torch` call. Then train a small network on FashionMNIST and watch its curves."
    )
    with st.container(horizontal=True):
        st.page_link("pages/regression.py", label="Touch a loss", icon=":material/show_chart:")
        st.page_link("pages/training.py", label="Train a network", icon=":material/model_training:")


@st.fragment
def guide() -> None:
    """Ask what is predicted, and lead to the losses that fit."""
    answer, asked = GUIDE, 0
    with st.container(border=True):
        while answer.question:
            chosen = _ask(answer, asked)
            if chosen is None:
                return
            answer, asked = chosen, asked + 1
        with st.container(key="advice", gap="xsmall"):
            for advice in answer.advice:
                entry = catalogue()[advice.loss]
                _link(entry, f"**{entry.title}**: {advice.why}", icon=":material/arrow_forward:")


def catalogue_map() -> None:
    """Show a card for every loss, by category, each one click from its panel."""
    for category, title in CATEGORIES.items():
        entries = in_category(category)
        if entries:
            st.markdown(f"#### {title}")
            with st.container(key=f"map_{category}"):
                for entry in entries:
                    _link(entry, f"**{entry.title}**  \n{entry.name}")


def _ask(answer: Answer, asked: int) -> Answer | None:
    """Put a question; the answer, if it has been given."""
    labels = {below.label: below for below in answer.answers}
    # Each question has a key of its own, so that another first answer starts the second question anew.
    picked = st.pills(
        f"**{answer.question}**", list(labels), key=f"guide/{asked}/{answer.label}", persist_state="session"
    )
    return labels.get(str(picked))


def _link(entry: LossEntry, label: str, icon: str | None = None) -> None:
    st.page_link(f"pages/{entry.category}.py", label=label, icon=icon, query_params={"loss": entry.name})


@functools.cache
def _curve_rules() -> str:
    """For every loss that has a small curve, the rule that draws it on the loss's card."""
    rules = []
    for name, curve in small_curves().items():
        if name in catalogue():
            mask = f'url("{data_url(curve)}")'
            card = f'[class*="st-key-map_"] a[href$="loss={name}"]::before'
            rules.append(f"{card} {{ mask: {mask} 0 0 / 100% 100% no-repeat; }}")
    return "\n".join(rules)
