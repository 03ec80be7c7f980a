"""The two live features of the hidden vector, for the losses that own the last layer."""

from __future__ import annotations

from lossviz.losses.knob import Knob

FEATURE_0 = Knob(
    "feature_0", "h_0", -4, 4, 0.25, -1, "the first number of the hidden vector, the input of the last layer"
)
FEATURE_1 = Knob("feature_1", "h_1", -4, 4, 0.25, 0.5, "the second one")
