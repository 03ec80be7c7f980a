"""How long the gradient of the loss is in each layer."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import streamlit as st

from lossviz.charts import gradient_norms as chart
from lossviz.training.jobs import RunSnapshot
from lossviz.ui.messages import plain
from lossviz.ui.training.look_inside.beside import picture_beside_words
from lossviz.ui.training.run_view import title


def show(snapshot: RunSnapshot) -> None:
    """The norm of the gradient by epoch and layer."""
    table = gradient_table(snapshot)
    if not len(table):
        st.info("This run did not measure its gradients: it is of an older version, or ended too soon.")
        return
    _, words = picture_beside_words(
        chart.spec(), chart.datasets(table, snapshot.settings.epochs, title(snapshot)), chart.ALT
    )
    with words:
        st.markdown(gradient_words(table))
        st.caption(
            "The Euclidean norm over all weights and biases of a layer, of the loss on one fixed batch of training "
            "images, in eval mode. Before the first step it stands at epoch 0. Vanishing: from the last layer to the "
            "first each is shorter than the next by a large factor. Exploding: it grows from epoch to epoch without "
            "end."
        )
    with st.expander("The norms as a table"):
        st.dataframe(
            table.pivot_table(index="epoch", columns="layer", values="norm", sort=False),
            alt="The norm of the gradient in each layer, a row for each epoch.",
        )


def gradient_table(snapshot: RunSnapshot) -> pd.DataFrame:
    """The norm of the gradient by epoch and layer; no row where the run did not measure it.

    Returns:
        A row an epoch and layer, first layer first: epoch (0 before the first step), layer ("layer 1, Conv2d 1 → 16,
        3x3"), norm.
    """
    measured = [(epoch.epoch, epoch.gradient_norms) for epoch in snapshot.epochs]
    if snapshot.initial is not None:
        measured.insert(0, (0, snapshot.initial.gradient_norms))
    rows = [
        # "1 Conv2d 1 → 16" has three numbers, and the first is the layer's own.
        (epoch, f"layer {name.replace(' ', ', ', 1)}", norm)
        for epoch, norms in measured
        for name, norm in norms.items()
    ]
    return pd.DataFrame(rows, columns=pd.Index(["epoch", "layer", "norm"])).astype(
        {"epoch": int, "layer": object, "norm": float}
    )


def gradient_words(table: pd.DataFrame) -> str:
    """Where the gradient is longest and shortest after the last epoch, in Markdown.

    Args:
        table: As `gradient_table` gives it, not empty.
    """
    last = table.loc[table["epoch"] == table["epoch"].max()]
    epoch = int(last["epoch"].iloc[0])
    when = "Before the first step" if epoch == 0 else f"After epoch {epoch}"
    if not np.isfinite(last["norm"]).all():
        return f"{when} the gradient is **not finite**: from there on nothing can be learned."
    longest, shortest = last.loc[last["norm"].idxmax()], last.loc[last["norm"].idxmin()]
    silent = [plain(str(name)) for name in last.loc[last["norm"] == 0, "layer"]]
    if silent:
        return f"{when} the gradient is **exactly 0** in {', '.join(silent)}: nothing is learned there."
    if len(last) == 1:
        return f"{when} the gradient of {plain(str(longest['layer']))} has a norm of {longest['norm']:.3g}."
    factor = longest["norm"] / shortest["norm"]
    start = table.loc[table["epoch"] == table["epoch"].min()]
    whole = [math.sqrt(float((part["norm"] ** 2).sum())) for part in (start, last)]
    course = (
        f"\n\nOver all layers its norm went from {whole[0]:.3g} to {whole[1]:.3g}."
        if len(table) > len(last)
        else ""
    )
    return (
        f"{when} the gradient is longest in {plain(str(longest['layer']))} ({longest['norm']:.3g}) and shortest in "
        f"{plain(str(shortest['layer']))} ({shortest['norm']:.3g}): a factor of {factor:.3g} between them.{course}"
    )
