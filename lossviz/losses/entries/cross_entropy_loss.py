"""CrossEntropyLoss, the negative log-probability of the true class, from logits."""

from __future__ import annotations

from types import MappingProxyType

from lossviz.losses.entry import (
    Argument,
    BarGroup,
    Batch,
    Branch,
    Correction,
    Definition,
    Edge,
    LossEntry,
    Preset,
    Probe,
    Source,
)
from lossviz.losses.shared_knobs import CLASS_WEIGHT, LABEL_SMOOTHING, LOGITS, TARGET_CLASS

_CLASSES = ("class 0", "class 1", "class 2")
_IGNORED = "target == -100"
_MIX = (
    "(1 - label_smoothing) * weight_{y} * (Z - logit_{y}) + label_smoothing / 3 * "
    "(weight_0 * (Z - logit_0) + weight_1 * (Z - logit_1) + weight_2 * (Z - logit_2))"
)
_SLOPE = (
    "(1 - label_smoothing) * weight_{y} * p_0 {own}"
    "+ label_smoothing / 3 * ((weight_0 + weight_1 + weight_2) * p_0 - weight_0)"
)

ENTRY = LossEntry(
    name="CrossEntropyLoss",
    category="classification",
    rank=10,
    title="Cross-entropy",
    summary="The negative log-probability of the true class: softmax, logarithm and pick in one stable step.",
    use=("One of several classes is true, and the network gives raw logits.",),
    avoid=(
        "Several classes can be true at once: take BCEWithLogits.",
        "The network already ends with a softmax: remove it, or the loss can never come near 0.",
    ),
    knobs=LOGITS,
    options=(TARGET_CLASS, LABEL_SMOOTHING, CLASS_WEIGHT),
    arguments=(
        Argument("logits", ("logit_0", "logit_1", "logit_2"), learned=True),
        Argument("target", ("target",), dtype="int64"),
    ),
    parameters=MappingProxyType({"weight": "weight", "label_smoothing": "label_smoothing"}),
    reduction="sum",
    probes=(
        Probe("probability", "logits.softmax(dim=1)", 3),
        Probe("gradient_of_logit", "logits.grad", 3),
    ),
    definitions=(
        Definition("Z", "Z", "log(exp(logit_0) + exp(logit_1) + exp(logit_2))"),
        Definition("p_0", "p_0", "exp(logit_0 - Z)"),
    ),
    branches=(
        *(
            Branch(
                when=f"target == {y}",
                loss=_MIX.format(y=y),
                gradient=_SLOPE.format(y=y, own="- (1 - label_smoothing) * weight_0 " if y == 0 else ""),
                name=f"class {y} is true",
            )
            for y in range(3)
        ),
        Branch(when=_IGNORED, loss="0", gradient="0", name="ignored"),
    ),
    loss_window=(0, 8),
    gradient_window=(-1.2, 1.2),
    views=("curve", "bars"),
    bars=(
        (
            BarGroup("logit", ("logit_0", "logit_1", "logit_2"), ("0", "1", "2"), (-6, 6), "ink"),
            BarGroup(
                "probability", ("probability_0", "probability_1", "probability_2"), ("0", "1", "2"), (0, 1)
            ),
        ),
    ),
    presets=(
        Preset("sure", "Confidently wrong", "The loss grows like the gap.", {"logit_0": -4, "logit_1": 4}),
    ),
    corrections=(
        Correction(
            claim="CE differs from NLL.",
            fact="It does not.",
            code="import torch\n\nprint(1)\n",
            prints="1",
        ),
    ),
    edges=(
        Edge(
            title="All targets ignored",
            code="import torch\n\nlogits = torch.zeros(1, 3)\nprint(torch.nn.CrossEntropyLoss()(logits, "
            "torch.tensor([-100])).item())\n",
            says="nan",
            sentence="The mean of nothing is 0 / 0.",
            fix="Skip the batch, or take reduction='sum'.",
            fixed="import torch\n\nlogits = torch.zeros(1, 3)\nloss = torch.nn.CrossEntropyLoss(reduction='sum')\n"
            "print(loss(logits, torch.tensor([-100])).item())\n",
            prints="0.0",
        ),
    ),
    batch=Batch(
        rows=(
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "target": "0"},
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "target": "0"},
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "target": "0"},
            {"logit_0": 0, "logit_1": 0, "logit_2": 0, "target": "2"},
            {"logit_0": 1, "logit_1": -1, "logit_2": 3, "target": "-100"},
        ),
        divides="the weights of the rows' targets, ignored rows left out",
    ),
    sources=(
        Source(
            "torch.nn.CrossEntropyLoss",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html",
        ),
    ),
)
