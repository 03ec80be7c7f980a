"""MarginRankingLoss, a hinge on the difference of two scores."""

from __future__ import annotations

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
    Source,
    Zone,
)
from lossviz.losses.knob import Knob
from lossviz.losses.shared_knobs import pair_label
from lossviz.losses.shared_sources import torch_page

SCORE_1 = Knob("score_1", "x_1", -4, 4, 0.1, 0.5, "the score of the first item")
SCORE_2 = Knob("score_2", "x_2", -2, 2, 0.5, 0, "the score of the second item")
MARGIN = Knob("margin", "m", 0, 2, 0.25, 1, "how far apart the scores must be")
TARGET = pair_label("1", "the first must score higher", "the second must", ("first higher", "second higher"))

ENTRY = LossEntry(
    name="MarginRankingLoss",
    category="ranking",
    rank=10,
    title="Margin ranking",
    summary="Of two scores the right one must be higher, by a margin; once it is, the loss and its gradient are 0.",
    use=(
        "You know which of two items ranks higher, and not by how much: search results, preferences.",
        "The model gives one score an item, and only the order of the scores matters.",
    ),
    avoid=(
        "You know the scores themselves: then a regression loss uses more of what you know.",
        "You compare an anchor with two items by distance: take a triplet loss.",
    ),
    knobs=(SCORE_1, SCORE_2, MARGIN),
    options=(TARGET,),
    arguments=(
        Argument("input1", ("score_1",), learned=True),
        Argument("input2", ("score_2",), learned=True),
        Argument("target", ("target",)),
    ),
    parameters=MappingProxyType({"margin": "margin"}),
    target_line="score_2",
    definitions=(Definition("gap", "g", "-target * (score_1 - score_2) + margin"),),
    branches=(
        Branch(
            when="target != 0 and gap > 0",
            loss="gap",
            gradient="-target",
            name="too close or in the wrong order",
        ),
        Branch(
            when="target != 0 and gap <= 0",
            loss="0",
            gradient="0",
            name="right by the margin",
        ),
        Branch(when="target == 0", loss="margin", gradient="0", name="silent wrong label, y = 0"),
    ),
    kinks=(Kink("score_2 + target * margin", when="target != 0"),),
    zone=Zone(
        "(target == 1) * (score_2 + margin + 4) - 4",
        "(target == -1) * (score_2 - margin - 4) + 4",
        "dead zone",
    ),
    loss_window=(0, 6),
    gradient_window=(-1.5, 1.5),
    presets=(
        Preset(
            "right-but-close",
            "Right, but too close",
            "The first item already scores higher by 0.5. The margin asks for 1, so the loss is 0.5 and still pulls "
            "with its full gradient, -1.",
            {"score_1": 0.5, "score_2": 0, "margin": 1},
        ),
        Preset(
            "tie-at-the-default",
            "A tie at torch's default",
            "margin is 0 unless you set it. At a tie the loss is 0 and so is the gradient: a model that gives every "
            "item the same score is never corrected.",
            {"score_1": 0, "score_2": 0, "margin": 0},
        ),
        Preset(
            "wrong-order",
            "The wrong order",
            "The loss is 4, but the gradient is -1 as it was for an error of 0.5: outliers pull no harder.",
            {"score_1": -3, "score_2": 0, "margin": 1},
        ),
        Preset(
            "label-0",
            "Labels 0 and 1",
            "With y = 0 the scores drop out: the loss is the margin wherever you drag, and the gradient is 0. torch "
            "does not complain.",
            {"score_1": 2, "target": "0", "margin": 1},
        ),
    ),
    corrections=(
        Correction(
            claim="The target may be 1 or 0.",
            fact="It must be 1 or -1, and torch does not check. With 0 every sample costs the margin and teaches "
            "nothing; with 2 it counts twice.",
            code="""\
import torch

loss_function = torch.nn.MarginRankingLoss(margin=0.5)
for label in (1.0, -1.0, 0.0, 2.0):
    first, second = torch.tensor([-1.0], requires_grad=True), torch.tensor([0.0])
    loss = loss_function(first, second, torch.tensor([label]))
    loss.backward()
    print(label, loss.item(), first.grad.item() + 0.0)
""",
            prints="1.0 1.5 -1.0\n-1.0 0.0 0.0\n0.0 0.5 0.0\n2.0 2.5 -2.0",
        ),
        Correction(
            claim="The loss always separates two equal scores.",
            fact="Not with the default margin, which is 0: a tie has loss 0 and gradient 0.",
            code="""\
import torch

for margin in (0.0, 0.1):
    first, second = torch.zeros(1, requires_grad=True), torch.zeros(1)
    loss = torch.nn.MarginRankingLoss(margin=margin)(first, second, torch.ones(1))
    loss.backward()
    print(f"{loss.item():.6g} {first.grad.item() + 0.0}")
""",
            prints="0 0.0\n0.1 -1.0",
        ),
    ),
    edges=(
        Edge(
            title="Target 0",
            code="""\
import torch

first, second = torch.tensor([2.0, -2.0], requires_grad=True), torch.zeros(2)
loss = torch.nn.MarginRankingLoss(margin=0.5)(first, second, torch.tensor([1.0, 0.0]))
loss.backward()
print(loss.item(), (first.grad + 0.0).tolist())
""",
            says="0.25 [0.0, 0.0]",
            sentence="The second pair is in the wrong order by 2, but its label 0 wipes the scores out: it costs the "
            "margin and gets no gradient.",
            fix="Turn labels 0 and 1 into -1 and 1 with 2 * target - 1.",
            fixed="""\
import torch

first, second = torch.tensor([2.0, -2.0], requires_grad=True), torch.zeros(2)
target = 2 * torch.tensor([1.0, 0.0]) - 1
loss = torch.nn.MarginRankingLoss(margin=0.5)(first, second, target)
loss.backward()
print(loss.item(), target.tolist())
""",
            prints="0.0 [1.0, -1.0]",
        ),
        Edge(
            title="Boolean targets",
            code="""\
import torch

first, second = torch.tensor([1.0]), torch.tensor([2.0])
torch.nn.MarginRankingLoss()(first, second, first > second)
""",
            says="NotImplementedError: Negation, the `-` operator, on a bool tensor is not supported. If you are "
            "trying to invert a mask, use the `~` or `logical_not()` operator instead.",
            sentence="A comparison gives booleans, and torch does not negate a boolean.",
            fix="Make numbers of it, and spread them to -1 and 1.",
            fixed="""\
import torch

first, second = torch.tensor([1.0]), torch.tensor([2.0])
target = torch.where(first > second, 1.0, -1.0)
print(torch.nn.MarginRankingLoss()(first, second, target).item())
""",
            prints="0.0",
        ),
        Edge(
            title="Another number of dimensions",
            code="""\
import torch

scores = torch.zeros(3, 1)
torch.nn.MarginRankingLoss()(scores, scores, torch.ones(3))
""",
            says="RuntimeError: margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            "input1: torch.Size([3, 1]), input2: torch.Size([3, 1]), target: torch.Size([3])",
            sentence="Scores of shape (3, 1) met labels of shape (3): this loss wants the same number of dimensions.",
            fix="Take the extra dimension from the scores.",
            fixed="""\
import torch

scores = torch.zeros(3, 1).squeeze(1)
print(torch.nn.MarginRankingLoss()(scores, scores, torch.ones(3)).item())
""",
            prints="0.0",
        ),
        Edge(
            title="Sizes that broadcast",
            code="""\
import torch

column, row = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([[0.0, 1.0, 2.0]])
loss_function = torch.nn.MarginRankingLoss(margin=1.0, reduction="none")
print(loss_function(column, row, torch.ones(1, 1)).shape)
print(f"{loss_function(column, row, torch.ones(1, 1)).mean().item():.4f}")
""",
            says="torch.Size([3, 3])\n0.4444",
            sentence="Three pairs became nine: every score was compared with every other, and torch did not warn.",
            fix="Give both scores the same shape.",
            fixed="""\
import torch

column, row = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([[0.0, 1.0, 2.0]])
loss_function = torch.nn.MarginRankingLoss(margin=1.0)
print(loss_function(column, row.T, torch.ones(3, 1)).item())
""",
            prints="0.0",
        ),
    ),
    batch=Batch(
        rows=(
            {"score_1": 2.0, "score_2": 0.0, "target": "1"},
            {"score_1": 0.5, "score_2": 0.0, "target": "1"},
            {"score_1": 0.0, "score_2": 0.0, "target": "1"},
            {"score_1": -1.0, "score_2": 1.0, "target": "1"},
            {"score_1": -1.0, "score_2": 1.0, "target": "-1"},
            {"score_1": 3.0, "score_2": -1.0, "target": "0"},
        ),
        divides="the number of pairs; pairs that are already right count too",
    ),
    sources=(
        torch_page("MarginRankingLoss"),
        Source(
            "Herbrich, Graepel, Obermayer 2000, Large Margin Rank Boundaries for Ordinal Regression",
            "https://doi.org/10.7551/mitpress/1113.003.0010",
        ),
    ),
)
