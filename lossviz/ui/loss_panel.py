"""The live loss panel: the picture that follows the hand, and beside it what torch says when the hand rests."""

from __future__ import annotations

from importlib.metadata import version

import streamlit as st

from lossviz.charts import picture
from lossviz.charts.knob_params import chosen, starting_at
from lossviz.losses.batch import constructor_settings
from lossviz.losses.call import Exact, available, exact
from lossviz.losses.catalogue import CATEGORIES, in_category
from lossviz.losses.code import program
from lossviz.losses.digits import shown
from lossviz.losses.entry import LossEntry
from lossviz.losses.latex_lines import case, equation
from lossviz.losses.lattice import sibling
from lossviz.losses.link import PanelState
from lossviz.losses.option import Option
from lossviz.losses.worked import worked, worked_definitions, written
from lossviz.ui.loss_text import use_and_avoid
from lossviz.ui.messages import problems
from lossviz.ui.panel_state import Panel, open_panel

_LINE = 34
"""How many letters of a formula fit a line on a phone, and in the right column of a small laptop."""


def loss_panel(category: str) -> Panel:
    """Show the panel of a category, with the switch between its losses.

    Returns:
        The panel, for what stands below it on the page.
    """
    panel = open_panel(category)
    # What stands below is drawn after the panel, and says then what it shows.
    panel.batch = None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(f"{CATEGORIES[category]} losses", width="content")
        _switch(panel)
    problems(panel.problems)
    st.markdown(f"**{panel.entry.name}** · {panel.entry.summary}")
    if available(panel.entry):
        _live(panel)
    else:
        st.info(missing(panel.entry), icon=":material/update:")
    return panel


def missing(entry: LossEntry) -> str:
    """What to say of a loss that the installed torch does not have."""
    package = entry.module.partition(".")[0]
    needed = f" It came with {package} {entry.since}." if entry.since else ""
    return (
        f"The {package} installed here, {version(package)}, has no {entry.name}.{needed} "
        f"Update it with: pip install --upgrade {package}"
    )


def _switch(panel: Panel) -> None:
    titles = {entry.name: entry.title for entry in in_category(panel.category)}
    key = f"loss/{panel.category}"
    # A link or the way back may have changed the loss since the widget was last drawn.
    st.session_state[key] = panel.entry.name

    def switched() -> None:
        panel.problems = ()
        panel.switch(st.session_state[key] or panel.entry.name)

    st.segmented_control(
        "Loss",
        list(titles),
        format_func=titles.__getitem__,
        key=key,
        required=True,
        on_change=switched,
        label_visibility="collapsed",
    )


@st.fragment
def _live(panel: Panel) -> None:
    """Everything that changes when the hand rests; only this part of the page is run again then."""
    left, answer = st.columns([5, 4], gap="medium")
    with left:
        _picture(panel)
        _controls(panel)
    panel.write_link()
    with answer:
        _answer(panel.state)
        use_and_avoid(panel.entry)
    # The batch below has the panel's margin, weights and the like: when they move, it must be drawn again.
    if panel.batch not in (None, constructor_settings(panel.entry, panel.state.settings)):
        st.rerun()


def _picture(panel: Panel) -> None:
    entry = panel.entry
    _options(panel)
    drawn = starting_at(picture.spec(entry), panel.start)
    overlays = tuple(st.session_state.get(_overlay_key(panel), panel.overlays))
    panel.overlays = tuple(name for name in entry.overlays if name in overlays)
    event = st.vega_lite_chart(
        None,
        {**drawn, "datasets": picture.datasets(entry, panel.chosen, panel.overlays)},
        key=f"curve/{entry.name}/{panel.generation}",
        on_select="rerun",
        width="stretch",
        alt=picture.alt_text(entry),
    )
    panel.move(chosen(event.selection, entry.knobs))
    said = [f"${knob.symbol}$ {knob.key.replace('_', ' ')}: {knob.help}" for knob in entry.knobs]
    st.caption(" · ".join(said))


def _answer(state: PanelState) -> None:
    said = exact(state.entry, state.settings)
    st.markdown("**torch says**")
    loss, gradient = st.columns(2)
    loss.metric("loss", shown(said.loss))
    gradient.metric("gradient", shown(said.gradient))
    _worked(state, said)
    st.code(program(state.entry, state.settings), language="python")
    st.caption(f"Run alone, it prints the gradient and, as its last line, {shown(said.loss)}.")


def _worked(state: PanelState, said: Exact) -> None:
    entry, branches = state.entry, worked(state.entry, state.settings)
    active = next(branch for branch in branches if branch.active)
    rows: list[str] = []
    if len(branches) == 1:
        rows += equation(r"\ell", [active.formula], _LINE)
    else:
        cases = [case(b.formula, b.condition, _LINE - 5, boxed=b.active) for b in branches]
        st.latex(r"\ell = \begin{cases}" + r" \\[4pt] ".join(cases) + r"\end{cases}")
        st.markdown(f"Here ${active.condition_numbers}$, so the **{active.name}** branch applies:")
    for part in worked_definitions(entry, state.settings):
        rows += equation(part.symbol, [part.formula, part.value], _LINE)
    slope = rf"\frac{{\partial \ell}}{{\partial {entry.axis.symbol}}}"
    if active.formula != written(said.loss):
        rows += equation(r"\ell", [active.numbers, written(said.loss)], _LINE)
    rows += equation(slope, [active.gradient, active.gradient_numbers, written(said.gradient)], _LINE)
    st.latex(r"\begin{aligned} " + r" \\[6pt] ".join(rows) + r" \end{aligned}")


def _overlay_key(panel: Panel) -> str:
    return f"overlays/{panel.entry.name}/{panel.generation}"


def _option_key(panel: Panel, option: Option) -> str:
    return f"option/{panel.entry.name}/{option.key}/{panel.generation}"


def _options(panel: Panel) -> None:
    """Take over what the options' widgets say; they are drawn later, under the picture that follows them."""
    for option in panel.entry.options:
        label = st.session_state.get(_option_key(panel, option))
        if label is not None:
            panel.move({option.key: label})


def _controls(panel: Panel) -> None:
    for option in panel.entry.options:
        st.segmented_control(
            option.key.replace("_", " "),
            list(option.choices),
            default=str(panel.moved[option.key]),
            key=_option_key(panel, option),
            required=True,
            help=option.help,
        )
    names = {name: sibling(panel.entry, name).title for name in panel.entry.overlays}
    if names:
        st.pills(
            "Lay over it",
            list(names),
            selection_mode="multi",
            default=list(panel.overlays),
            format_func=names.__getitem__,
            key=_overlay_key(panel),
        )
    st.markdown("**Try**")
    with st.container(horizontal=True):
        for preset in panel.entry.presets:
            st.button(
                preset.title,
                key=f"preset/{panel.entry.name}/{preset.key}",
                help=preset.lesson,
                on_click=panel.apply,
                args=(preset,),
            )
        st.button("Reset", icon=":material/restart_alt:", on_click=panel.reset, type="tertiary")
    shown_now = panel.entry.preset_at(panel.state.settings)
    if shown_now:
        st.info(f"**{shown_now.title}.** {shown_now.lesson}", icon=":material/school:")
