"""MultiLabelMarginLoss, a hinge between every true and every other class; the target is a list of labels."""

from __future__ import annotations

from collections.abc import Sequence
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
)
from lossviz.losses.option import Option
from lossviz.losses.shared_bars import gradient_bars, raw_bars
from lossviz.losses.shared_edges import unchecked_empty_batch
from lossviz.losses.shared_knobs import LABELS_SPELLED, LOGIT_KEYS, LOGITS
from lossviz.losses.shared_sources import torch_page

_TARGETS = {
    "0": (0, -1, -1),
    "1": (1, -1, -1),
    "0,2": (0, 2, -1),
    "1,2": (1, 2, -1),
    "0,1,2": (0, 1, 2),
    "none": (-1, -1, -1),
    "multi-hot 1,0,1": (1, 0, 1),
}
_LABELS = Option(
    "labels",
    "y",
    _TARGETS,
    "0,2",
    "the true classes, as a list of indices that ends at the first -1; multi-hot is 1, 0, 1, given by mistake",
    name="true classes y",
    spelled={**LABELS_SPELLED, "multi-hot 1,0,1": "multi-hot"},
)


def _pairs(target: Sequence[int]) -> list[tuple[int, int]]:
    """A true and another class, for each hinge; a label that stands twice in the list counts twice."""
    true = target[: target.index(-1)] if -1 in target else target
    return [(j, i) for j in true for i in range(3) if i not in true]


def _branch(label: str, target: tuple[int, ...]) -> Branch:
    """The formula for one target."""
    pairs = _pairs(target)
    up = " + ".join(f"sign(h_{j}{i})" for j, i in pairs if i == 0)
    down = " + ".join(f"sign(h_{j}{i})" for j, i in pairs if j == 0)
    return Branch(
        when=" and ".join(f"labels_{place} == {number}" for place, number in enumerate(target)),
        loss=f"({' + '.join(f'h_{j}{i}' for j, i in pairs)}) / 3" if pairs else "0",
        gradient=f"({up}) / 3" if up else f"-({down}) / 3" if down else "0",
        name=f"labels {label}",
    )


def _kinks(target: tuple[int, ...]) -> list[Kink]:
    """Where a hinge that the first score takes part in sets in."""
    when = " and ".join(f"labels_{place} == {number}" for place, number in enumerate(target))
    places = [f"1 + logit_{i}" if j == 0 else f"logit_{j} - 1" for j, i in _pairs(target) if 0 in (i, j)]
    return [Kink(place, when) for place in dict.fromkeys(places)]


ENTRY = LossEntry(
    name="MultiLabelMarginLoss",
    category="classification",
    rank=90,
    title="Multi-label margin",
    summary="Several classes may be true: each must beat every false one by 1. The target lists the true ones, "
    "up to −1.",
    use=(
        "Several classes can be true, and only their order against the others matters.",
        "The labels come as lists of indices of different lengths, filled up with −1.",
    ),
    avoid=(
        "The target has a 0 or a 1 for each class: take MultiLabelSoftMargin or BCEWithLogits.",
        "You need a yes or no for each class: this loss only ranks, and has no threshold.",
    ),
    knobs=LOGITS,
    options=(_LABELS,),
    arguments=(
        Argument("logits", LOGIT_KEYS, learned=True),
        Argument("target", ("labels",), dtype="int64"),
    ),
    probes=(Probe("gradient_of_score", "logits.grad", 3),),
    definitions=tuple(
        Definition(f"h_{j}{i}", f"h_{{{j}{i}}}", f"max(0, 1 - logit_{j} + logit_{i})")
        for j in range(3)
        for i in range(3)
        if i != j
    ),
    branches=tuple(_branch(label, target) for label, target in _TARGETS.items()),
    kinks=tuple(kink for target in _TARGETS.values() for kink in _kinks(target)),
    loss_window=(0, 6),
    gradient_window=(-1.2, 1.2),
    views=("curve", "bars"),
    bars=(
        (
            raw_bars("score z"),
            gradient_bars("gradient_of_score", 1),
        ),
    ),
    overlays=MappingProxyType({"MultiLabelSoftMarginLoss": {}}),
    presets=(
        Preset(
            "weak-one",
            "The weaker true class pays",
            "0 and 2 are true. Class 0 leads class 1 by 1, just enough; class 2 lies 1 behind and lacks 2: loss 2/3.",
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "labels": "0,2"},
        ),
        Preset(
            "multi-hot",
            "Multi-hot is not multi-hot",
            "1, 0, 1 was meant as “classes 0 and 2”. It is read as the labels 1, 0, 1: class 2 is the wrong one, and "
            "class 1 counts twice. The loss is 0 for the wrong answer.",
            {"logit_0": 2, "logit_1": 2, "logit_2": 0, "labels": "multi-hot 1,0,1"},
        ),
        Preset(
            "all",
            "All true, or none",
            "There is no pair of a true and another class, so the loss is 0 whatever the scores.",
            {"logit_0": -4, "logit_1": 1, "logit_2": 0, "labels": "0,1,2"},
        ),
    ),
    corrections=(
        Correction(
            claim="The target has a 1 for each true class, as in other multi-label losses.",
            fact="It lists indices, up to the first −1. [1, 0, 0, 1] is read as the labels 1, 0, 0 and 1.",
            code="""\
import torch

scores = torch.tensor([[0.1, 0.2, 0.4, 0.8]])
for target in ([3, 0, -1, 1], [0, 3, -1, -1], [1, 0, 0, 1]):
    loss = torch.nn.MultiLabelMarginLoss()(scores, torch.tensor([target]))
    print(target, f"{loss.item():.4f}")
""",
            prints="[3, 0, -1, 1] 0.8500\n[0, 3, -1, -1] 0.8500\n[1, 0, 0, 1] 2.9000",
        ),
        Correction(
            claim="The loss is 0 only if every class is on the right side.",
            fact="There are no sides: only differences count. Scores that are all below 0 can be perfect.",
            code="""\
import torch

for shift in (0.0, -100.0):
    scores = torch.tensor([[3.0, 1.0, 2.0]]) + shift
    print(
        scores.tolist(),
        torch.nn.MultiLabelMarginLoss()(scores, torch.tensor([[0, 2, -1]])).item(),
    )
""",
            prints="[[3.0, 1.0, 2.0]] 0.0\n[[-97.0, -99.0, -98.0]] 0.0",
        ),
    ),
    edges=(
        Edge(
            title="A multi-hot target",
            code="""\
import torch

scores = torch.tensor([[2.0, 2.0, 0.0]])
print(torch.nn.MultiLabelMarginLoss()(scores, torch.tensor([[1, 0, 1]])).item())
""",
            says="0.0",
            sentence="Classes 0 and 2 were meant. torch reads the labels 1, 0 and 1, without a word.",
            fix="Give the indices, filled up with −1.",
            fixed="""\
import torch

scores = torch.tensor([[2.0, 2.0, 0.0]])
loss = torch.nn.MultiLabelMarginLoss()(scores, torch.tensor([[0, 2, -1]]))
print(f"{loss.item():.4f}")
""",
            prints="1.3333",
        ),
        Edge(
            title="A label that is no class",
            code="""\
import torch

torch.nn.MultiLabelMarginLoss()(torch.zeros(1, 3), torch.tensor([[0, 3, -1]]))
""",
            says="RuntimeError: argument #2 'target' is out of range",
            sentence="Three classes are 0, 1 and 2.",
            fix="Count the labels from 0.",
            fixed="""\
import torch

loss = torch.nn.MultiLabelMarginLoss()(torch.zeros(1, 3), torch.tensor([[0, 2, -1]]))
print(f"{loss.item():.4f}")
""",
            prints="0.6667",
        ),
        Edge(
            title="A list shorter than the classes",
            code="""\
import torch

torch.nn.MultiLabelMarginLoss()(torch.zeros(1, 3), torch.tensor([[0]]))
""",
            says="RuntimeError: inconsistent target size: [1, 1] for input of size: [1, 3]",
            sentence="The target has the shape of the scores: one place for each class that could be true.",
            fix="Fill up with −1.",
            fixed="""\
import torch

target = torch.nn.functional.pad(torch.tensor([[0]]), (0, 2), value=-1)
print(
    target.tolist(),
    f"{torch.nn.MultiLabelMarginLoss()(torch.zeros(1, 3), target).item():.4f}",
)
""",
            prints="[[0, -1, -1]] 0.6667",
        ),
        Edge(
            title="A score that is not a number",
            code="""\
import torch

scores = torch.tensor([[float("nan"), 0.0, 0.0]])
print(torch.nn.MultiLabelMarginLoss()(scores, torch.tensor([[0, -1, -1]])).item())
""",
            says="0.0",
            sentence="Every comparison with nan is false, so a broken network looks perfect.",
            fix="Check the scores before the loss.",
            fixed="""\
import torch

scores = torch.tensor([[float("nan"), 0.0, 0.0]])
print(scores.isfinite().all().item())
""",
            prints="False",
        ),
        unchecked_empty_batch("MultiLabelMarginLoss", "torch.zeros(0, 3, dtype=torch.int64)"),
    ),
    batch=Batch(
        rows=(
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "labels": "0,2"},
            {"logit_0": 3, "logit_1": 0, "logit_2": 2, "labels": "0,2"},
            {"logit_0": 0, "logit_1": 0, "logit_2": 0, "labels": "1"},
            {"logit_0": 1, "logit_1": 2, "logit_2": 3, "labels": "none"},
            {"logit_0": 2, "logit_1": 2, "logit_2": 0, "labels": "multi-hot 1,0,1"},
        ),
    ),
    sources=(
        torch_page("MultiLabelMarginLoss"),
        Source(
            "Crammer and Singer 2003, A Family of Additive Online Algorithms for Category Ranking",
            "https://www.jmlr.org/papers/v3/crammer03b.html",
        ),
    ),
)
