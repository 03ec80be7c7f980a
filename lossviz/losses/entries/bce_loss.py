"""BCELoss, binary cross-entropy from probabilities."""

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
    LossEntry,
    Preset,
)
from lossviz.losses.knob import Knob
from lossviz.losses.shared_knobs import TARGET_PROBABILITY
from lossviz.losses.shared_sources import torch_page

_PROBABILITY = Knob("probability", "p", 0, 1, 0.01, 0.2, "what the network says, after its sigmoid")
_TARGET = replace(TARGET_PROBABILITY, default=1)
_ARGUMENTS = (Argument("probability", ("probability",), learned=True), Argument("target", ("target",)))

_SQUARED = LossEntry(
    name="MSELoss",
    category="classification",
    rank=40,
    title="MSE",
    summary="The squared error of the probability.",
    use=(),
    avoid=(),
    knobs=(_PROBABILITY, _TARGET),
    arguments=_ARGUMENTS,
    branches=(),
    presets=(),
    corrections=(),
    sources=(),
)

ENTRY = LossEntry(
    name="BCELoss",
    category="classification",
    rank=40,
    title="BCE",
    summary="Yes or no from a probability: minus the log of the truth's probability, so sure mistakes cost most.",
    use=(
        "The probability comes from elsewhere than a sigmoid, for instance as a mean over an ensemble.",
        "You want to see cross-entropy in the unit of probabilities; for training, take BCEWithLogitsLoss.",
    ),
    avoid=(
        "The network ends with a sigmoid: BCEWithLogitsLoss keeps the gradient where this one loses it.",
        "The output is not between 0 and 1: torch raises.",
    ),
    knobs=(_PROBABILITY, _TARGET),
    arguments=_ARGUMENTS,
    target_line="target",
    definitions=(
        Definition("loss_1", r"\ell_1", "-max(log(probability), -100)"),
        Definition("loss_0", r"\ell_0", "-max(log(1 - probability), -100)"),
        # torch keeps this limit in float32, whatever the type of the tensors.
        Definition("eps", r"\epsilon", "10^{-12}", lambda _: 9.999999960041972e-13),
    ),
    branches=(
        Branch(
            when="",
            loss="target * loss_1 + (1 - target) * loss_0",
            gradient="(probability - target) / max(probability * (1 - probability), eps)",
            name="everywhere",
        ),
    ),
    loss_window=(0, 5),
    gradient_window=(-10, 10),
    overlays=MappingProxyType({"squared": {}}),
    variants=MappingProxyType({"squared": _SQUARED}),
    presets=(
        Preset(
            "wall",
            "The wall",
            "The target is 1 and the network said 0. The logarithm would be infinite: torch stops at 100, and the "
            "gradient at −10¹². MSE says 1 and pulls with 2.",
            {"probability": 0, "target": 1},
            ("squared",),
        ),
        Preset(
            "soft",
            "The floor of a soft target",
            "At target 0.3 the best probability is 0.3. The gradient is 0 there, but the loss is 0.6109.",
            {"probability": 0.3, "target": 0.3},
            ("squared",),
        ),
        Preset(
            "sure",
            "Right, and surer",
            "From p = 0.9 to 0.99 the loss falls from 0.1054 to 0.0101; the gradient never vanishes: at 0.99 it is "
            "still −1.0101.",
            {"probability": 0.99, "target": 1},
        ),
    ),
    corrections=(
        Correction(
            claim="The smaller the probability, the higher its logarithm.",
            fact="The logarithm falls: log 0.9 is −0.1054, log 0.1 is −2.3026. The loss is its negative, which grows.",
            code="""\
import torch

for p in (0.9, 0.1):
    loss = torch.nn.BCELoss()(torch.tensor([p]), torch.tensor([1.0]))
    print(f"{torch.tensor(p).log().item():.4f} {loss.item():.4f}")
""",
            prints="-0.1054 0.1054\n-2.3026 2.3026",
        ),
        Correction(
            claim="BCE is for two classes.",
            fact="It judges each output alone: one output for two classes, or one for each of many labels, any "
            "number of which may be true. Its mean is over all elements.",
            code="""\
import torch

probabilities = torch.tensor([[0.9, 0.2, 0.7], [0.1, 0.8, 0.6]])
labels = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
each = torch.nn.BCELoss(reduction="none")(probabilities, labels)
print(tuple(each.shape), f"{each.sum().item() / 6:.4f}")
print(f"{torch.nn.BCELoss()(probabilities, labels).item():.4f}")
""",
            prints="(2, 3) 0.2541\n0.2541",
        ),
        Correction(
            claim="A probability of 0 for the truth gives an infinite loss.",
            fact="torch clamps each logarithm at −100, so the loss is 100.",
            code="""\
import torch

print(torch.nn.BCELoss()(torch.tensor([0.0]), torch.tensor([1.0])).item())
""",
            prints="100.0",
        ),
    ),
    edges=(
        Edge(
            title="Logits instead of probabilities",
            code="""\
import torch

print(torch.nn.BCELoss()(torch.tensor([2.5]), torch.tensor([1.0])).item())
""",
            says="RuntimeError: all elements of input should be between 0 and 1",
            sentence="The sigmoid is missing.",
            fix="Take BCEWithLogitsLoss, which has it inside.",
            fixed="""\
import torch

loss = torch.nn.BCEWithLogitsLoss()(torch.tensor([2.5]), torch.tensor([1.0]))
print(f"{loss.item():.4f}")
""",
            prints="0.0789",
        ),
        Edge(
            title="Logits that happen to be probabilities",
            code="""\
import torch

logits = torch.tensor([0.4, 0.9])
print(f"{torch.nn.BCELoss()(logits, torch.tensor([0.0, 1.0])).item():.4f}")
""",
            says="0.3081",
            sentence="Logits between 0 and 1 pass the check: a fresh network can train for a while before it raises.",
            fix="Take BCEWithLogitsLoss for logits.",
            fixed="""\
import torch

logits = torch.tensor([0.4, 0.9])
print(f"{torch.nn.BCEWithLogitsLoss()(logits, torch.tensor([0.0, 1.0])).item():.4f}")
""",
            prints="0.6271",
        ),
        Edge(
            title="Saturated and wrong",
            code="""\
import torch

logit = torch.tensor([17.0], requires_grad=True)
loss = torch.nn.BCELoss()(logit.sigmoid(), torch.tensor([0.0]))
loss.backward()
print(loss.item(), logit.grad.item())
""",
            says="100.0 0.0",
            sentence="The sigmoid rounded to 1. Its own gradient is 10¹², and the sigmoid passes on none of it.",
            fix="Take BCEWithLogitsLoss.",
            fixed="""\
import torch

logit = torch.tensor([17.0], requires_grad=True)
loss = torch.nn.BCEWithLogitsLoss()(logit, torch.tensor([0.0]))
loss.backward()
print(loss.item(), logit.grad.item())
""",
            prints="17.0 1.0",
        ),
        Edge(
            title="Integer targets",
            code="""\
import torch

print(torch.nn.BCELoss()(torch.tensor([0.5, 0.5]), torch.tensor([0, 1])).item())
""",
            says="RuntimeError: Found dtype Long but expected Float",
            sentence="Targets are probabilities here, not class indices, so they are floats.",
            fix="Convert the target with .float().",
            fixed="""\
import torch

loss = torch.nn.BCELoss()(torch.tensor([0.5, 0.5]), torch.tensor([0, 1]).float())
print(f"{loss.item():.4f}")
""",
            prints="0.6931",
        ),
    ),
    batch=Batch(
        rows=(
            {"probability": 0.99, "target": 1},
            {"probability": 0.9, "target": 1},
            {"probability": 0.5, "target": 1},
            {"probability": 0.3, "target": 0.3},
            {"probability": 0.05, "target": 1},
            {"probability": 0.1, "target": 0},
        ),
        divides="the number of elements",
    ),
    sources=(torch_page("BCELoss"),),
)
