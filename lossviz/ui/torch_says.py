"""What torch says when the hand rests: the number, the formula with the numbers in it, and the code."""

from __future__ import annotations

import streamlit as st

from lossviz.losses.call import Exact, exact
from lossviz.losses.code import program
from lossviz.losses.digits import shown
from lossviz.losses.latex_lines import case, equation
from lossviz.losses.link import PanelState
from lossviz.losses.worked import WorkedBranch, WorkedDefinition, worked, worked_definitions, written
from lossviz.ui.messages import plain

_LINE = 34
"""How many letters of a formula fit a line on a phone, and in the right column of a small laptop."""

_FOLDED_LINE = 30
"""How many fit a line within an opened box, which has a margin."""

_MOST_PARTS = 3
"""A formula of more named parts than this shows them only when asked."""


def numbers(state: PanelState) -> Exact:
    """Show the loss and its gradient, and under them what torch warns of.

    Returns:
        Both, for the formula.
    """
    said = exact(state.entry, state.settings)
    st.markdown("**torch says**")
    # As wide as its digits: a number that is cut off is not the number.
    with st.container(horizontal=True, gap="large"):
        st.metric("loss", shown(said.loss), width="content")
        st.metric("gradient", shown(said.gradient), width="content")
    for warning in said.warnings:
        st.caption(f"torch warns: {plain(warning)}")
    return said


def reasons(state: PanelState, said: Exact) -> None:
    """Show the formula at work, and the code that prints the number."""
    _formula(state, said)
    st.code(program(state.entry, state.settings), language="python")
    st.caption(f"Run alone, it prints the gradient and, as its last line, {shown(said.loss)}.")


def _formula(state: PanelState, said: Exact) -> None:
    branches = worked(state.entry, state.settings)
    active = next(branch for branch in branches if branch.active)
    rows: list[str] = []
    if len(branches) == 1:
        rows += equation(r"\ell", [active.formula], _LINE)
    else:
        cases = [case(b.formula, b.condition, _LINE - 5, boxed=b.active) for b in branches]
        st.latex(r"\ell = \begin{cases}" + r" \\[4pt] ".join(cases) + r"\end{cases}")
        st.markdown(f"Here ${active.condition_numbers}$, so the **{active.name}** branch applies:")
    parts = worked_definitions(state.entry, state.settings)
    if len(parts) <= _MOST_PARTS:
        rows += _parts(parts, _LINE)
    _aligned([*rows, *_results(state, active, said)])
    if len(parts) > _MOST_PARTS:
        _folded(state, parts)


def _results(state: PanelState, active: WorkedBranch, said: Exact) -> list[str]:
    """The lines from the formula to the two numbers."""
    slope = rf"\frac{{\partial \ell}}{{\partial {state.entry.axis.symbol}}}"
    rows = equation(slope, [active.gradient, active.gradient_numbers, written(said.gradient)], _LINE)
    if active.formula == written(said.loss):
        return rows
    return equation(r"\ell", [active.numbers, written(said.loss)], _LINE) + rows


def _folded(state: PanelState, parts: tuple[WorkedDefinition, ...]) -> None:
    """Many parts, made only when somebody asks."""
    named = ", ".join(f"${part.symbol}$" for part in parts)
    box = st.expander(f"The parts: {named}", key=f"parts/{state.entry.name}", on_change="rerun")
    if box.open:
        with box:
            _aligned(_parts(parts, _FOLDED_LINE))


def _parts(parts: tuple[WorkedDefinition, ...], width: float) -> list[str]:
    return [row for part in parts for row in equation(part.symbol, [part.formula, part.value], width)]


def _aligned(rows: list[str]) -> None:
    st.latex(r"\begin{aligned} " + r" \\[6pt] ".join(rows) + r" \end{aligned}")
