"""What stands around the picture on a projector: the way through the presets, and the way back."""

from __future__ import annotations

import streamlit as st

from lossviz.losses.knob import Knob, compact
from lossviz.losses.plain_symbol import named
from lossviz.ui.messages import problems
from lossviz.ui.panel_state import Panel

_GUESS = "What do you predict?"
_NO_LESSON = "Drag the dot in the picture, or press Next for an example."


def enter(panel: Panel) -> None:
    """Offer the large view. A script of the page asks the browser for the whole screen when it is pressed."""
    st.button(
        "Projector",
        icon=":material/present_to_all:",
        key="projector-enter",
        help="Show the picture and the number large, for a class.",
        on_click=panel.show_large,
        kwargs={"large": True},
        type="tertiary",
    )


def bar(panel: Panel) -> None:
    """Show what is above the picture: the loss's name, the way through the presets, and the way back."""
    # The style sheet knows the view by this key, and takes away from the page what is not in it.
    with st.container(horizontal=True, vertical_alignment="center", key="projector-bar"):
        st.markdown(f"**{panel.entry.name}**", width="content")
        _step(panel, "Previous", "arrow_back", -1)
        _step(panel, "Next", "arrow_forward", 1)
        _exact_values(panel)
        _hide_or_reveal(panel)
        # A script of the page presses it when the browser's full screen or the key Escape ends the view.
        st.button(
            "Leave projector",
            icon=":material/close:",
            key="projector-leave",
            on_click=panel.show_large,
            kwargs={"large": False},
            type="tertiary",
        )


def lesson(panel: Panel) -> None:
    """Show the lesson of the preset that is shown, and which of them it is."""
    entry = panel.entry
    now = entry.preset_at(panel.state.settings)
    with st.container(key="projector-lesson"):
        if now is None:
            st.markdown(_GUESS if panel.hidden else _NO_LESSON)
        else:
            place = f"{entry.presets.index(now) + 1} of {len(entry.presets)}"
            # A lesson often says the number.
            st.markdown(f"{place}: **{now.title}.** {_GUESS if panel.hidden else now.lesson}")


def _exact_values(panel: Panel) -> None:
    """A field for each knob, for a number that a slider is slow to find."""
    with st.popover("Values", icon=":material/keyboard:", help="Type exact values"):
        for knob in panel.entry.knobs:
            key = f"typed/{knob.key}"
            # The field follows the slider, and what was typed goes to the nearest step.
            st.session_state[key] = compact(float(panel.moved[knob.key]))
            st.text_input(named(knob), key=key, on_change=_typed, args=(panel, knob, key))
        problems(panel.typed)


def _typed(panel: Panel, knob: Knob, key: str) -> None:
    panel.take_typed(knob, st.session_state[key])


def _hide_or_reveal(panel: Panel) -> None:
    # The style sheet hides the reading in the picture as long as the second key is there.
    label, icon, key = (
        ("Reveal the number", "visibility", "projector-reveal")
        if panel.hidden
        else ("Hide the number", "visibility_off", "projector-hide")
    )
    st.button(
        label,
        icon=f":material/{icon}:",
        key=key,
        help="Let the class guess first.",
        on_click=panel.hide,
        kwargs={"hidden": not panel.hidden},
    )


def _step(panel: Panel, label: str, icon: str, by: int) -> None:
    st.button(
        label,
        icon=f":material/{icon}:",
        key=f"projector-{label.lower()}",
        on_click=panel.step,
        args=(by,),
    )
