"""Knobs that several losses share: the same key and lattice, so a value survives a switch of the loss."""

from __future__ import annotations

from dataclasses import replace

from lossviz.losses.knob import Knob
from lossviz.losses.option import Option

PREDICTION = Knob("prediction", "x", -5, 5, 0.1, 2.5, "what the network says")
TARGET = Knob("target", "y", -3, 3, 0.5, 0, "what is true")
BETA = Knob(
    "beta", r"\beta", 0, 4, 0.25, 1, "the error at which the squared zone ends and the linear one begins"
)
DELTA = replace(
    BETA,
    key="delta",
    symbol=r"\delta",
    low=0.25,
    help="the error at which the squared zone ends, and the slope of the tails",
)

LOGITS = tuple(
    Knob(f"logit_{c}", f"z_{c}", -6, 6, step, default, f"the raw score of class {c}")
    for c, (step, default) in enumerate(((0.25, 2.0), (1, 1.0), (1, 0.0)))
)
"""The raw scores of three classes; the first one, the axis of the curve, has the finest steps."""

LOGIT_KEYS = tuple(knob.key for knob in LOGITS)

TARGET_CLASS = Option(
    "target",
    "y",
    {"0": 0, "1": 1, "2": 2, "-100": -100},
    "0",
    "the true class; a sample with -100 is ignored",
    name="true class y",
    spelled={"-100": "-100, ignored"},
)
LABEL_SMOOTHING = Option(
    "label_smoothing",
    r"\epsilon",
    {"0": 0.0, "0.1": 0.1, "0.2": 0.2, "0.3": 0.3},
    "0",
    "the share of the target that is spread over all classes",
    name="label smoothing ε",
)
CLASS_WEIGHT = Option(
    "weight",
    "w",
    {"none": None, "1,1,3": (1, 1, 3), "1,1,9": (1, 1, 9), "9,1,1": (9, 1, 1)},
    "none",
    "a weight for each class; the panel sums, for the mean of a single sample would divide by its weight again",
    name="class weights w",
    spelled={"1,1,3": "class 2 ×3", "1,1,9": "class 2 ×9", "9,1,1": "class 0 ×9"},
)

CLASSES = ("0", "1", "2")
"""What stands under the bars of three classes."""

TRUE_CLASS = Option(
    "target",
    "y",
    {key: choice for key, choice in TARGET_CLASS.choices.items() if choice != -100},
    "0",
    "the true class",
    name="true class y",
)
"""For losses that know no index to ignore."""

LABELS_SPELLED = {"0,2": "0 and 2", "1,2": "1 and 2", "0,1,2": "all three"}

TRUE_LABELS = Option(
    "labels",
    "y",
    {
        "0": (1, 0, 0),
        "1": (0, 1, 0),
        "0,2": (1, 0, 1),
        "1,2": (0, 1, 1),
        "0,1,2": (1, 1, 1),
        "none": (0, 0, 0),
    },
    "0,2",
    "the true classes, as a 0 or a 1 for each class",
    name="true classes y",
    spelled=LABELS_SPELLED,
)
"""Several classes can be true."""

LOGIT = Knob("logit", "x", -30, 30, 0.1, 8, "the raw score, before any sigmoid makes a probability of it")
TARGET_PROBABILITY = Knob("target", "y", 0, 1, 0.1, 0, "what is true: 0 or 1, or a soft target in between")


def pair_label(default: str, one: str, minus_one: str, shorter: tuple[str, str]) -> Option:
    """The label of a pair, 1 or -1, and the wrong label 0 that torch does not check.

    Args:
        default: The label at first.
        one: What 1 says.
        minus_one: What -1 says.
        shorter: What both say, in a word or two.
    """
    wrong = "0 is a wrong label that torch takes without a word"
    return Option(
        "target",
        "y",
        {"1": 1, "-1": -1, "0": 0},
        default,
        f"1 says that {one}, -1 that {minus_one}; {wrong}",
        name="target y",
        spelled={"1": f"1: {shorter[0]}", "-1": f"-1: {shorter[1]}", "0": "0: a wrong label"},
    )
