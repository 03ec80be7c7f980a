"""The parts of the pipeline, each folding to one line: data, network, loss, settings."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from lossviz.training.link import as_text
from lossviz.training.model_tables import LAYERS, parameters
from lossviz.training.presets import PRESETS
from lossviz.training.settings import DEVICES, LOSSES, MODELS, OPTIMIZERS, RANGES, SCHEDULES
from lossviz.ui.training import wording
from lossviz.ui.training.part import part
from lossviz.ui.training.state import TrainingState

_CHOICES: dict[str, tuple[str, ...]] = {
    "learning_rate": ("0.0001", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1"),
    "batch_size": ("16", "32", "64", "128", "256", "512", "1024"),
    "train_size": ("300", "1000", "3000", "10000", "30000", "60000"),
    "validation_share": ("0.02", "0.05", "0.1", "0.2", "0.3", "0.5"),
    "epochs": ("1", "2", "3", "4", "5", "8", "10", "20", "40"),
    "seed": ("0", "1", "2", "3"),
    "label_smoothing": ("0", "0.05", "0.1", "0.2", "0.5"),
}
"""What the fields offer; any other value in range can be typed."""

_WIDTH = 150
"""Pixels: two fields side by side on a phone."""

_HELP = {
    "learning_rate": "How far a step goes. With one cycle it is the peak.",
    "batch_size": "Images a step.",
    "train_size": "Images used, of the 60,000. The validation share is held out of them.",
    "validation_share": "Share of these images that is never trained on.",
    "epochs": "Passes over the training images.",
    "seed": "Picks the images, the first weights and the order of the batches.",
    "optimizer": "How a gradient becomes a step. Its usual learning rate comes with it.",
    "schedule": "One cycle: up to the learning rate in the first 30 % of the steps, then down. Constant: as it is.",
    "device": "Auto takes the first of CUDA, MPS and CPU that is there; the line above the curves names it.",
    "label_smoothing": "Share of the target spread evenly over the ten classes.",
}


def presets(state: TrainingState) -> None:
    """Sets of settings worth a lecture, one click each."""
    by_key = {preset.key: preset for preset in PRESETS}
    key = "training/preset"
    st.session_state[key] = state.preset.key if state.preset else None

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
    """What there is to see with the settings as they are."""
    own = "Settings of your own. A preset above brings back one of those."
    st.caption(state.preset.sentence if state.preset else own)


def network_part(state: TrainingState) -> None:
    """The network: its layers, what comes out of them, how much they learn."""
    inside = part(state, "Network", wording.model_line(state.settings), open_at_first=True)
    if inside is None:
        return
    with inside:
        _segments(state, "model", "Network", MODELS, wording.MODELS)
        st.markdown(wording.MODEL_SENTENCES[state.settings.model])
        layers = LAYERS[state.settings.model]
        table = pd.DataFrame(
            {
                "layer": ["one picture", *(layer.name for layer in layers)],
                "output shape": [
                    "1 × 28 × 28",
                    *(" × ".join(map(str, layer.output_shape)) for layer in layers),
                ],
                "parameters": [
                    "",
                    *(f"{layer.parameters:,}" if layer.parameters else "" for layer in layers),
                ],
            }
        )
        st.table(
            table,
            hide_index=True,
            border="horizontal",
            width="content",
            alt="The layers of the network from the picture to the ten logits, the shape that comes out of each, and "
            "how many numbers it learns.",
        )
        st.markdown(
            f"Together {parameters(state.settings.model):,} parameters. What comes out are ten logits."
        )


def loss_part(state: TrainingState) -> None:
    """The loss, and what it expects from the network."""
    inside = part(state, "Loss", wording.loss_line(state.settings))
    if inside is None:
        return
    with inside:
        _segments(state, "loss", "Loss", LOSSES, {loss: loss for loss in LOSSES})
        st.markdown(
            f"{wording.LOSS_INPUTS[state.settings.loss]}  \n{wording.LOSS_STEPS[state.settings.loss]}"
        )
        if state.settings.loss == "CrossEntropyLoss":
            _field(state, "label_smoothing", "Label smoothing")
            smoothing = state.settings.label_smoothing
            arguments = f"label_smoothing={as_text(smoothing)}" if smoothing else ""
            st.code(f"loss = nn.CrossEntropyLoss({arguments})(network(images), labels)", language="python")
        else:
            st.code("loss = nn.NLLLoss()(network(images).log_softmax(dim=1), labels)", language="python")
            st.caption("The same number as CrossEntropyLoss without label smoothing, in two steps.")


def settings_part(state: TrainingState) -> None:
    """How it is trained."""
    inside = part(state, "Training", wording.training_line(state.settings))
    if inside is None:
        return
    with inside:
        with st.container(horizontal=True):
            _select(state, "optimizer", "Optimiser", OPTIMIZERS, wording.OPTIMIZERS)
            _field(state, "learning_rate", "Learning rate")
            _select(state, "schedule", "Schedule", SCHEDULES, wording.SCHEDULES)
            _field(state, "batch_size", "Batch size")
            _field(state, "epochs", "Epochs")
            _field(state, "train_size", "Images")
            _field(state, "validation_share", "Validation share")
            _field(state, "seed", "Seed")
            _select(state, "device", "Device", DEVICES, wording.DEVICES)
        settings = state.settings
        st.caption(
            f"{settings.train_images:,} images to train on, {settings.validation_images:,} held out for validation; "
            f"{settings.steps_per_epoch:,} steps an epoch, {settings.steps_total:,} in all. "
            "Any value in range can be typed into a field."
        )


def _segments(
    state: TrainingState, name: str, label: str, options: tuple[str, ...], titles: Mapping[str, str]
) -> None:
    key = f"training/{name}"
    st.session_state[key] = getattr(state.settings, name)
    st.segmented_control(
        label,
        options,
        format_func=titles.__getitem__,
        key=key,
        required=True,
        on_change=lambda: state.set(name, str(st.session_state[key])),
        label_visibility="collapsed",
    )


def _select(
    state: TrainingState, name: str, label: str, options: tuple[str, ...], titles: Mapping[str, str]
) -> None:
    key = f"training/{name}"
    st.session_state[key] = getattr(state.settings, name)
    st.selectbox(
        label,
        options,
        format_func=titles.__getitem__,
        key=key,
        help=_HELP[name],
        width=_WIDTH,
        on_change=lambda: state.set(name, str(st.session_state[key])),
    )


def _field(state: TrainingState, name: str, label: str) -> None:
    """A number that can be chosen or typed."""
    key = f"training/{name}"
    value = as_text(getattr(state.settings, name))
    offered = sorted({*_CHOICES[name], value}, key=float)
    st.session_state[key] = value
    low, high = RANGES[name]
    st.selectbox(
        label,
        offered,
        key=key,
        accept_new_options=True,
        width=_WIDTH,
        help=f"{_HELP[name]} From {low:,g} to {high:,.0f}.",
        on_change=lambda: state.set(name, str(st.session_state[key])),
    )
