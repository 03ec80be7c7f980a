"""MultiLabelSoftMarginLoss, a yes or no for each class: the mean of BCEWithLogits over the classes."""

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
)
from lossviz.losses.shared_bars import gradient_bars, raw_bars
from lossviz.losses.shared_knobs import CLASSES, LOGIT_KEYS, LOGITS, TRUE_LABELS
from lossviz.losses.shared_sources import torch_page

ENTRY = LossEntry(
    name="MultiLabelSoftMarginLoss",
    category="classification",
    rank=80,
    title="Multi-label soft",
    summary="Several classes may be true: a yes or no for each on its own, and the mean of their cross-entropies.",
    use=(
        "Several classes, or none, can be true, and the target has a 0 or a 1 for each class.",
        "You want one loss for each sample: with reduction=“none” it gives (N), where BCEWithLogits gives (N, C).",
    ),
    avoid=(
        "Exactly one class is true: cross-entropy lets the classes compete.",
        "Positives are rare: BCEWithLogits has pos_weight, this loss has not.",
    ),
    knobs=LOGITS,
    options=(TRUE_LABELS,),
    arguments=(Argument("logits", LOGIT_KEYS, learned=True), Argument("target", ("labels",))),
    probes=(Probe("probability", "logits.sigmoid()", 3), Probe("gradient_of_logit", "logits.grad", 3)),
    definitions=(
        *(
            Definition(f"s_{c}", f"s_{c}", f"log(1 + exp((1 - 2 * labels_{c}) * logit_{c}))")
            for c in range(3)
        ),
        Definition("p_0", "p_0", "1 / (1 + exp(-logit_0))"),
    ),
    branches=(Branch(when="", loss="(s_0 + s_1 + s_2) / 3", gradient="(p_0 - labels_0) / 3", name="always"),),
    loss_window=(0, 4),
    gradient_window=(-0.5, 0.5),
    views=("bars", "curve", "more_bars"),
    bars=(
        (
            BarGroup("target y", tuple(f"labels_{c}" for c in range(3)), CLASSES, (0, 1), "target"),
            BarGroup("sigmoid of z", tuple(f"probability_{c}" for c in range(3)), CLASSES, (0, 1)),
            gradient_bars("gradient_of_logit", 0.4),
        ),
        (raw_bars("logit z"),),
    ),
    overlays=MappingProxyType({"MultiLabelMarginLoss": {}}),
    presets=(
        Preset(
            "independent",
            "The classes do not compete",
            "Move z1 or z2: the curve rises and falls as a whole, but the gradient of z0 stays at −0.0397.",
            {"logit_0": 2, "logit_1": -2, "logit_2": 2, "labels": "0,2"},
        ),
        Preset(
            "none",
            "No class is true",
            "That is a target like any other: every logit is pushed down. Softmax has no way to say it.",
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "labels": "none"},
        ),
        Preset(
            "hinge",
            "Beside its hinge",
            "MultiLabelMargin compares classes and is 0 from z0 = 1 on; this loss looks at each alone and never ends.",
            {"logit_0": 2, "logit_1": 0, "logit_2": 2, "labels": "0,2"},
            ("MultiLabelMarginLoss",),
        ),
    ),
    corrections=(
        Correction(
            claim="It is a margin loss, with a hinge that has been smoothed.",
            fact="Nothing in it has a margin to set. It is BCEWithLogits, averaged over the classes.",
            code="""\
import torch

logits, target = torch.tensor([[2.0, 1.0, 0.0]]), torch.tensor([[1.0, 0.0, 1.0]])
print(f"{torch.nn.MultiLabelSoftMarginLoss()(logits, target).item():.6f}")
print(f"{torch.nn.BCEWithLogitsLoss()(logits, target).item():.6f}")
""",
            prints="0.711112\n0.711112",
        ),
        Correction(
            claim="reduction=“none” gives a loss for each class.",
            fact="The mean over the classes is inside: it gives a loss for each sample.",
            code="""\
import torch

logits, target = torch.zeros(4, 3), torch.zeros(4, 3)
print(torch.nn.MultiLabelSoftMarginLoss(reduction="none")(logits, target).shape)
print(torch.nn.BCEWithLogitsLoss(reduction="none")(logits, target).shape)
""",
            prints="torch.Size([4])\ntorch.Size([4, 3])",
        ),
    ),
    edges=(
        Edge(
            title="Class indices instead of zeros and ones",
            code="""\
import torch

logits = torch.tensor([[2.0, 5.0, 0.0]])
loss = torch.nn.MultiLabelSoftMarginLoss()(logits, torch.tensor([[0.0, 2.0, -1.0]]))
print(f"{loss.item():.4f}")
""",
            says="-0.7244",
            sentence="The target is not checked: a 2 or a −1 is taken as it is, and the loss can fall below 0.",
            fix="Give a 0 or a 1 for each class.",
            fixed="""\
import torch

logits, labels = torch.tensor([[2.0, 5.0, 0.0]]), torch.tensor([0, 2])
target = torch.zeros(1, 3)
target[0, labels] = 1
print(f"{torch.nn.MultiLabelSoftMarginLoss()(logits, target).item():.4f}")
""",
            prints="1.9423",
        ),
        Edge(
            title="A target that is broadcast",
            code="""\
import torch

logits = torch.tensor([[2.0, -1.0], [-1.0, 2.0]])
loss = torch.nn.MultiLabelSoftMarginLoss()(logits, torch.tensor([1.0, 0.0]))
print(f"{loss.item():.4f}")
""",
            says="0.9701",
            sentence="One row of labels was used for both samples, without a word: the second counts as wrong.",
            fix="Give the target the shape of the logits.",
            fixed="""\
import torch

logits = torch.tensor([[2.0, -1.0], [-1.0, 2.0]])
target = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
assert target.shape == logits.shape
print(f"{torch.nn.MultiLabelSoftMarginLoss()(logits, target).item():.4f}")
""",
            prints="0.2201",
        ),
        Edge(
            title="Labels as booleans",
            code="""\
import torch

torch.nn.MultiLabelSoftMarginLoss()(
    torch.zeros(1, 3), torch.tensor([[True, False, True]])
)
""",
            says=(
                "NotImplementedError: Subtraction, the `-` operator, with a bool tensor is not "
                "supported. If you are trying to invert a mask, use the `~` or `logical_not()` "
                "operator instead."
            ),
            sentence="The loss computes 1 − y, which torch has not for booleans.",
            fix="Turn the target into floats.",
            fixed="""\
import torch

target = torch.tensor([[True, False, True]])
loss = torch.nn.MultiLabelSoftMarginLoss()(torch.zeros(1, 3), target.float())
print(f"{loss.item():.4f}")
""",
            prints="0.6931",
        ),
    ),
    batch=Batch(
        rows=(
            {"logit_0": 2, "logit_1": -2, "logit_2": 2, "labels": "0,2"},
            {"logit_0": 0, "logit_1": 0, "logit_2": 0, "labels": "1"},
            {"logit_0": -3, "logit_1": -3, "logit_2": -3, "labels": "none"},
            {"logit_0": 3, "logit_1": 3, "logit_2": -3, "labels": "0,1,2"},
            {"logit_0": 4, "logit_1": 0, "logit_2": 0, "labels": "1,2"},
        ),
    ),
    sources=(torch_page("MultiLabelSoftMarginLoss"),),
)
