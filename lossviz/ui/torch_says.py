"""What torch says when the hand rests: the number, the formula with the numbers in it, and the code."""

from __future__ import annotations

import streamlit as st

from lossviz.losses.call import Exact
from lossviz.losses.code import program
from lossviz.losses.digits import shown
from lossviz.losses.equations import Equation, Worked
from lossviz.losses.float32 import remarks
from lossviz.losses.kept_answers import at_work, exact, worked_definitions
from lossviz.losses.latex_lines import case, equation, lines
from lossviz.losses.link import PanelState
from lossviz.losses.plain_symbol import gradient_name
from lossviz.losses.worked import WorkedDefinition
from lossviz.ui.messages import plain

_LINE = 38
"""How many letters of a formula fit a line on a phone, and in the right column of a small laptop."""

_FOLDED_LINE = 33
"""How many fit a line within an opened box, which has a margin."""

_ABOUT = "≈ because numbers are rounded: torch's float32 keeps about 7 digits, and this page shows 6 to 10."

_HIDDEN = "?"

_MOST_PARTS = 3
"""A formula of more named parts than this shows them only when asked."""

_MOST_LINES = 8.5
"""How high a formula may be with its parts, in lines of text; beyond it the parts are shown only when asked."""


def numbers(state: PanelState, *, hidden: bool = False) -> Exact:
    """Show the loss and its gradient, and under them what torch warns of.

    Args:
        state: The setting.
        hidden: Whether question marks stand for both, and nothing under them.

    Returns:
        Both, for the formula.
    """
    said = exact(state.entry, state.settings)
    st.header("torch says", anchor=False)
    # The style sheet gives each half of the room, whatever its digits: what stands below must not jump.
    with st.container(horizontal=True, gap="small", key="torch-numbers"):
        st.metric("loss", _HIDDEN if hidden else shown(said.loss))
        st.metric(gradient_name(state.entry), _HIDDEN if hidden else shown(said.gradient))
    if hidden:
        return said
    for remark in remarks(state.entry, state.settings, said):
        st.caption(plain(remark))
    for warning in said.warnings:
        st.caption(f"torch warns: {plain(warning)}")
    return said


def code(state: PanelState, said: Exact) -> None:
    """Show the code that prints the number."""
    st.header("The code", anchor=False)
    whole = st.toggle("Print what else the picture shows", key="whole-program")
    st.code(program(state.entry, state.settings, whole=whole), language="python", wrap_lines=True)
    printed = f"the gradient and, as its last line, {shown(said.loss)}" if whole else shown(said.loss)
    st.caption(f"Run alone, it prints {printed}.")


def formula_in_symbols(state: PanelState) -> None:
    """Show the formula alone: no number, and not which of its cases applies."""
    branches = at_work(state.entry, state.settings).branches
    if len(branches) == 1:
        _aligned(equation(r"\ell", [branches[0].formula], _LINE))
    else:
        _cases([case(b.formula, b.condition, _LINE - 5, boxed=False) for b in branches])


def formula(state: PanelState) -> None:
    """Show the formula at work."""
    work = at_work(state.entry, state.settings)
    branches, active = work.branches, work.active
    cases: list[str] = []
    rows: list[str] = []
    if len(branches) == 1:
        rows += equation(r"\ell", [active.formula], _LINE)
    else:
        cases += [case(b.formula, b.condition, _LINE - 5, boxed=b.active) for b in branches]
        _cases(cases)
        st.markdown(f"Here ${active.condition_numbers}$, so the **{active.name}** branch applies:")
    parts = worked_definitions(state.entry, state.settings, work.digits)
    beside = [row for part in parts for row in _part(part, _LINE)]
    results = result_rows(work)
    fold = len(parts) > _MOST_PARTS or sum(map(lines, [*cases, *rows, *beside, *results])) > _MOST_LINES
    _aligned([*rows, *([] if fold else beside), *results])
    if work.rounded:
        st.caption(_ABOUT)
    if fold and parts:
        named = [f"${part.symbol}$: {part.words}" for part in parts if part.outermost and part.words]
        if named:
            st.caption("; ".join(named))
        _folded(state, parts)


def result_rows(work: Worked) -> list[str]:
    """The lines from the formula to the two numbers, as rows of LaTeX's ``aligned``."""
    slope, loss = work.gradient, work.loss
    rows = equation(slope.name, slope.sides, _LINE, slope.signs) + _in_float32(slope)
    if len(set(loss.sides)) == 1 and not loss.in_float32:
        return rows
    # The formula in symbols stands above.
    return equation(loss.name, loss.sides[1:], _LINE, loss.signs[1:]) + _in_float32(loss) + rows


def _in_float32(found: Equation) -> list[str]:
    return [rf"&\quad \text{{torch, in float32: }} {{{found.in_float32}}}"] if found.in_float32 else []


def _folded(state: PanelState, parts: tuple[WorkedDefinition, ...]) -> None:
    """Many parts, made only when somebody asks."""
    named = ", ".join(f"${part.symbol}$" for part in parts if part.outermost)
    box = st.expander(f"The parts: {named}", key=f"parts/{state.entry.name}", on_change="rerun")
    if box.open:
        with box:
            _aligned([row for part in parts for row in (*_words(part), *_part(part, _FOLDED_LINE))])


def _part(part: WorkedDefinition, width: float) -> list[str]:
    return equation(part.symbol, [part.formula, part.value], width)


def _words(part: WorkedDefinition) -> list[str]:
    return [rf"&\text{{{part.words}:}}"] if part.words else []


def _cases(cases: list[str]) -> None:
    st.latex(r"\ell = \begin{cases}" + r" \\[2pt] ".join(cases) + r"\end{cases}")


def _aligned(rows: list[str]) -> None:
    st.latex(r"\begin{aligned} " + r" \\[2pt] ".join(rows) + r" \end{aligned}")
