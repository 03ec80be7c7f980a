"""The home page: the way on, a guide to the right loss and the catalogue as a map, painted before torch is loaded."""

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
_LOOKS = """
.stApp { --lossviz-loss: #2B7BB0; --lossviz-loss: light-dark(#0072B2, #56B4E9); }
[class*="st-key-map_"] {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 0.75rem;
}
[class*="st-key-map_"] :has(a) { width: 100%; height: 100%; }
.stApp [class*="st-key-map_"] > [data-testid="stElementContainer"] { margin: 0; }
[class*="st-key-map_"] a {
  display: flex; flex-direction: column; align-items: stretch; gap: 0.35rem; height: auto; min-height: 100%;
  margin: 0; padding: 0.6rem 0.75rem;
  border: 1px solid rgb(128 128 128 / 40%); border-radius: 0.5rem;
}
[class*="st-key-map_"] a :is(div, p) { margin: 0; }
[class*="st-key-map_"] a p { font-size: 0.85rem; line-height: 1.4; overflow-wrap: anywhere; }
[class*="st-key-map_"] a strong { font-size: 1rem; }
[class*="st-key-map_"] a em { font-style: normal; font-size: 0.8rem; color: var(--lossviz-loss); }
.st-key-advice a { height: auto; }
:is([class*="st-key-map_"], .st-key-advice) a :is(span, div, p) { overflow: visible; white-space: normal; }
[class*="st-key-map_"] a::before {
  content: ""; flex: none; height: 3rem; background-color: var(--lossviz-loss);
  mask: linear-gradient(transparent, transparent);
}
/* One card a row: its curve beside the words, where the words then still have room for the longest name. */
@media (width < 34rem) {
  [class*="st-key-map_"] a { flex-direction: row; gap: 0.75rem; }
  [class*="st-key-map_"] a::before { flex: 0 0 5.5rem; }
}
@media (width < 24rem) { [class*="st-key-map_"] a { flex-direction: column; } }
/* The two ways on are the buttons of the page. */
.stApp .st-key-start a {
  padding: 0.4rem 1rem; margin: 0; border: 1px solid var(--lossviz-loss); border-radius: 0.5rem;
}
.stApp .st-key-start [data-testid="stElementContainer"]:first-child a { background-color: var(--lossviz-loss); }
.stApp .st-key-start [data-testid="stElementContainer"]:first-child a * {
  color: #FFF; color: light-dark(#FFF, #0E1117);
}
"""


def looks() -> None:
    """Send the page's style sheet; first, so that nothing is painted before its looks are known."""
    st.html(f"<style>{_LOOKS}</style>")


def invitation() -> None:
    """Say what can be done here, and lead on."""
    st.markdown(
        "Move the prediction or beta: the loss, its tangent and its gradient follow your hand, and every "
        "number comes from the real `torch` call. Then train a small network on FashionMNIST and watch its curves."
    )
    with st.container(horizontal=True, key="start"):
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
    st.html(f"<style>{_curve_rules()}</style>")
    for category, title in CATEGORIES.items():
        entries = in_category(category)
        if entries:
            st.header(title, anchor=False)
            with st.container(key=f"map_{category}"):
                for entry in entries:
                    _link(
                        entry,
                        f"**{entry.title}**  \n*{entry.name}*  \n{entry.summary}",
                        help=f"When to use it: {entry.use[0]}",
                    )


def _ask(answer: Answer, asked: int) -> Answer | None:
    """Put a question; the answer, if it has been given."""
    labels = {below.label: below for below in answer.answers}
    # Each question has a key of its own, so that another first answer starts the second question anew.
    picked = st.pills(
        f"**{answer.question}**", list(labels), key=f"guide/{asked}/{answer.label}", persist_state="session"
    )
    return labels.get(str(picked))


def _link(entry: LossEntry, label: str, icon: str | None = None, help: str = "") -> None:  # noqa: A002 - as Streamlit's
    # Without words of its own a link would say those of the whole page when pointed at.
    page, way = f"pages/{entry.category}.py", {"loss": entry.name}
    st.page_link(page, label=label, icon=icon, help=help, query_params=way)


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
