"""The live loss panel: the picture that follows the hand, and beside it what torch says when the hand rests."""

from __future__ import annotations

from importlib.metadata import version

import streamlit as st

from lossviz.charts import picture
from lossviz.charts.slider_state import starting_at
from lossviz.charts.stage import EXACT
from lossviz.losses.batch import constructor_settings
from lossviz.losses.call import Exact, available
from lossviz.losses.catalogue import HEADINGS, in_category
from lossviz.losses.entry import LossEntry
from lossviz.losses.plain_symbol import named
from lossviz.ui import panel_controls, projector, torch_says
from lossviz.ui.loss_text import use_and_avoid
from lossviz.ui.messages import problems
from lossviz.ui.paint_first import let_the_browser_paint
from lossviz.ui.panel_state import Panel, open_panel


def loss_panel(category: str) -> Panel:
    """Show the panel of a category, with the switch between its losses.

    Returns:
        The panel, for what stands below it on the page.
    """
    panel = open_panel(category)
    # What stands below is drawn after the panel, and says then what it shows.
    panel.batch = None
    # Seen by those who read the page by its headings: the switch says the same to the others.
    with st.container(key="panel-title"):
        st.title(HEADINGS[category], anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", key="panel-head"):
        _switch(panel)
        st.markdown(f"**{panel.entry.name}** · {panel.entry.summary}")
    problems(panel.problems)
    _way_elsewhere(panel)
    if available(panel.entry):
        _live(panel)
    else:
        st.info(missing(panel.entry), icon=":material/update:")
    return panel


def _way_elsewhere(panel: Panel) -> None:
    """The way to the loss that the link meant, if it stands on another page."""
    if panel.problems and panel.elsewhere:
        entry = panel.elsewhere.entry
        st.page_link(
            f"pages/{entry.category}.py",
            label=f"Go to {entry.name}",
            icon=":material/arrow_forward:",
            query_params=dict(panel.elsewhere.parameters),
        )


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
        wrap=True,
    )


@st.fragment
def _live(panel: Panel) -> None:
    """Everything that changes when the hand rests; only this part of the page is run again then."""
    panel_controls.take_over(panel)
    panel.take_over_knobs()
    way = panel_controls.way_to_training(panel)
    if panel.projector:
        projector.bar(panel)
    else:
        panel_controls.examples(panel, way)
    left, right = st.columns([4, 3], gap="medium")
    # The number before the picture: the browser would show one that comes after it a third of a second later.
    with right:
        said = torch_says.numbers(panel.state, hidden=panel.hidden)
    with left:
        _picture(panel, said)
    panel.write_link()
    # What colours code and sets formulas is 1.8 MB of script, which would hold the picture up for as long.
    let_the_browser_paint("panel")
    with right, st.container(key="formula", gap="xsmall"):
        show = torch_says.formula_in_symbols if panel.hidden else torch_says.formula
        show(panel.state)
    if panel.projector:
        with right:
            projector.lesson(panel)
        return
    st.caption(" · ".join(f"{named(knob)}: {knob.help}" for knob in panel.entry.knobs))
    panel_controls.options(panel, way)
    torch_says.code(panel.state, said)
    use_and_avoid(panel.entry)
    # The batch below has the panel's margin, weights and the like: when they move, it must be drawn again.
    if panel.batch not in (None, constructor_settings(panel.entry, panel.state.settings)):
        st.rerun()


def _picture(panel: Panel, said: Exact) -> None:
    entry = panel.entry
    data = {
        **picture.tables(entry, panel.chosen, panel.overlays),
        **picture.framed_tables(entry, panel.chosen, panel.framed),
        EXACT: picture.exact_table(entry, panel.state.settings, said),
    }
    drawn_for = picture.projector_spec if panel.projector else picture.spec
    drawn = starting_at(drawn_for(entry), panel.start)
    st.vega_lite_chart(
        None,
        {**drawn, "datasets": data},
        key=panel.picture_key,
        on_select="rerun",
        width="stretch",
        alt=picture.alt_text(entry, enlarged=panel.projector),
    )
