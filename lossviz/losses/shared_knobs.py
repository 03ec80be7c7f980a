"""Knobs that several losses share: the same key and lattice, so a value survives a switch of the loss."""

from __future__ import annotations

from dataclasses import replace

from lossviz.losses.knob import Knob

PREDICTION = Knob("prediction", "x", -5, 5, 0.1, 2.5, "what the network says")
TARGET = Knob("target", "y", -3, 3, 0.5, 0, "what is true")
BETA = Knob("beta", r"\beta", 0, 4, 0.25, 1, "the error at which the squared zone ends")
DELTA = replace(
    BETA,
    key="delta",
    symbol=r"\delta",
    low=0.25,
    help="the error at which the squared zone ends, and the slope of the tails",
)
