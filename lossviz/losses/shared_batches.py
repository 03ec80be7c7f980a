"""The tensors and the batch that the losses of one prediction against one target share."""

from __future__ import annotations

from lossviz.losses.entry import Argument, Batch

PREDICTION_AND_TARGET = (
    Argument("prediction", ("prediction",), learned=True),
    Argument("target", ("target",)),
)
LOGIT_AND_TARGET = (Argument("logit", ("logit",), learned=True), Argument("target", ("target",)))

SMALL_ERRORS_AND_AN_OUTLIER = Batch(
    rows=(
        {"prediction": 0.1, "target": 0},
        {"prediction": -0.5, "target": 0},
        {"prediction": 1, "target": 0},
        {"prediction": 2.5, "target": 2},
        {"prediction": -1, "target": -3},
        {"prediction": 5, "target": -3},
    ),
    divides="the number of elements",
)
