"""The parts of the pipeline, each folding to one line: data, network, loss, settings."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from lossviz.training.link import as_text
from lossviz.training.model_tables import layers, parameters_of
from lossviz.training.presets import ALL_PRESETS
from lossviz.training.settings import (
    DEVICES,
    MEANINGS,
    MODELS,
    OPTIMIZERS,
    RANGES,
    SCHEDULES,
    SWITCHES,
    TASKS,
    Settings,
    allowed,
)
from lossviz.ui.training import wording
from lossviz.ui.training.part import part
from lossviz.ui.training.state import TrainingState
from lossviz.ui.training.typed_field import typed_field

_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "learning_rate": ("0.0001", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1"),
    "batch_size": ("16", "32", "64", "128", "256", "512", "1024"),
    "train_size": ("300", "1000", "3000", "10000", "30000", "60000"),
    "validation_share": ("0.02", "0.05", "0.1", "0.2", "0.3", "0.5"),
    "epochs": ("1", "2", "3", "4", "5", "8", "10", "20", "40"),
    "seed": ("0", "1", "2", "3"),
    "label_smoothing": ("0", "0.05", "0.1", "0.2", "0.5"),
    "dropout": ("0", "0.1", "0.2", "0.3", "0.5", "0.8"),
    "label_noise": ("0", "0.1", "0.2", "0.4", "0.6"),
    "early_stopping": ("0", "2", "3", "5", "10"),
}
"""Values of each number that are often taken, for its help."""

_SELECTS: Final[Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]]] = {
    "optimizer": (OPTIMIZERS, wording.OPTIMIZERS),
    "schedule": (SCHEDULES, wording.SCHEDULES),
    "device": (DEVICES, wording.DEVICES),
}
"""Settings that are one of a few, and their titles."""

_ELSEWHERE: Final = frozenset({"label_smoothing"})
"""Numbers that stand in another part: with the loss."""

_FIRST: Final = (
    "optimizer",
    "learning_rate",
    "schedule",
    "batch_size",
    "epochs",
    "train_size",
    "validation_share",
)
"""What is changed most comes first; all others follow in the order of the settings."""

_LABELS: Final[Mapping[str, str]] = {"optimizer": "Optimiser", "train_size": "Images"}
"""What is called otherwise than the setting's name says."""

_WIDTH: Final = 150
"""Pixels: two fields side by side on a phone."""

_HELP: Final[Mapping[str, str]] = {
    "learning_rate": "How far a step goes. With one cycle or a cosine it is the peak.",
    "batch_size": "Images a step.",
    "train_size": "Images used, of the 60,000. The validation share is held out of them.",
    "validation_share": "Share of these images that is never trained on.",
    "epochs": "Passes over the training images.",
    "seed": "Picks the images, the first weights and the order of the batches.",
    "optimizer": "How a gradient becomes a step. Its usual learning rate comes with it.",
    "schedule": "One cycle: up to the learning rate in the first 30 % of the steps, then down. Cosine: from the "
    "learning rate down to 0. Constant: as it is.",
    "device": "Auto takes the first of CUDA, MPS and CPU that is there; the line above the curves names it.",
    "label_smoothing": "Share of the target spread evenly over the ten classes.",
}


def task_choice(state: TrainingState) -> None:
    """What the network is to do; the losses, the networks and the presets follow from it."""
    key = "training/task"
    st.session_state[key] = state.settings.task
    st.segmented_control(
        "Task",
        TASKS,
        format_func=wording.TASKS.__getitem__,
        key=key,
        required=True,
        on_change=lambda: state.set_task(str(st.session_state[key])),
        label_visibility="collapsed",
    )


def presets(state: TrainingState) -> None:
    """Sets of settings worth a lecture, one click each."""
    task = state.settings.task
    by_key = {preset.key: preset for preset in ALL_PRESETS if preset.settings.task == task}
    key = "training/preset"
    preset = state.preset
    st.session_state[key] = preset.key if preset and preset.key in by_key else None

    def chosen() -> None:
        if st.session_state[key]:
            state.apply(by_key[st.session_state[key]])

    st.pills(
        "Presets",
        list(by_key),
        format_func=lambda name: by_key[name].title,
        key=key,
        on_change=chosen,
        label_visibility="collapsed",
        wrap=True,
    )


def preset_sentence(state: TrainingState) -> None:
    """The task, and what there is to see with the settings as they are."""
    own = "Settings of your own. A preset above brings back one of those."
    task = state.settings.task
    st.caption(
        f"**{wording.TASKS[task]}**: {wording.TASK_SENTENCES[task]}  \n"
        f"{state.preset.sentence if state.preset else own}"
    )


def network_part(state: TrainingState) -> None:
    """The network: its layers, what comes out of them, how much they learn."""
    inside = part(state, "Network", wording.model_line(state.settings), open_at_first=True)
    if inside is None:
        return
    with inside:
        settings = state.settings
        _segments(state, "model", "Network", MODELS, wording.MODELS)
        st.markdown(wording.MODEL_SENTENCES.get(settings.model, ""))
        stack = layers(settings)
        table = pd.DataFrame(
            {
                "layer": ["one picture", *(layer.name for layer in stack)],
                "output shape": [
                    "1 × 28 × 28",
                    *(" × ".join(map(str, layer.output_shape)) for layer in stack),
                ],
                "parameters": [
                    "",
                    *(f"{layer.parameters:,}" if layer.parameters else "" for layer in stack),
                ],
            }
        )
        st.table(
            table,
            hide_index=True,
            border="horizontal",
            width="content",
            alt="The layers of the network from the picture to what it gives, the shape that comes out of each, and "
            "how many numbers it learns.",
        )
        st.markdown(
            f"Together {parameters_of(settings):,} parameters. What comes out: {wording.OUTPUTS[settings.task]}."
        )


def settings_part(state: TrainingState) -> None:
    """How it is trained: a field for every setting that has no other place."""
    inside = part(state, "Training", wording.training_line(state.settings))
    if inside is None:
        return
    with inside:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for name in _names():
                if name in _SELECTS:
                    _select(state, name)
                else:
                    number_field(state, name)
        with st.container(horizontal=True):
            for name in SWITCHES:
                _toggle(state, name)
        settings = state.settings
        st.caption(
            f"{settings.train_images:,} images to train on, {settings.validation_images:,} held out for validation; "
            f"{settings.steps_per_epoch:,} steps an epoch, {settings.steps_total:,} in all. "
            "Any value in range can be typed into a field; its help tells the range."
        )


def _names() -> list[str]:
    """The settings that have a field here, in order."""
    all_of_them = [each.name for each in dataclasses.fields(Settings)]
    here = [name for name in all_of_them if name in _SELECTS or (name in RANGES and name not in _ELSEWHERE)]
    return [*_FIRST, *(name for name in here if name not in _FIRST)]


def _label(name: str) -> str:
    return _LABELS.get(name, wording.setting_name(name).capitalize())


def _help(name: str) -> str:
    return _HELP.get(name) or MEANINGS.get(name, "")


def _segments(
    state: TrainingState, name: str, label: str, options: tuple[str, ...], titles: Mapping[str, str]
) -> None:
    key = f"training/{name}"
    st.session_state[key] = getattr(state.settings, name)
    st.segmented_control(
        label,
        options,
        format_func=lambda option: titles.get(option, option),
        key=key,
        required=True,
        on_change=lambda: state.set(name, str(st.session_state[key])),
        label_visibility="collapsed",
        wrap=True,
    )


def _select(state: TrainingState, name: str) -> None:
    key = f"training/{name}"
    options, titles = _SELECTS[name]
    st.session_state[key] = getattr(state.settings, name)
    st.selectbox(
        _label(name),
        options,
        format_func=lambda option: titles.get(option, option),
        key=key,
        help=_help(name),
        width=_WIDTH,
        on_change=lambda: state.set(name, str(st.session_state[key])),
    )


def _toggle(state: TrainingState, name: str) -> None:
    key = f"training/{name}"
    st.session_state[key] = getattr(state.settings, name)
    st.toggle(
        _label(name),
        key=key,
        help=_help(name),
        on_change=lambda: state.set(name, as_text(bool(st.session_state[key]))),
    )


def number_field(state: TrainingState, name: str) -> None:
    """A setting that is a number; its range and a few usual values stand in the help."""
    typed_field(
        state,
        name,
        _label(name),
        as_text(getattr(state.settings, name)),
        lambda text: state.set(name, text),
        key=f"training/{name}",
        width=_WIDTH,
        help=f"{_help(name)} It is {allowed(name)}, such as {', '.join(_USUAL[name])}.",
    )
