"""HingeEmbeddingLoss, a distance that must be small for a pair that is alike and large for one that is not."""

from __future__ import annotations

from types import MappingProxyType

from lossviz.losses.entry import (
    Argument,
    Batch,
    Branch,
    Correction,
    Edge,
    Kink,
    LossEntry,
    Preset,
    Source,
    Zone,
)
from lossviz.losses.knob import Knob
from lossviz.losses.shared_knobs import pair_label
from lossviz.losses.shared_sources import torch_page

DISTANCE = Knob("distance", "x", -1, 4, 0.1, 0.5, "how far apart the two embeddings are")
MARGIN = Knob("margin", "m", 0, 3, 0.25, 1, "how far apart a pair that is not alike must be")
TARGET = pair_label("-1", "the pair is alike", "it is not", ("alike", "not alike"))

ENTRY = LossEntry(
    name="HingeEmbeddingLoss",
    category="ranking",
    rank=20,
    title="Hinge embedding",
    summary="Takes a distance: pairs that are alike pay it in full; the others pay only if they are closer than "
    "the margin.",
    use=(
        "You have pairs labelled alike or not alike, and a distance between the two embeddings.",
        "Pairs that are far enough apart should be left alone.",
    ),
    avoid=(
        "You have raw scores or logits: the input is a distance. A negative one gives a negative loss.",
        "You want the hinge loss of a support vector machine: this is another one.",
    ),
    knobs=(DISTANCE, MARGIN),
    options=(TARGET,),
    arguments=(
        Argument("distance", ("distance",), learned=True),
        Argument("target", ("target",)),
    ),
    parameters=MappingProxyType({"margin": "margin"}),
    branches=(
        Branch(when="target == 1", loss="distance", gradient="1", name="alike: pull together"),
        Branch(
            when="target == -1 and distance < margin",
            loss="margin - distance",
            gradient="-1",
            name="not alike and too near: push apart",
        ),
        Branch(
            when="target == -1 and distance >= margin",
            loss="0",
            gradient="0",
            name="not alike and far enough: dead zone",
        ),
        Branch(
            when="target == 0 and distance < margin",
            loss="margin",
            gradient="0",
            name="silent wrong label, y = 0: flat",
        ),
        Branch(
            when="target == 0 and distance >= margin",
            loss="distance",
            gradient="1",
            name="silent wrong label, y = 0: pulls together",
        ),
    ),
    kinks=(Kink("margin", when="target < 1"),),
    zone=Zone(
        "(target == -1) * (margin + 1) - 1 + (target == 1) * 9",
        "(target == 0) * (margin - 4) + 4",
        "dead zone",
    ),
    loss_window=(-1, 4),
    gradient_window=(-1.5, 1.5),
    presets=(
        Preset(
            "inside",
            "Just inside the margin",
            "A pair that is not alike, 0.9 apart where the margin asks for 1: the loss is only 0.1, the gradient a "
            "full -1.",
            {"distance": 0.9, "margin": 1, "target": "-1"},
        ),
        Preset(
            "beyond",
            "Just beyond it",
            "0.2 further, and the loss and the gradient are 0: this pair no longer takes part in training.",
            {"distance": 1.1, "margin": 1, "target": "-1"},
        ),
        Preset(
            "label-0",
            "Labels 0 and 1",
            "With y = 0 both halves of the loss are added. At distance 2 it says 2 and pulls together the pair that "
            "you wanted apart; y = -1 would say 0.",
            {"distance": 2, "margin": 1, "target": "0"},
        ),
        Preset(
            "not-a-distance",
            "Not a distance",
            "The input is taken as it is. A score of -1 for a pair that is alike gives loss -1, and there is no floor.",
            {"distance": -1, "margin": 1, "target": "1"},
        ),
    ),
    corrections=(
        Correction(
            claim="It takes two inputs x and decides whether they are similar.",
            fact="It takes one number for each pair, their distance. You compute it, with a norm, before the loss.",
            code="""\
import torch

left, right = torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]])
distance = torch.nn.PairwiseDistance()(left, right)
for label in (1.0, -1.0):
    loss = torch.nn.HingeEmbeddingLoss(margin=6.0)(distance, torch.tensor([label]))
    print(f"{distance.item():.4f} {label} {loss.item():.4f}")
""",
            prints="5.0000 1.0 5.0000\n5.0000 -1.0 1.0000",
        ),
        Correction(
            claim="It is the hinge loss of support vector machines.",
            fact="That one is max(0, 1 - y · x), which is linear on one side of the margin for either label. Here "
            "y = 1 has no hinge at all: the loss is x.",
            code="""\
import torch

score = torch.tensor([-40.0, 2.0])
label = torch.tensor([1.0, 1.0])
print(torch.nn.HingeEmbeddingLoss(reduction="none")(score, label).tolist())
print(torch.clamp(1 - label * score, min=0).tolist())
""",
            prints="[-40.0, 2.0]\n[41.0, 0.0]",
        ),
        Correction(
            claim="Labels are 0 and 1.",
            fact="They are -1 and 1, and torch does not check. With 0 the loss is x + max(0, m - x): flat below the "
            "margin and, beyond it, pulling together.",
            code="""\
import torch

for label in (1.0, -1.0, 0.0):
    distance = torch.tensor([2.0], requires_grad=True)
    loss = torch.nn.HingeEmbeddingLoss()(distance, torch.tensor([label]))
    loss.backward()
    print(label, loss.item(), distance.grad.item())
""",
            prints="1.0 2.0 1.0\n-1.0 0.0 0.0\n0.0 2.0 1.0",
        ),
    ),
    edges=(
        Edge(
            title="Label 0",
            code="""\
import torch

distance = torch.tensor([2.0], requires_grad=True)
loss = torch.nn.HingeEmbeddingLoss()(distance, torch.tensor([0.0]))
loss.backward()
print(loss.item(), distance.grad.item())
""",
            says="2.0 1.0",
            sentence="The label 0 means neither: torch adds both halves, and the gradient pulls the pair together.",
            fix="Turn labels 0 and 1 into -1 and 1 with 2 * target - 1.",
            fixed="""\
import torch

distance = torch.tensor([2.0], requires_grad=True)
loss = torch.nn.HingeEmbeddingLoss()(distance, 2 * torch.tensor([0.0]) - 1)
loss.backward()
print(loss.item(), distance.grad.item())
""",
            prints="0.0 0.0",
        ),
        Edge(
            title="Logits instead of a distance",
            code="""\
import torch

logits = torch.tensor([-40.0, 1.0])
print(torch.nn.HingeEmbeddingLoss()(logits, torch.ones(2)).item())
""",
            says="-19.5",
            sentence="A loss below 0: for y = 1 the loss is the input itself, and nothing stops it from falling.",
            fix="Give it a distance, which is never negative.",
            fixed="""\
import torch

left = torch.tensor([[1.0, 2.0], [0.0, 0.0]])
right = torch.tensor([[1.0, 2.0], [0.0, 1.0]])
distance = torch.nn.PairwiseDistance()(left, right)
print(f"{torch.nn.HingeEmbeddingLoss()(distance, torch.ones(2)).item():.4f}")
""",
            prints="0.5000",
        ),
        Edge(
            title="The embeddings themselves",
            code="""\
import torch

left, right = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0]])
torch.nn.HingeEmbeddingLoss()(left, right, torch.ones(1))
""",
            says="TypeError: HingeEmbeddingLoss.forward() takes 3 positional arguments but 4 were given",
            sentence="This loss wants one distance a pair and its label, not the two embeddings.",
            fix="Compute the distance first, for instance with PairwiseDistance.",
            fixed="""\
import torch

left, right = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0]])
distance = torch.nn.PairwiseDistance()(left, right)
print(f"{torch.nn.HingeEmbeddingLoss()(distance, torch.ones(1)).item():.4f}")
""",
            prints="2.8284",
        ),
        Edge(
            title="A column of distances",
            code="""\
import torch

distance, target = torch.tensor([[0.0], [5.0]]), torch.tensor([1.0, -1.0])
loss = torch.nn.HingeEmbeddingLoss(reduction="none")(distance, target)
print(loss.shape, loss.mean().item())
""",
            says="torch.Size([2, 2]) 1.5",
            sentence="Every distance met every label: two pairs became four, and a perfect model has a loss. torch "
            "does not warn.",
            fix="Give distances and labels the same shape.",
            fixed="""\
import torch

distance, target = torch.tensor([[0.0], [5.0]]), torch.tensor([1.0, -1.0])
print(torch.nn.HingeEmbeddingLoss()(distance.squeeze(1), target).item())
""",
            prints="0.0",
        ),
    ),
    batch=Batch(
        rows=(
            {"distance": 0.2, "target": "1"},
            {"distance": 2.0, "target": "1"},
            {"distance": 0.2, "target": "-1"},
            {"distance": 0.9, "target": "-1"},
            {"distance": 2.0, "target": "-1"},
            {"distance": 2.0, "target": "0"},
        ),
        divides="the number of pairs; pairs beyond the margin count too",
    ),
    sources=(
        torch_page("HingeEmbeddingLoss"),
        Source(
            "Hadsell, Chopra, LeCun 2006, Dimensionality Reduction by Learning an Invariant Mapping (its squared "
            "relative, the contrastive loss)",
            "https://doi.org/10.1109/CVPR.2006.100",
        ),
    ),
)
