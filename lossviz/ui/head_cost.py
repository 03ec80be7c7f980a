"""What a last layer with its loss costs: parameters and logits as torch counts them, and time measured on request."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import streamlit as st

from lossviz.losses import head_cost as cost
from lossviz.losses.entry import LossEntry
from lossviz.losses.head_cost import ON_THE_PAGE, TWO_STEPS

_TIMES = "head_cost/times"
_MEASURING = threading.Lock()
"""Two measurements at once would measure each other."""


def head_cost(entry: LossEntry) -> None:
    """Show what the heads cost, below a loss that is one of them; nothing is computed before it is opened."""
    if entry.name in cost.HEADS:
        _head_cost()


@st.fragment
def _head_cost() -> None:
    box = st.expander("What a last layer costs", key="head_cost", on_change="rerun")
    if not box.open:
        return
    with box:
        size = ON_THE_PAGE
        st.markdown(
            f"A layer for {size.classes:,} classes on {size.features} features, trained with {size.rows} targets a "
            f"step; the adaptive head has cutoffs at {' and '.join(f'{c:,}' for c in size.cutoffs)}. Parameters and "
            "sizes are those of torch's own modules and tensors."
        )
        if st.button("Measure a training step here", icon=":material/timer:"):
            _measure()
        times: Mapping[str, float] = st.session_state.get(_TIMES, {})
        st.markdown(_table(times))
        if times:
            st.caption(
                "The median of three forward and backward passes on the machine that lossviz runs on, the heads in "
                f"turn; × is against {TWO_STEPS}. Making the logits in chunks takes less memory, not less time."
            )
        st.caption(
            "How much memory a step takes is measured by benchmarks/heads.py, in a process for each head."
        )


def _measure() -> None:
    if not _MEASURING.acquire(blocking=False):
        st.info("Somebody else is measuring here just now. Try again in a moment.")
        return
    try:
        with st.spinner("Measuring"):
            st.session_state[_TIMES] = cost.step_times(ON_THE_PAGE)
    finally:
        _MEASURING.release()


def _table(times: Mapping[str, float]) -> str:
    """The costs as a Markdown table; the times once they have been measured."""
    costs = cost.costs(ON_THE_PAGE)
    base = costs[TWO_STEPS].parameters
    lines = [
        f"| | parameters | | all logits of a step |{' a step | |' if times else ''}",
        f"|:--|--:|--:|--:|{'--:|--:|' if times else ''}",
    ]
    for head, found in costs.items():
        logits = "only those needed" if found.logits is None else f"{found.logits / 2**20:.1f} MiB"
        line = f"| {head} | {found.parameters:,} | ×{found.parameters / base:.2f} | {logits} |"
        if times:
            line += f" {times[head] * 1000:.0f} ms | ×{times[head] / times[TWO_STEPS]:.2f} |"
        lines.append(line)
    return "\n".join(lines)
