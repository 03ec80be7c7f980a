"""SoftMarginLoss, the logistic loss for targets of −1 and +1."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from lossviz.losses.entry import Batch, Branch, Correction, Edge, LossEntry, Preset
from lossviz.losses.shared_batches import LOGIT_AND_TARGET
from lossviz.losses.shared_knobs import LOGIT, TARGET_PROBABILITY
from lossviz.losses.shared_sources import torch_page

_LOGIT = replace(LOGIT, low=-100, high=100, step=0.5, default=-80)
_SIGN = replace(TARGET_PROBABILITY, low=-1, step=1, default=1, help="what is true: −1 or 1; 0 is a mistake")

_STABLE = LossEntry(
    name="BCEWithLogitsLoss",
    category="classification",
    rank=70,
    title="BCEWithLogits, target (y + 1) / 2",
    summary="The same loss, computed so that it does not overflow.",
    use=(),
    avoid=(),
    knobs=(_LOGIT, _SIGN),
    arguments=LOGIT_AND_TARGET,
    steps=("probability = (target + 1) / 2",),
    inputs=("logit", "probability"),
    branches=(),
    presets=(),
    corrections=(),
    sources=(),
)

ENTRY = LossEntry(
    name="SoftMarginLoss",
    category="classification",
    rank=70,
    title="SoftMargin",
    summary="The logistic loss for targets −1 and +1: the same curve as BCEWithLogits, until it overflows.",
    use=("Targets are −1 and +1 and you want to see the margin y·x; logits stay well within ±88.",),
    avoid=(
        "You train in earnest: BCEWithLogitsLoss is the same function, with targets 0 and 1, and does not overflow.",
        "You expect a margin to set, as in a hinge: there is none, and the loss never quite reaches 0.",
    ),
    knobs=(_LOGIT, _SIGN),
    arguments=LOGIT_AND_TARGET,
    branches=(
        Branch(
            when="",
            loss="log(1 + exp(-target * logit))",
            gradient="-target / (1 + exp(target * logit))",
            name="everywhere",
        ),
    ),
    loss_window=(0, 105),
    gradient_window=(-1.5, 1.5),
    overlays=MappingProxyType({"stable": {}}),
    variants=MappingProxyType({"stable": _STABLE}),
    presets=(
        Preset(
            "overflow",
            "One step too far",
            "At −88.5 the loss is 88.5 with gradient −1. At −89 the exponential overflows: the loss is infinite and "
            "the gradient not a number. BCEWithLogits goes on to 89.",
            {"logit": -89, "target": 1},
            ("stable",),
        ),
        Preset(
            "same",
            "The same curve",
            "Logit −8, target 1: both say 8.0003 with gradient −0.9997.",
            {"logit": -8, "target": 1},
            ("stable",),
        ),
        Preset(
            "zero-label",
            "A label of 0",
            "Targets are −1 and 1. With 0 the loss is 0.6931 whatever the logit, and the gradient 0: such a sample "
            "teaches nothing.",
            {"logit": 5, "target": 0},
        ),
    ),
    corrections=(
        Correction(
            claim="SoftMarginLoss is a hinge with a soft margin, as in a support vector machine.",
            fact="It is the logistic loss, BCEWithLogitsLoss with targets −1 and +1. It has no margin and no zone of "
            "zero loss: at a logit of 5 it still costs 0.0067.",
            code="""\
import torch

logit = torch.tensor([5.0])
print(f"{torch.nn.SoftMarginLoss()(logit, torch.tensor([1.0])).item():.4f}")
print(f"{torch.nn.BCEWithLogitsLoss()(logit, torch.tensor([1.0])).item():.4f}")
""",
            prints="0.0067\n0.0067",
        ),
    ),
    edges=(
        Edge(
            title="A logit of −89",
            code="""\
import torch

logit = torch.tensor([-89.0], requires_grad=True)
loss = torch.nn.SoftMarginLoss()(logit, torch.tensor([1.0]))
loss.backward()
print(loss.item(), logit.grad.item())
""",
            says="inf nan",
            sentence="exp(89) is beyond float32, and one such sample makes every weight nan.",
            fix="Take BCEWithLogitsLoss with targets 0 and 1.",
            fixed="""\
import torch

logit = torch.tensor([-89.0], requires_grad=True)
loss = torch.nn.BCEWithLogitsLoss()(logit, torch.tensor([1.0]))
loss.backward()
print(loss.item(), logit.grad.item())
""",
            prints="89.0 -1.0",
        ),
        Edge(
            title="Targets 0 and 1",
            code="""\
import torch

logit = torch.tensor([-3.0, 5.0], requires_grad=True)
loss = torch.nn.SoftMarginLoss(reduction="sum")(logit, torch.tensor([0.0, 0.0]))
loss.backward()
print(f"{loss.item():.4f} {logit.grad.abs().tolist()}")
""",
            says="1.3863 [0.0, 0.0]",
            sentence="Targets are not checked. A 0 gives the constant ln 2 and no gradient.",
            fix="Map 0 and 1 to −1 and 1: 2 * target - 1.",
            fixed="""\
import torch

logit = torch.tensor([-3.0, 5.0], requires_grad=True)
target = 2 * torch.tensor([0.0, 0.0]) - 1
loss = torch.nn.SoftMarginLoss(reduction="sum")(logit, target)
print(f"{loss.item():.4f}")
""",
            prints="5.0553",
        ),
        Edge(
            title="A column against a row",
            code="""\
import torch

print(torch.nn.SoftMarginLoss()(torch.zeros(3, 1), torch.ones(3)).item())
""",
            says="RuntimeError: output with shape [3, 1] doesn't match the broadcast shape [3, 3]",
            sentence="A last layer with one output gives a column; the targets are a row.",
            fix="Take the extra dimension away.",
            fixed="""\
import torch

loss = torch.nn.SoftMarginLoss()(torch.zeros(3, 1).squeeze(1), torch.ones(3))
print(f"{loss.item():.4f}")
""",
            prints="0.6931",
        ),
    ),
    batch=Batch(
        rows=(
            {"logit": 5, "target": 1},
            {"logit": 0, "target": 1},
            {"logit": -3, "target": 1},
            {"logit": -3, "target": -1},
            {"logit": 8, "target": -1},
            {"logit": 5, "target": 0},
        ),
    ),
    sources=(torch_page("SoftMarginLoss"),),
)
