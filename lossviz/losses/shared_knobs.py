"""Knobs that several losses share: the same key and lattice, so a value survives a switch of the loss."""

from __future__ import annotations

from dataclasses import replace

from lossviz.losses.knob import Knob

PREDICTION = Knob("prediction", "x", -5, 5, 0.1, 2.5, "What the network says.")
TARGET = Knob("target", "y", -3, 3, 0.5, 0, "What is true.")
BETA = Knob("beta", r"\beta", 0, 4, 0.25, 1, "Where the squared zone ends: at an error of beta.")
DELTA = replace(
    BETA,
    key="delta",
    symbol=r"\delta",
    low=0.25,
    help="Where the squared zone ends, and at the same time the slope of the tails.",
)
