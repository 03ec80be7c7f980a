"""CosineEmbeddingLoss, the angle between two vectors, small for a pair that is alike and large for one that is not."""

from __future__ import annotations

import math
from collections.abc import Mapping
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
from lossviz.losses.shared_knobs import pair_label
from lossviz.losses.shared_sources import FACENET, torch_page

ANGLE = Knob("angle", r"\theta", 0, 180, 1, 60, "the one between the two vectors, in degrees")
MARGIN = Knob("margin", "m", -1, 1, 0.25, 0.25, "the cosine that a pair that is not alike may keep")
LENGTH = Knob("length", "r", 0.5, 3, 0.5, 2, "that of input1; input2 has length 1")
TARGET = pair_label("1", "the pair is alike", "it is not", ("alike", "not alike"))


def _cosine(numbers: Mapping[str, float]) -> float:
    """The cosine of the angle; that of 60 degrees is a half and not a rounding error more."""
    return round(math.cos(math.radians(numbers["angle"])), 12)


ENTRY = LossEntry(
    name="CosineEmbeddingLoss",
    category="ranking",
    rank=30,
    title="Cosine embedding",
    summary="Only the angle counts: a pair that is alike should point the same way, one that is not should not.",
    use=(
        "Directions carry the meaning and lengths do not, as with text or face embeddings.",
        "You have pairs labelled alike or not alike.",
    ),
    avoid=(
        "Lengths carry meaning: a vector and a hundred times that vector are the same to this loss.",
        "Pairs that are alike may start out opposite: at 180° the loss is largest and the gradient 0.",
    ),
    knobs=(ANGLE, MARGIN, LENGTH),
    options=(TARGET,),
    arguments=(
        Argument("angle", ("angle",), learned=True),
        Argument("length", ("length",)),
        Argument("target", ("target",)),
    ),
    parameters=MappingProxyType({"margin": "margin"}),
    steps=(
        "radians = torch.deg2rad(angle)",
        "input1 = length[:, None] * torch.stack([torch.cos(radians), torch.sin(radians)], dim=1)",
        "input2 = torch.tensor([1.0, 0.0]).expand_as(input1)",
    ),
    retained=("input1",),
    inputs=("input1", "input2", "target"),
    probes=(Probe("gradient_of_input1", "input1.grad", 2),),
    definitions=(Definition("cosine", "c", r"\cos \theta", _cosine),),
    branches=(
        Branch(
            when="target == 1",
            loss="1 - cosine",
            gradient="pi / 180 * sin(angle * pi / 180)",
            name="alike: turn together",
        ),
        Branch(
            when="target == -1 and cosine > margin",
            loss="cosine - margin",
            gradient="-pi / 180 * sin(angle * pi / 180)",
            name="not alike and too close: turn apart",
        ),
        Branch(
            when="target == -1 and cosine <= margin",
            loss="0",
            gradient="0",
            name="not alike and far enough: dead zone",
        ),
        Branch(when="target == 0", loss="0", gradient="0", name="silent wrong label, y = 0"),
    ),
    kinks=(Kink("arccos(margin) * 57.29577951308232", when="target == -1 and margin > -1 and margin < 1"),),
    zone=Zone(
        "(target == -1) * arccos(margin) * 57.29577951308232 + (target == 1) * 360",
        "180",
        "dead zone",
    ),
    loss_window=(0, 2.1),
    gradient_window=(-0.02, 0.02),
    views=("vectors", "curve"),
    presets=(
        Preset(
            "sixty",
            "Sixty degrees",
            "The cosine is 0.5 and so is the loss. Drag the length: the loss stays, only the arrow changes, for a "
            "longer vector needs a longer way to turn.",
            {"angle": 60, "length": 3, "target": "1"},
        ),
        Preset(
            "opposite",
            "Exactly opposite",
            "The worst pair there is: loss 2. And the gradient is 0, for at 180° neither side is the shorter way back.",
            {"angle": 180, "target": "1"},
        ),
        Preset(
            "dead-zone",
            "Not alike, far enough",
            "At 80° the cosine is 0.17, below the margin of 0.25: the loss is 0 and nothing pulls. It would at 75°.",
            {"angle": 80, "margin": 0.25, "target": "-1"},
        ),
        Preset(
            "label-0",
            "Labels 0 and 1",
            "With y = 0 the loss is 0 at every angle. A data set with labels 0 and 1 trains only on the pairs with 1, "
            "and its mean loss looks better than it is.",
            {"angle": 20, "target": "0"},
        ),
    ),
    corrections=(
        Correction(
            claim="It computes the cosine distance.",
            fact="Only for y = 1, where it is 1 - cos. For y = -1 it is max(0, cos - margin), which is 0 up to "
            "a cosine of the margin, and the margin does not touch y = 1.",
            code="""\
import torch

left, right = torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]])
for label in (1.0, -1.0):
    for margin in (0.0, 0.5):
        loss = torch.nn.CosineEmbeddingLoss(margin=margin)(
            left, right, torch.tensor([label])
        )
        print(f"{label:g} {margin:g} {loss.item():.4f}")
""",
            prints="1 0 0.4000\n1 0.5 0.4000\n-1 0 0.6000\n-1 0.5 0.1000",
        ),
        Correction(
            claim="The worse the pair, the stronger the pull.",
            fact="The gradient by the angle goes with its sine: strongest at 90°, weak again beyond, and 0 at 180°, "
            "where the loss is largest.",
            code="""\
import torch

right = torch.tensor([[1.0, 0.0]])
for left in ([1.0, 1.0], [0.0, 1.0], [-1.0, 0.1], [-1.0, 0.0]):
    left = torch.tensor([left], requires_grad=True)
    loss = torch.nn.CosineEmbeddingLoss()(left, right, torch.ones(1))
    loss.backward()
    print(f"{loss.item():.4f} {left.grad.norm().item():.4f}")
""",
            prints="0.2929 0.5000\n1.0000 1.0000\n1.9950 0.0990\n2.0000 0.0000",
        ),
        Correction(
            claim="It is 1 - torch.cosine_similarity.",
            fact="For vectors of ordinary length. The two guard against division by 0 differently, so for tiny "
            "vectors they part.",
            code="""\
import torch

right = torch.tensor([[1.0, 0.0]])
for length in (1.0, 1e-6):
    left = torch.tensor([[length, 0.0]])
    loss = torch.nn.CosineEmbeddingLoss()(left, right, torch.ones(1))
    print(f"{loss.item():.4f} {1 - torch.cosine_similarity(left, right).item():.4f}")
""",
            prints="0.0000 0.0000\n0.2929 0.0000",
        ),
    ),
    edges=(
        Edge(
            title="Label 0",
            code="""\
import torch

left, right = torch.tensor([[1.0, 0.0]], requires_grad=True), torch.tensor([[1.0, 0.1]])
loss = torch.nn.CosineEmbeddingLoss()(left, right, torch.tensor([0.0]))
loss.backward()
print(loss.item(), left.grad.tolist())
""",
            says="0.0 [[0.0, 0.0]]",
            sentence="The label 0 is neither alike nor not alike: the pair costs nothing and teaches nothing.",
            fix="Turn labels 0 and 1 into -1 and 1 with 2 * target - 1.",
            fixed="""\
import torch

left, right = torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.1]])
loss = torch.nn.CosineEmbeddingLoss()(left, right, 2 * torch.tensor([0.0]) - 1)
print(f"{loss.item():.4f}")
""",
            prints="0.9950",
        ),
        Edge(
            title="A vector of zeros",
            code="""\
import torch

left, right = torch.zeros(1, 2, requires_grad=True), torch.tensor([[1.0, 0.0]])
loss = torch.nn.CosineEmbeddingLoss()(left, right, torch.ones(1))
loss.backward()
print(loss.item(), left.grad.tolist())
""",
            says="1.0 [[-1000000.0, 0.0]]",
            sentence="Zeros have no direction: torch takes the cosine as 0, and the gradient is a million long.",
            fix="Keep embeddings away from 0, or clip the gradient.",
            fixed="""\
import torch

left, right = torch.zeros(1, 2, requires_grad=True), torch.tensor([[1.0, 0.0]])
torch.nn.CosineEmbeddingLoss()(left, right, torch.ones(1)).backward()
torch.nn.utils.clip_grad_norm_([left], max_norm=1.0)
print(f"{left.grad.norm().item():.4f}")
""",
            prints="1.0000",
        ),
        Edge(
            title="A column of labels",
            code="""\
import torch

left, right = torch.randn(3, 2), torch.randn(3, 2)
torch.nn.CosineEmbeddingLoss()(left, right, torch.ones(3, 1))
""",
            says="RuntimeError: 0D or 1D target tensor expected, multi-target not supported",
            sentence="There is one label a pair, so the labels of three pairs have the shape (3), not (3, 1).",
            fix="Take the extra dimension from the labels.",
            fixed="""\
import torch

left = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
loss = torch.nn.CosineEmbeddingLoss()(left, 2 * left, torch.ones(3, 1).squeeze(1))
print(loss.item())
""",
            prints="0.0",
        ),
        Edge(
            title="One label for a whole batch",
            code="""\
import torch

left, right = torch.randn(3, 2), torch.randn(3, 2)
torch.nn.CosineEmbeddingLoss()(left, right, torch.tensor(1.0))
""",
            says="RuntimeError: 0D target tensor expects 1D input tensors, but found inputs with sizes [3, 2] "
            "and [3, 2].",
            sentence="A label without a dimension belongs to a single pair of vectors without a batch dimension.",
            fix="Give every pair its label.",
            fixed="""\
import torch

left = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
print(torch.nn.CosineEmbeddingLoss()(left, -left, torch.ones(3)).item())
""",
            prints="2.0",
        ),
    ),
    batch=Batch(
        rows=(
            {"angle": 0, "length": 1, "target": "1"},
            {"angle": 60, "length": 1, "target": "1"},
            {"angle": 60, "length": 3, "target": "1"},
            {"angle": 180, "length": 1, "target": "1"},
            {"angle": 20, "length": 1, "target": "-1"},
            {"angle": 120, "length": 1, "target": "-1"},
            {"angle": 20, "length": 1, "target": "0"},
        ),
        divides="the number of pairs; pairs beyond the margin count too",
    ),
    sources=(
        torch_page("CosineEmbeddingLoss"),
        Source("Schroff, Kalenichenko, Philbin 2015, FaceNet (embeddings of length 1)", FACENET),
    ),
)
