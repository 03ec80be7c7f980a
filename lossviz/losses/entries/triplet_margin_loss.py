"""TripletMarginLoss, the positive must be nearer to the anchor than the negative, by a margin."""

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
    LossEntry,
    Preset,
    Source,
)
from lossviz.losses.knob import Knob
from lossviz.losses.option import Option
from lossviz.losses.shared_sources import DESCRIPTORS, FACENET, torch_page
from lossviz.losses.triplet_distances import between, gap, norm, slope

NEGATIVE_X = Knob(
    "negative_x",
    "n_0",
    -3,
    3,
    0.5,
    1,
    "the place across of the negative, an example of a different kind from the anchor",
)
NEGATIVE_Y = Knob("negative_y", "n_1", -3, 3, 0.5, -1, "its place up")
POSITIVE_X = Knob(
    "positive_x", "p_0", -1, 1, 0.5, 0.5, "the place across of the positive, an example of the anchor's kind"
)
POSITIVE_Y = Knob("positive_y", "p_1", -1, 1, 0.5, 0.5, "its place up")
MARGIN = Knob("margin", "m", 0.5, 2.5, 0.5, 1, "by how much farther the negative must be than the positive")
ANCHOR = Option(
    "anchor",
    "a",
    {"0,0": (0, 0), "-1,0": (-1, 0), "1,1": (1, 1)},
    "0,0",
    "where the example lies that the other two are compared with",
    name="anchor a",
    spelled={"0,0": "(0, 0)", "-1,0": "(−1, 0)", "1,1": "(1, 1)"},
)
P = Option(
    "p",
    "p",
    {"2": 2, "1": 1, "inf": math.inf},
    "2",
    "the norm that measures distances: 2 is the ordinary one, 1 adds the coordinates, inf takes the larger one",
    name="distance by norm p",
    spelled={"2": "2, straight line", "1": "1, sum", "inf": "∞, larger one"},
)
SWAP = Option(
    "swap",
    "s",
    {"off": False, "on": True},
    "off",
    "if on, the negative must also be that far from the positive: the smaller of the two distances counts",
    name="swap (also from the positive)",
)


def _d_ap(numbers: Mapping[str, float]) -> float:
    return norm(numbers["p"], *between(numbers, "anchor", "positive"))


def _d_an(numbers: Mapping[str, float]) -> float:
    return norm(numbers["p"], *between(numbers, "anchor", "negative"))


def _d_pn(numbers: Mapping[str, float]) -> float:
    return norm(numbers["p"], *between(numbers, "positive", "negative"))


def _gap(numbers: Mapping[str, float]) -> float:
    return gap(numbers["d_ap"], numbers["d_an"], numbers["margin"])


def _swapped_gap(numbers: Mapping[str, float]) -> float:
    return gap(numbers["d_ap"], min(numbers["d_an"], numbers["d_pn"]), numbers["margin"])


def _slope_an(numbers: Mapping[str, float]) -> float:
    return -slope(numbers["p"], *between(numbers, "anchor", "negative"))


def _slope_pn(numbers: Mapping[str, float]) -> float:
    return -slope(numbers["p"], *between(numbers, "positive", "negative"))


_SLOPES = {
    "2": r"\tfrac{n_0 - %s_0 - \varepsilon}{d_{%sn}}",
    "1": r"\operatorname{sign}(n_0 - %s_0 - \varepsilon)",
    "inf": r"\operatorname{sign}(n_0 - %s_0 - \varepsilon) \text{ if larger, else } 0",
}
"""The derivative of a distance by the negative's first coordinate, in LaTeX, for each norm."""


def _slope_definitions(label: str) -> tuple[Definition, ...]:
    """The derivatives of the two distances to the negative."""
    text = _SLOPES[label]
    return tuple(
        Definition(
            f"slope_{point}n_{label}",
            rf"\partial d_{{{point}n}}/\partial n_0",
            text % ((point,) * text.count("%s")),
            computed,
        )
        for point, computed in (("a", _slope_an), ("p", _slope_pn))
    )


def _branches(label: str) -> tuple[Branch, ...]:
    """The cases of the formula for one norm."""
    norm = "p > 2" if label == "inf" else f"p == {label}"
    near, far = f"{norm} and swap == 1 and swapped_gap > 0", f"{norm} and swap == 1 and swapped_gap <= 0"
    from_anchor, from_positive = f"slope_an_{label}", f"slope_pn_{label}"
    return (
        Branch(f"{norm} and swap == 0 and gap > 0", _LOSS, f"-{from_anchor}", "too close"),
        Branch(f"{norm} and swap == 0 and gap <= 0", "0", "0", "far enough"),
        Branch(f"{near} and d_an < d_pn", _LOSS, f"-{from_anchor}", "too close to the anchor"),
        Branch(
            f"{near} and d_an > d_pn",
            "d_ap - d_pn + margin",
            f"-{from_positive}",
            "too close to the positive",
        ),
        Branch(
            f"{near} and d_an == d_pn",
            _LOSS,
            f"-({from_anchor} + {from_positive}) / 2",
            "as close to the one as to the other",
        ),
        Branch(far, "0", "0", "far enough"),
    )


_LOSS = "d_ap - d_an + margin"

ENTRY = LossEntry(
    name="TripletMarginLoss",
    category="ranking",
    rank=40,
    title="Triplet",
    summary="The positive must be nearer to the anchor than the negative, by a margin; once it is, loss and "
    "gradient are 0.",
    use=(
        "You learn an embedding in which things of one kind lie together: faces, products, sentences.",
        "You can say which of two items is more like a third one, but not how much.",
    ),
    avoid=(
        "The triplets are picked at random: soon nearly all of them have loss 0, and training stands still.",
        "You have a class for every item and few classes: cross-entropy is simpler, for it needs no triplets.",
    ),
    knobs=(NEGATIVE_X, NEGATIVE_Y, POSITIVE_X, POSITIVE_Y, MARGIN),
    options=(ANCHOR, P, SWAP),
    arguments=(
        Argument("anchor", ("anchor",), learned=True),
        Argument("positive", ("positive_x", "positive_y"), learned=True),
        Argument("negative", ("negative_x", "negative_y"), learned=True),
    ),
    parameters=MappingProxyType({"margin": "margin", "p": "p", "swap": "swap"}),
    definitions=(
        Definition("d_ap", "d_{ap}", r"\lVert a - p + \varepsilon \rVert", _d_ap),
        Definition("d_an", "d_{an}", r"\lVert a - n + \varepsilon \rVert", _d_an),
        Definition("d_pn", "d_{pn}", r"\lVert p - n + \varepsilon \rVert", _d_pn),
        Definition("gap", "g", "d_{ap} - d_{an} + m", _gap),
        Definition("swapped_gap", "g", r"d_{ap} - \min(d_{an}, d_{pn}) + m", _swapped_gap),
        *(definition for label in P.choices for definition in _slope_definitions(label)),
    ),
    branches=tuple(branch for label in P.choices for branch in _branches(label)),
    gradient_window=(-1.2, 1.2),
    views=("triplet",),
    presets=(
        Preset(
            "easy",
            "Easy",
            "The negative lies in the shaded region: loss 0, no arrows. Most random triplets of a trained network "
            "look like this and teach it nothing.",
            {"negative_x": 2.5, "negative_y": -1.5},
        ),
        Preset(
            "semi-hard",
            "Semi-hard",
            "The negative is farther than the positive, 1.41 against 0.71, but not by the margin of 1: the loss is "
            "0.29. FaceNet picks triplets like this.",
            {"negative_x": 1, "negative_y": -1},
        ),
        Preset(
            "hard",
            "Hard",
            "The negative is nearer than the positive, 0.5 against 1.41: the loss is 1.91, more than the margin. "
            "The arrows are as long as for the semi-hard triplet.",
            {"negative_x": 0.5, "negative_y": 0, "positive_x": 1, "positive_y": 1},
        ),
        Preset(
            "collapse",
            "Collapse",
            "All three points are one: the loss is the margin, 1, and the anchor gets no gradient. A collapsed "
            "network shows a loss that stays at the margin. The two arrows left are the work of eps.",
            {"negative_x": 0, "negative_y": 0, "positive_x": 0, "positive_y": 0},
        ),
        Preset(
            "swap",
            "Swap",
            "The negative is far enough from the anchor, 2.92, but only 1.58 from the positive. Without swap the loss "
            "is 0; with it the smaller distance counts, and the loss is 0.83.",
            {"negative_x": 2.5, "negative_y": 1.5, "positive_x": 1, "positive_y": 1, "swap": "on"},
        ),
    ),
    corrections=(
        Correction(
            claim="It maximizes the distance to the negatives.",
            fact="Only until the negative is farther than the positive by the margin. From there on the loss and its "
            "gradient are 0.",
            code="""\
import torch

for place in (1.0, 1.9, 2.1, 50.0):
    anchor, positive = torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]])
    negative = torch.tensor([[place, 0.0]], requires_grad=True)
    loss = torch.nn.TripletMarginLoss(margin=1.0)(anchor, positive, negative)
    loss.backward()
    print(f"{place} {loss.item():.4f} {negative.grad[0, 0].item() + 0.0:.4f}")
""",
            prints="1.0 1.0000 -1.0000\n1.9 0.1000 -1.0000\n2.1 0.0000 0.0000\n50.0 0.0000 0.0000",
        ),
        Correction(
            claim="The margin is the boundary between the clusters.",
            fact="It is a difference of two distances and draws no boundary: the region of zero loss begins at "
            "d(a, p) + m, so it moves when the positive does.",
            code="""\
import torch

anchor, negative = torch.tensor([[0.0, 0.0]]), torch.tensor([[2.5, 0.0]])
for place in (1.0, 2.0):
    positive = torch.tensor([[0.0, place]])
    loss = torch.nn.TripletMarginLoss(margin=1.0)(anchor, positive, negative)
    print(f"{loss.item():.4f}")
""",
            prints="0.0000\n0.5000",
        ),
        Correction(
            claim="A loss that stays at the margin means that the margin is too large.",
            fact="It is the mark of collapse: when all embeddings are one point, the loss is the margin, "
            "whatever you set.",
            code="""\
import torch

point = torch.full((8, 16), 0.3)
for margin in (0.2, 1.0):
    loss = torch.nn.TripletMarginLoss(margin=margin)(point, point, point)
    print(f"{loss.item():.4f}")
""",
            prints="0.2000\n1.0000",
        ),
    ),
    edges=(
        Edge(
            title="Margin 0",
            code="""\
import torch

torch.nn.TripletMarginLoss(margin=0.0)
""",
            says="ValueError: TripletMarginLoss: expected margin to be greater than 0, got 0.0 instead",
            sentence="torch refuses a margin that is not above 0: without one, a collapsed network would have loss 0.",
            fix="Take a margin above 0.",
            fixed="""\
import torch

point = torch.zeros(1, 2)
print(f"{torch.nn.TripletMarginLoss(margin=0.1)(point, point, point).item():.4f}")
""",
            prints="0.1000",
        ),
        Edge(
            title="Another number of dimensions",
            code="""\
import torch

anchor, positive, negative = torch.zeros(4, 2), torch.zeros(2), torch.ones(4, 2)
torch.nn.TripletMarginLoss()(anchor, positive, negative)
""",
            says="RuntimeError: The anchor, positive, and negative tensors are expected to have the same number of "
            "dimensions, but got: anchor 2D, positive 1D, and negative 2D inputs",
            sentence="One positive was to serve four anchors, but the three tensors must have as many dimensions.",
            fix="Repeat the positive for every anchor.",
            fixed="""\
import torch

anchor, positive, negative = torch.zeros(4, 2), torch.zeros(2), torch.ones(4, 2)
loss = torch.nn.TripletMarginLoss()(anchor, positive.expand(4, 2), negative)
print(f"{loss.item():.4f}")
""",
            prints="0.0000",
        ),
        Edge(
            title="p = 0",
            code="""\
import torch

anchor, positive = torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]])
for place in (2.0, 50.0):
    negative = torch.tensor([[place, 0.0]])
    print(torch.nn.TripletMarginLoss(p=0)(anchor, positive, negative).item())
""",
            says="1.0\n1.0",
            sentence="The 0-norm counts coordinates that differ, and with eps all of them do: any triplet costs the "
            "margin. torch does not complain.",
            fix="Take p = 1, 2 or infinity.",
            fixed="""\
import torch

anchor, positive = torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]])
for place in (1.5, 50.0):
    negative = torch.tensor([[place, 0.0]])
    print(torch.nn.TripletMarginLoss(p=2)(anchor, positive, negative).item())
""",
            prints="0.5\n0.0",
        ),
        Edge(
            title="An infinite negative",
            code="""\
import torch

anchor, positive = torch.zeros(1, 2), torch.ones(1, 2)
negative = torch.tensor([[float("inf"), 0.0]], requires_grad=True)
loss = torch.nn.TripletMarginLoss()(anchor, positive, negative)
loss.backward()
print(loss.item(), negative.grad.tolist())
""",
            says="0.0 [[nan, 0.0]]",
            sentence="The loss looks perfect, 0, while the gradient is not a number: it will spoil every weight.",
            fix="Look for values that are not finite in the embeddings, not only in the loss.",
            fixed="""\
import torch

negative = torch.tensor([[float("inf"), 0.0]])
print(torch.isfinite(negative).all().item())
""",
            prints="False",
        ),
    ),
    batch=Batch(
        rows=(
            {"positive_x": 0.5, "positive_y": 0.5, "negative_x": 1, "negative_y": -1},
            {"positive_x": 0.5, "positive_y": 0.5, "negative_x": 3, "negative_y": 0},
            {"positive_x": 0.5, "positive_y": 0, "negative_x": 0, "negative_y": 3},
            {"positive_x": 1, "positive_y": 1, "negative_x": 0.5, "negative_y": 0},
            {"positive_x": 0, "positive_y": 0, "negative_x": 0, "negative_y": 0},
            {"positive_x": -0.5, "positive_y": 0, "negative_x": -2.5, "negative_y": 2},
        ),
        divides="the number of triplets; those in the region of zero loss count too",
    ),
    sources=(
        torch_page("TripletMarginLoss"),
        Source(
            "Balntas et al. 2016, Learning local feature descriptors with triplets (with the swap)",
            DESCRIPTORS,
        ),
        Source("Schroff, Kalenichenko, Philbin 2015, FaceNet", FACENET),
    ),
)
