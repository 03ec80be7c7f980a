"""The loss part of the pipeline: which loss, its arguments, what it expects, and bugs put in on purpose."""

from __future__ import annotations

import functools
from typing import Final

import streamlit as st

from lossviz.training.classes import CLASS_NAMES
from lossviz.training.objectives import catalogue
from lossviz.training.objectives.argument import Argument
from lossviz.training.objectives.mistakes import MISTAKES, NONE
from lossviz.training.panel_link import to_panel
from lossviz.ui.training import wording
from lossviz.ui.training.part import part
from lossviz.ui.training.pipeline import number_field
from lossviz.ui.training.state import TrainingState
from lossviz.ui.training.typed_field import typed_field

_WIDTH: Final = 150
_CLASS_WIDTH: Final = 110


def loss_part(state: TrainingState) -> None:
    """The loss, and what it expects from the network."""
    inside = part(state, "Loss", wording.loss_line(state.settings))
    if inside is None:
        return
    with inside:
        _choice(state)
        settings = state.settings
        spec = settings.spec
        st.markdown(f"{spec.text}  \n{spec.steps}")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for argument in spec.arguments:
                _argument(state, argument)
            if spec.label_smoothing:
                number_field(state, "label_smoothing")
        code = spec.code(settings.arguments, settings.label_smoothing, settings.mistake)
        st.code(f"loss = {code}", language="python", wrap_lines=True)
        _panel_link(state)
        _mistakes(state)


def _choice(state: TrainingState) -> None:
    key = "training/loss"
    st.session_state[key] = state.settings.loss
    st.selectbox(
        "Loss",
        catalogue.losses(state.settings.task),
        key=key,
        width=340,
        on_change=lambda: state.set_loss(str(st.session_state[key])),
        label_visibility="collapsed",
    )


def _argument(state: TrainingState, argument: Argument) -> None:
    if argument.kind == "switch":
        _switch(state, argument)
    elif argument.kind == "weights":
        _weights(state, argument)
    else:
        _number(state, argument)


def _switch(state: TrainingState, argument: Argument) -> None:
    key = f"training/argument/{argument.name}"
    st.session_state[key] = bool(state.settings.argument(argument.name))
    st.toggle(
        argument.name,
        key=key,
        help=argument.meaning,
        on_change=lambda: state.set_argument(argument.name, str(bool(st.session_state[key]))),
    )


def _number(state: TrainingState, argument: Argument) -> None:
    allowed = argument.allowed
    typed_field(
        state,
        argument.name,
        argument.name,
        argument.as_text(state.settings.argument(argument.name)),
        lambda text: state.set_argument(argument.name, text),
        key=f"training/argument/{argument.name}",
        width=_WIDTH,
        help=f"{argument.meaning} {allowed[0].upper()}{allowed[1:]}.",
    )


def _weights(state: TrainingState, argument: Argument) -> None:
    """A field a class, folded away: they are rarely set, and ten."""
    value = state.settings.argument(argument.name)
    weights = list(value) if isinstance(value, tuple) else []
    key = f"training/argument/{argument.name}"
    with st.popover("Class weights", help=argument.meaning, key=key):
        st.caption(f"{argument.meaning} From {argument.low:g} to {argument.high:.10g}.")
        with st.container(horizontal=True):
            for place, (name, weight) in enumerate(zip(CLASS_NAMES, weights, strict=True)):
                typed_field(
                    state,
                    f"{argument.name}/{place}",
                    name,
                    argument.as_text(weight),
                    functools.partial(state.set_weight, argument.name, place),
                    key=f"{key}/{place}",
                    width=_CLASS_WIDTH,
                )


def _panel_link(state: TrainingState) -> None:
    """Back to where the loss is taught, at the arguments of the run."""
    way = to_panel(state.settings)
    if way is None:
        return
    category, parameters = way
    st.page_link(
        f"pages/{category}.py",
        label=f"Touch {state.settings.loss} on its panel",
        icon=":material/show_chart:",
        query_params=parameters,
    )


def _mistakes(state: TrainingState) -> None:
    possible = state.settings.spec.mistakes
    if not possible:
        return
    key = "training/mistake"
    chosen = state.settings.mistake
    st.session_state[key] = chosen if chosen in possible else None
    st.pills(
        "Wrong on purpose",
        possible,
        format_func=lambda name: MISTAKES[name].title,
        key=key,
        help="Train with a classic bug and see what it does to the curves. Press it once more to take it out.",
        on_change=lambda: state.set("mistake", str(st.session_state[key] or NONE)),
        wrap=True,
    )
    if chosen in MISTAKES:
        mistake = MISTAKES[chosen]
        st.warning(f"{mistake.bug}  \n**Expect:** {mistake.outcome}", icon=":material/bug_report:")
