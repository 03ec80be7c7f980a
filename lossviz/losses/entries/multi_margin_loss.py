"""MultiMarginLoss, the hinge for several classes: the true score must lead every other by a margin."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from lossviz.losses.entry import (
    Argument,
    Batch,
    Branch,
    Correction,
    Definition,
    Edge,
    Kink,
    LossEntry,
    Preset,
    Probe,
    Source,
    Zone,
)
from lossviz.losses.knob import Knob
from lossviz.losses.option import Option
from lossviz.losses.shared_bars import gradient_bars, raw_bars
from lossviz.losses.shared_edges import unchecked_empty_batch
from lossviz.losses.shared_knobs import LOGIT_KEYS, LOGITS, TRUE_CLASS
from lossviz.losses.shared_sources import torch_page

_MARGIN = Knob("margin", "m", 0, 3, 0.5, 1, "how far the true score must lead the others")
_RIVALS = tuple(replace(knob, low=-3, high=3) for knob in LOGITS[1:])
"""Not as far as with other losses: there is one more knob, and a panel has only so many rows."""

_P = Option(
    "p",
    "p",
    {"1": 1, "2": 2},
    "1",
    "the power to which the missing part of the margin is raised",
    name="power p of what is missing",
    spelled={"1": "1, as it is", "2": "2, squared"},
)


def _branches(y: int) -> tuple[Branch, ...]:
    """The formula when class y is true: the lines while a margin is missing, and the dead zone."""
    a, b = (f"h_{y}{i}" for i in range(3) if i != y)
    inside, met = f"target == {y} and {{p}} and {a} + {b} > 0", f"target == {y} and {a} + {b} == 0"
    if y == 0:
        straight, curved = f"-(sign({a}) + sign({b})) / 3", f"-2 * ({a} + {b}) / 3"
    else:
        straight, curved = f"sign(h_{y}0) / 3", f"2 * h_{y}0 / 3"
    return (
        Branch(
            when=inside.format(p="p == 1"), loss=f"({a} + {b}) / 3", gradient=straight, name="margin missing"
        ),
        Branch(
            when=inside.format(p="p == 2"),
            loss=f"({a} ** 2 + {b} ** 2) / 3",
            gradient=curved,
            name="margin missing",
        ),
        Branch(when=met, loss="0", gradient="0", name="every margin met"),
    )


ENTRY = LossEntry(
    name="MultiMarginLoss",
    category="classification",
    rank=60,
    title="Multi-margin",
    summary="The hinge of an SVM: a class costs unless the true one leads it by the margin; a clear lead is free.",
    use=(
        "You want scores that separate the classes by a margin, and no probabilities.",
        "Samples that are right by far should no longer move the network.",
    ),
    avoid=(
        "You need probabilities: the scores are on no scale. Take cross-entropy.",
        "Several classes can be true: take MultiLabelMargin.",
    ),
    # Class 0 leads by half a margin: it still pulls.
    knobs=(replace(LOGITS[0], default=1.5), *_RIVALS, _MARGIN),
    options=(TRUE_CLASS, _P),
    arguments=(
        Argument("logits", LOGIT_KEYS, learned=True),
        Argument("target", ("target",), dtype="int64"),
    ),
    parameters=MappingProxyType({"p": "p", "margin": "margin"}),
    probes=(Probe("gradient_of_score", "logits.grad", 3),),
    definitions=tuple(
        Definition(f"h_{y}{i}", f"h_{{{y}{i}}}", f"max(0, margin - logit_{y} + logit_{i})")
        for y in range(3)
        for i in range(3)
        if i != y
    ),
    branches=tuple(branch for y in range(3) for branch in _branches(y)),
    kinks=(
        Kink("margin + logit_1", "target == 0 and p == 1"),
        Kink("margin + logit_2", "target == 0 and p == 1"),
        Kink("logit_1 - margin", "target == 1 and p == 1"),
        Kink("logit_2 - margin", "target == 2 and p == 1"),
    ),
    zone=Zone(
        "(target == 0) * (margin + max(logit_1, logit_2)) - 6 * (target > 0)",
        "6 * (target == 0)"
        " + (target == 1) * (logit_1 - margin - 100 * (logit_2 > logit_1 - margin))"
        " + (target == 2) * (logit_2 - margin - 100 * (logit_1 > logit_2 - margin))",
        "dead zone",
    ),
    loss_window=(0, 6),
    gradient_window=(-1.2, 1.2),
    views=("curve", "bars"),
    bars=(
        (
            raw_bars("score z"),
            gradient_bars("gradient_of_score", 1),
        ),
    ),
    overlays=MappingProxyType({"CrossEntropyLoss": {}}),
    presets=(
        Preset(
            "two-kinks",
            "One kink for each rival",
            "Both rivals count until z0 leads the weaker by the margin, then only one: the slope goes −2/3, −1/3, 0.",
            {"logit_0": 0, "logit_1": 2, "logit_2": -2},
        ),
        Preset(
            "stops",
            "The hinge stops",
            "Class 0 leads by 2, the margin is 1: loss and gradients are 0. Cross-entropy says 0.2395 and pulls on.",
            {"logit_0": 3, "logit_1": 1, "logit_2": 1},
            ("CrossEntropyLoss",),
        ),
        Preset(
            "perceptron",
            "No margin: the perceptron",
            "Class 0 leads by a half. With a margin of 0 that is enough, and nothing pulls. Raise the margin to 1: the "
            "runner-up lacks a half, and the loss is 0.1667.",
            {"logit_0": 1.5, "logit_1": 1, "logit_2": 0, "margin": 0},
        ),
        Preset(
            "squared",
            "Squared margins",
            "With p = 2 the kinks are smooth, and what is missing far counts more: 3 and 1 are missing, loss 10/3.",
            {"logit_0": 0, "logit_1": 2, "logit_2": 0, "p": "2"},
        ),
        Preset(
            "tie",
            "A tie is not enough",
            "All scores are equal, each rival lacks the whole margin: loss 2/3, and the gradient lifts the true class.",
            {"logit_0": 0, "logit_1": 0, "logit_2": 0},
        ),
    ),
    corrections=(
        Correction(
            claim="Each rival adds what is missing, so two rivals that lack 1 give a loss of 2.",
            fact="The sum is divided by the number of classes, the true one counted too: 2 / 3.",
            code="""\
import torch

for classes in (3, 10, 100):
    loss = torch.nn.MultiMarginLoss()(torch.zeros(1, classes), torch.tensor([0]))
    print(classes, f"{loss.item():.4f}")
""",
            prints="3 0.6667\n10 0.9000\n100 0.9900",
        ),
        Correction(
            claim="Like cross-entropy, it always asks for more.",
            fact="It is exactly 0 once every margin is met, and so is its gradient. Cross-entropy never gets there.",
            code="""\
import torch

for loss_function in (torch.nn.MultiMarginLoss(), torch.nn.CrossEntropyLoss()):
    for lead in (0.5, 1.0, 5.0):
        logits = torch.tensor([[lead, 0.0, 0.0]], requires_grad=True)
        loss = loss_function(logits, torch.tensor([0]))
        loss.backward()
        print(lead, f"{loss.item():.4f} {logits.grad[0, 0].item():.4f}")
""",
            prints=(
                "0.5 0.3333 -0.6667\n1.0 0.0000 0.0000\n5.0 0.0000 0.0000\n0.5 0.7944 -0.5481\n1.0 0.5514 "
                "-0.4239\n5.0 0.0134 -0.0133"
            ),
        ),
    ),
    edges=(
        Edge(
            title="p = 3",
            code="""\
import torch

torch.nn.MultiMarginLoss(p=3)
""",
            says="ValueError: only p == 1 and p == 2 supported",
            sentence="Only the hinge and the squared hinge are there.",
            fix="Take p=1 or p=2.",
            fixed="""\
import torch

loss_function = torch.nn.MultiMarginLoss(p=2)
print(f"{loss_function(torch.zeros(1, 3), torch.tensor([0])).item():.4f}")
""",
            prints="0.6667",
        ),
        Edge(
            title="The index to ignore of cross-entropy",
            code="""\
import torch

torch.nn.MultiMarginLoss()(torch.zeros(2, 3), torch.tensor([0, -100]))
""",
            says="RuntimeError: target out of range",
            sentence="This loss knows no ignore_index.",
            fix="Leave the rows out before the loss.",
            fixed="""\
import torch

scores, target = torch.zeros(2, 3), torch.tensor([0, -100])
kept = target >= 0
print(f"{torch.nn.MultiMarginLoss()(scores[kept], target[kept]).item():.4f}")
""",
            prints="0.6667",
        ),
        Edge(
            title="A score that is not a number",
            code="""\
import torch

scores = torch.tensor([[float("nan"), 0.0, 0.0]])
print(torch.nn.MultiMarginLoss()(scores, torch.tensor([0])).item())
""",
            says="0.0",
            sentence="Every comparison with nan is false, so a broken network looks perfect.",
            fix="Check the scores: cross-entropy would say nan by itself.",
            fixed="""\
import torch

scores = torch.tensor([[float("nan"), 0.0, 0.0]])
print(scores.isfinite().all().item())
print(torch.nn.CrossEntropyLoss()(scores, torch.tensor([0])).item())
""",
            prints="False\nnan",
        ),
        Edge(
            title="Labels as int32",
            code="""\
import torch

torch.nn.MultiMarginLoss()(torch.zeros(1, 3), torch.tensor([0], dtype=torch.int32))
""",
            says="RuntimeError: expected scalar type Long but found Int",
            sentence="The target must be of type int64.",
            fix="Convert the labels once, where they are loaded.",
            fixed="""\
import torch

target = torch.tensor([0], dtype=torch.int32)
print(f"{torch.nn.MultiMarginLoss()(torch.zeros(1, 3), target.long()).item():.4f}")
""",
            prints="0.6667",
        ),
        unchecked_empty_batch("MultiMarginLoss", "torch.zeros(0, dtype=torch.int64)"),
    ),
    batch=Batch(
        rows=(
            {"logit_0": 4, "logit_1": 1, "logit_2": 0, "target": "0"},
            {"logit_0": 1.5, "logit_1": 1, "logit_2": 0, "target": "0"},
            {"logit_0": 0, "logit_1": 0, "logit_2": 0, "target": "1"},
            {"logit_0": 3, "logit_1": -1, "logit_2": 0, "target": "2"},
            {"logit_0": -2, "logit_1": 2, "logit_2": 0, "target": "1"},
        ),
    ),
    sources=(
        torch_page("MultiMarginLoss"),
        Source(
            "Crammer and Singer 2001, On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines",
            "https://www.jmlr.org/papers/v2/crammer01a.html",
        ),
    ),
)
