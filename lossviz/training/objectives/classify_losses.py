"""The losses that train a classifier: what each takes and what can be set. Knows no torch."""

from __future__ import annotations

from typing import Final

from lossviz.training.objectives.argument import Argument
from lossviz.training.objectives.shared import BETA, DELTA, REDUCED, REGRESSION_MISTAKES, WEIGHT
from lossviz.training.objectives.spec import LossSpec

TASK: Final = "classify"
_EVEN: Final = "a network that gives all ten classes the output 0"
_ONE_HOT_TEXT: Final = (
    "Expects any ten numbers: the raw outputs are pulled towards 1 for the true class and 0 for the others, as in "
    "regression. They are no probabilities."
)


def _one_hot(name: str, inside: str, arguments: tuple[Argument, ...] = ()) -> LossSpec:
    return LossSpec(
        name,
        TASK,
        "raw outputs",
        _ONE_HOT_TEXT,
        f"network → **ten outputs** → [ minus one-hot target → {inside} → mean over images and classes ]",
        f"nn.{name}({{arguments}})(network(images), one_hot[labels])",
        _EVEN,
        arguments,
        REGRESSION_MISTAKES,
    )


LOSSES: Final[tuple[LossSpec, ...]] = (
    LossSpec(
        "CrossEntropyLoss",
        TASK,
        "logits",
        "Expects raw logits: it takes the log-softmax itself.",
        "network → **logits** → [ log-softmax → pick the true class, change its sign → mean ]",
        "nn.CrossEntropyLoss({arguments})(network(images), labels)",
        _EVEN,
        (WEIGHT,),
        ("softmax-first", "sum", "one-class-weights"),
        label_smoothing=True,
    ),
    LossSpec(
        "NLLLoss",
        TASK,
        "log-probabilities",
        "Expects log-probabilities: the network needs a log-softmax as its last layer.",
        "network → logits → log-softmax → **log-probabilities** → [ pick the true class, change its sign → mean ]",
        "nn.NLLLoss({arguments})(network(images).log_softmax(dim=1), labels)",
        _EVEN,
        (WEIGHT,),
        ("sum", "one-class-weights"),
    ),
    LossSpec(
        "BCEWithLogitsLoss",
        TASK,
        "logits",
        "Expects raw logits, one a class, and targets of 0 and 1: ten yes-or-no questions an image, one class against "
        "all others. It takes the sigmoid itself.",
        "network → **logits** → [ log-sigmoid → binary cross-entropy for each class → mean over images and classes ]",
        "nn.BCEWithLogitsLoss({arguments})(network(images), one_hot[labels])",
        _EVEN,
        (
            Argument(
                "pos_weight",
                "number",
                "How much the one right class counts against each of the nine wrong ones.",
                1.0,
                0.01,
                100.0,
                tensor=True,
            ),
        ),
        REDUCED,
    ),
    LossSpec(
        "BCELoss",
        TASK,
        "probabilities",
        "Expects probabilities from 0 to 1, one a class, and targets of 0 and 1: the network needs a sigmoid "
        "as its last "
        "layer. BCEWithLogitsLoss does both in one, and stays exact where the sigmoid is 0 or 1.",
        "network → logits → sigmoid → **probabilities** → [ binary cross-entropy for each class → mean over images and "
        "classes ]",
        "nn.BCELoss({arguments})(network(images).sigmoid(), one_hot[labels])",
        _EVEN,
        (),
        REDUCED,
    ),
    LossSpec(
        "MultiMarginLoss",
        TASK,
        "scores",
        "Expects raw scores: only their differences to the true class's score count, until that leads by the margin.",
        "network → **scores** → [ for every wrong class max(0, margin − true score + its score) to the power "
        "p → mean ]",
        "nn.MultiMarginLoss({arguments})(network(images), labels)",
        _EVEN,
        (
            Argument("p", "whole", "The power of each violation: 1 or 2.", 1, 1, 2),
            Argument("margin", "number", "By how much the true class must lead.", 1.0, 0.01, 10.0),
        ),
        REDUCED,
    ),
    LossSpec(
        "MultiLabelMarginLoss",
        TASK,
        "scores",
        "Expects raw scores, and the true classes as a list that ends with −1; here the list has one class. Its margin "
        "is always 1.",
        "network → **scores** → [ for every wrong class max(0, 1 − true score + its score) → mean ]",
        "nn.MultiLabelMarginLoss({arguments})(network(images), class_lists[labels])",
        _EVEN,
        (),
        REDUCED,
    ),
    LossSpec(
        "MultiLabelSoftMarginLoss",
        TASK,
        "logits",
        "Expects raw logits, one a class, and targets of 0 and 1. It is BCEWithLogitsLoss with the mean over "
        "the classes "
        "taken first.",
        "network → **logits** → [ binary cross-entropy for each class → mean over classes → mean ]",
        "nn.MultiLabelSoftMarginLoss({arguments})(network(images), one_hot[labels])",
        _EVEN,
        (),
        REDUCED,
    ),
    LossSpec(
        "SoftMarginLoss",
        TASK,
        "logits",
        "Expects raw logits and targets of 1 and −1. With 0 instead of −1 the wrong classes would not count at all.",
        "network → **logits** → [ ln(1 + e^(−target · logit)) → mean over images and classes ]",
        "nn.SoftMarginLoss({arguments})(network(images), signs[labels])",
        _EVEN,
        (),
        REDUCED,
    ),
    LossSpec(
        "KLDivLoss",
        TASK,
        "log-probabilities",
        "Expects log-probabilities first and target probabilities second: the network needs a log-softmax as its last "
        "layer. The targets are smoothed; reduction='batchmean' is the divergence, 'mean' would be a tenth of it.",
        "network → logits → log-softmax → **log-probabilities** → [ target · (log target − log-probability) → sum over "
        "classes → mean ]",
        "nn.KLDivLoss(reduction='batchmean')(network(images).log_softmax(dim=1), "
        "(1 - {smoothing}) * one_hot[labels] + {smoothing} / 10)",
        _EVEN,
        (
            Argument(
                "smoothing",
                "number",
                "Share of the target spread evenly over the classes.",
                0.1,
                0.0,
                1.0,
                constructor=False,
            ),
        ),
        REDUCED,
    ),
    LossSpec(
        "sigmoid_focal_loss",
        TASK,
        "logits",
        "Expects raw logits, one a class, and targets of 0 and 1. It takes the sigmoid itself, and turns down what is "
        "answered rightly already.",
        "network → **logits** → [ binary cross-entropy for each class · alpha or 1 − alpha · (1 − p of the "
        "truth)^gamma "
        "→ mean over images and classes ]",
        "sigmoid_focal_loss(network(images), one_hot[labels]{and_arguments}, reduction='mean')",
        _EVEN,
        (
            Argument(
                "alpha",
                "number",
                "Weight of the right class; the wrong ones have 1 − alpha.",
                0.25,
                0.01,
                0.99,
            ),
            Argument("gamma", "number", "How strongly easy answers are turned down.", 2.0, 0.0, 5.0),
        ),
        REDUCED,
    ),
    _one_hot("MSELoss", "square"),
    _one_hot("L1Loss", "absolute value"),
    _one_hot("SmoothL1Loss", "squared within beta, straight beyond", (BETA,)),
    _one_hot("HuberLoss", "squared within delta, straight beyond", (DELTA,)),
    LossSpec(
        "LinearCrossEntropyLoss",
        TASK,
        "features",
        "Expects features, not logits: the last linear layer belongs to the loss and is trained with it. Without label "
        "smoothing and weights the run is that of CrossEntropyLoss, up to rounding.",
        "network without its last layer → **features** → [ linear layer → log-softmax → pick the true class, "
        "change its "
        "sign → mean ]",
        "nn.LinearCrossEntropyLoss(features, 10, bias=True{and_arguments})(network(images), labels)",
        "even guessing among ten classes",
        (WEIGHT,),
        ("sum", "one-class-weights"),
        label_smoothing=True,
    ),
    LossSpec(
        "AdaptiveLogSoftmaxWithLoss",
        TASK,
        "features",
        "Expects features, not logits: the last layers belong to the loss and are trained with it. It is made for very "
        "many classes, the frequent ones first: the first have a layer of their own, the rest share a "
        "cheaper one. With "
        "ten classes of equal size it saves nothing.",
        "network without its last layer → **features** → [ head: frequent classes and one place for the rest → tail → "
        "log-probability of the true class, sign changed → mean ]",
        "nn.AdaptiveLogSoftmaxWithLoss(features, 10, cutoffs=[{cutoff}]{and_arguments})(network(images), labels).loss",
        "even guessing among ten classes",
        (
            Argument(
                "cutoff",
                "whole",
                "How many classes have a place of their own in the head.",
                5,
                1,
                9,
                constructor=False,
            ),
            Argument(
                "div_value", "number", "By how much the features shrink before the tail.", 4.0, 1.0, 32.0
            ),
            Argument("head_bias", "switch", "Whether the head has a bias.", default=False),
        ),
        (),
    ),
)
"""In the order in which a page shows them."""
