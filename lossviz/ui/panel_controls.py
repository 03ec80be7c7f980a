"""What is set with ordinary widgets around the picture: presets above it; options and what is laid over, below."""

from __future__ import annotations

import streamlit as st

from lossviz.charts import picture
from lossviz.losses.lattice import sibling
from lossviz.losses.option import Option
from lossviz.training.panel_link import WayToTraining, to_training
from lossviz.ui import projector
from lossviz.ui.messages import plain
from lossviz.ui.panel_state import Panel
from lossviz.ui.training.session import settings_of_the_session


def take_over(panel: Panel) -> None:
    """Take over what the widgets say; they are drawn later, around the picture that follows them."""
    for option in panel.entry.options:
        label = st.session_state.get(_option_key(panel, option))
        if label is not None:
            panel.move({option.key: label})
    overlays = st.session_state.get(_overlay_key(panel), panel.overlays)
    panel.overlays = tuple(name for name in panel.entry.overlays if name in overlays)


def way_to_training(panel: Panel) -> WayToTraining:
    """The way to a run with the loss as it is set up now."""
    return to_training(panel.entry, panel.state.settings, settings_of_the_session())


def examples(panel: Panel, way: WayToTraining) -> None:
    """Show the presets, the lesson of the one that is shown, and the way to the lab: what stands above the picture."""
    with st.container(horizontal=True, vertical_alignment="center", key="examples"):
        with st.container(key="heading-examples"):
            st.header("Examples", anchor=False)
        for preset in panel.entry.presets:
            st.button(
                preset.title,
                key=f"preset/{panel.entry.name}/{preset.key}",
                help=preset.lesson,
                on_click=panel.apply,
                args=(preset,),
            )
        st.button("Reset", icon=":material/restart_alt:", on_click=panel.reset, type="tertiary")
        # A script of the page copies the address when it is pressed.
        st.button(
            "Link",
            icon=":material/link:",
            key="copy-link",
            help="Copy a link to the panel as it is now.",
            type="tertiary",
        )
        projector.enter(panel)
        st.page_link(
            "pages/training.py",
            label="Train with this loss",
            icon=":material/model_training:",
            query_params=dict(way.parameters),
            disabled=not way.parameters,
            help=_said_of(way),
        )
    shown_now = panel.entry.preset_at(panel.state.settings)
    # The style sheet keeps room for two lines, so that nothing moves when a lesson comes.
    with st.container(key="lesson"):
        st.markdown(f"**{shown_now.title}.** {shown_now.lesson}" if shown_now else _first_step(panel))


def _first_step(panel: Panel) -> str:
    drag = "Drag a dot in the picture, move" if picture.drags(panel.entry) else "Move"
    return f"{drag} a slider, or pick an example above."


def options(panel: Panel, way: WayToTraining) -> None:
    """Show what is touched less often, below the picture: options, what can be laid over, what a run takes along."""
    offered = [name for name in panel.entry.overlays if name != panel.entry.reference]
    names = {name: sibling(panel.entry, name).title for name in offered}
    with st.container(horizontal=True):
        for option in panel.entry.options:
            st.segmented_control(
                option.title,
                list(option.choices),
                format_func=option.words,
                default=str(panel.moved[option.key]),
                key=_option_key(panel, option),
                required=True,
                help=f"{option.key}: {option.help}",
                wrap=True,
            )
        if names:
            st.pills(
                "Lay over it",
                list(names),
                selection_mode="multi",
                default=list(panel.overlays),
                format_func=names.__getitem__,
                key=_overlay_key(panel),
                wrap=True,
            )
    # The way to the lab above says it too; a finger finds no tooltip.
    st.caption(_said_of(way))


def _said_of(way: WayToTraining) -> str:
    """What goes along to a run and what does not, in a line; or why the loss cannot train."""
    if way.why_not:
        return plain(way.why_not)
    takes = f"Training takes along {', '.join(way.carried)}. " if way.carried else ""
    return plain(takes + " ".join(way.left))


def _overlay_key(panel: Panel) -> str:
    return f"overlays/{panel.entry.name}/{panel.generation}"


def _option_key(panel: Panel, option: Option) -> str:
    return f"option/{panel.entry.name}/{option.key}/{panel.generation}"
