"""A range test of learning rates: its picture, what it says, and a button that takes the suggestion over."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lossviz.charts import range_test as range_test_chart
from lossviz.training import range_test
from lossviz.training.jobs import RunSnapshot
from lossviz.training.looking_inside import RangeTest
from lossviz.ui.training import wording
from lossviz.ui.training.chart import chart
from lossviz.ui.training.state import TrainingState


def range_test_part(state: TrainingState, snapshot: RunSnapshot, name: str) -> None:
    """A range test while it goes and afterwards.

    Args:
        state: The page's state, whose settings take the suggestion.
        snapshot: The run.
        name: The data's name.
    """
    found = test_of(snapshot)
    st.markdown("**Range test of learning rates**")
    chart(
        range_test_chart.spec(),
        range_test_chart.datasets(
            found.table(),
            name,
            suggestion=found.suggestion,
            lowest=found.lowest,
            diverges=found.diverges,
        ),
        range_test_chart.ALT,
    )
    if not snapshot.ended:
        st.caption("The rate rises from step to step. What it says is read off when it is over.")
        return
    st.markdown(_words(found))
    if found.suggestion is None:
        return
    rate = suggested(found.suggestion)

    def take() -> None:
        state.settings = replace(state.settings, learning_rate=rate, range_test=False)
        state.problems = ()
        state.refused.pop("learning_rate", None)

    label = f"Take {rate:g} over into the settings"
    if st.button(label, key="training/range/take", icon=":material/input:", on_click=take):
        st.rerun()  # the settings stand above this part of the page


def test_of(snapshot: RunSnapshot) -> RangeTest:
    """What the test found; while it goes, what its steps so far say."""
    if snapshot.result is not None and snapshot.result.range_test is not None:
        return snapshot.result.range_test
    rates = range_test.rising_rates(snapshot.settings.optimizer)
    return range_test.read(rates, snapshot.step_losses[: len(rates)])


def suggested(rate: float) -> float:
    """A rate with the two digits that a test of this kind can tell.

    >>> suggested(0.0034567)
    0.0035
    """
    return float(f"{rate:.2g}")


def _words(found: RangeTest) -> str:
    if found.suggestion is None:
        return (
            "The loss does not fall at any rate: there is nothing to suggest. Check what the loss is given."
        )
    lowest = f" It is lowest at {found.lowest:.2g}." if found.lowest is not None else ""
    diverges = (
        f" At {found.diverges:.2g} it is back above its start: it diverges."
        if found.diverges is not None
        else " It does not diverge within the rates that were tried."
    )
    steps = wording.count(len(found.losses), "step", "steps")
    return (
        f"The running mean of the loss falls most steeply at **{found.suggestion:.2g}**: that is the suggestion."
        f"{lowest}{diverges} One test of {steps}, with one seed: a place to start from, no optimum. "
        "With one cycle or a cosine, take it as the peak."
    )
