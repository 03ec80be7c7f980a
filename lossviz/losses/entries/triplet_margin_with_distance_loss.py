"""TripletMarginWithDistanceLoss, the triplet loss with any distance that you can write down."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from lossviz.losses.entries.triplet_margin_loss import MARGIN, NEGATIVE_X, NEGATIVE_Y, POSITIVE_X, POSITIVE_Y
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
from lossviz.losses.option import Code, Option
from lossviz.losses.shared_sources import DESCRIPTORS, torch_page
from lossviz.losses.triplet_distances import between, gap, norm, slope

# Zeros have no direction, so no choice puts the anchor there.
ANCHOR = Option(
    "anchor",
    "a",
    {"1,0": (1, 0), "1,1": (1, 1), "0,1": (0, 1)},
    "1,0",
    "where the example lies that the other two are compared with",
    name="anchor a",
    spelled={"1,0": "(1, 0)", "1,1": "(1, 1)", "0,1": "(0, 1)"},
)
DISTANCE = Option(
    "distance_function",
    "d",
    {
        "euclidean": Code("torch.nn.PairwiseDistance()", 0),
        "cosine": Code("lambda u, v: 1 - torch.cosine_similarity(u, v)", 1),
    },
    "euclidean",
    "what measures how far apart two points are: their distance, which is torch's default, or 1 minus the cosine "
    "of the angle between them as seen from 0",
    name="distance d",
    spelled={"euclidean": "straight line", "cosine": "1 − cosine"},
)

_SMALLEST = 1e-8


def _points(numbers: Mapping[str, float], other: str) -> tuple[float, float, float, float]:
    return numbers["anchor_0"], numbers["anchor_1"], numbers[f"{other}_x"], numbers[f"{other}_y"]


def _euclidean(numbers: Mapping[str, float], other: str) -> float:
    return norm(2, *between(numbers, "anchor", other))


def _cosine(numbers: Mapping[str, float], other: str) -> float:
    a_x, a_y, x, y = _points(numbers, other)
    return (a_x * x + a_y * y) / (math.hypot(a_x, a_y) * max(math.hypot(x, y), _SMALLEST))


def _gap(numbers: Mapping[str, float]) -> float:
    return gap(numbers["d_ap"], numbers["d_an"], numbers["margin"])


def _cosine_gap(numbers: Mapping[str, float]) -> float:
    return gap(-numbers["cosine_ap"], -numbers["cosine_an"], numbers["margin"])


def _slope(numbers: Mapping[str, float]) -> float:
    """The derivative of the Euclidean distance by the negative's first coordinate."""
    return -slope(2, *between(numbers, "anchor", "negative"))


def _cosine_slope(numbers: Mapping[str, float]) -> float:
    """The derivative of the cosine by the negative's first coordinate."""
    a_x, a_y, x, y = _points(numbers, "negative")
    length = max(math.hypot(x, y), _SMALLEST)
    return a_x / (math.hypot(a_x, a_y) * length) - numbers["cosine_an"] * x / length**2


ENTRY = LossEntry(
    name="TripletMarginWithDistanceLoss",
    category="ranking",
    rank=50,
    title="Triplet with distance",
    summary="The triplet loss with a distance of your own: any function of two batches that torch can differentiate.",
    use=(
        "Your embedding is compared by another measure than a p-norm, for instance by the angle.",
        "Train with the distance that you will search with.",
    ),
    avoid=(
        "A p-norm will do: TripletMarginLoss is the same and takes p as a number.",
        "The model must be scripted by TorchScript: a Python function as an argument cannot be.",
    ),
    knobs=(replace(NEGATIVE_X, default=2), NEGATIVE_Y, POSITIVE_X, replace(POSITIVE_Y, default=1), MARGIN),
    options=(ANCHOR, DISTANCE),
    arguments=(
        Argument("anchor", ("anchor",), learned=True),
        Argument("positive", ("positive_x", "positive_y"), learned=True),
        Argument("negative", ("negative_x", "negative_y"), learned=True),
    ),
    parameters=MappingProxyType({"distance_function": "distance_function", "margin": "margin"}),
    definitions=(
        Definition(
            "d_ap",
            "d_{ap}",
            r"\lVert a - p + \varepsilon \rVert_2",
            lambda numbers: _euclidean(numbers, "positive"),
        ),
        Definition(
            "d_an",
            "d_{an}",
            r"\lVert a - n + \varepsilon \rVert_2",
            lambda numbers: _euclidean(numbers, "negative"),
        ),
        Definition("gap", "g", "d_{ap} - d_{an} + m", _gap),
        Definition("cosine_ap", "c_{ap}", r"\cos \angle(a, p)", lambda numbers: _cosine(numbers, "positive")),
        Definition("cosine_an", "c_{an}", r"\cos \angle(a, n)", lambda numbers: _cosine(numbers, "negative")),
        Definition("cosine_gap", "g", "(1 - c_{ap}) - (1 - c_{an}) + m", _cosine_gap),
        Definition(
            "slope",
            r"\partial d_{an}/\partial n_0",
            r"-\tfrac{a_0 - n_0 + \varepsilon}{d_{an}}",
            _slope,
        ),
        Definition(
            "cosine_slope",
            r"\partial c_{an}/\partial n_0",
            r"\tfrac{a_0}{\lVert a \rVert \lVert n \rVert} - c_{an} \tfrac{n_0}{\lVert n \rVert^2}",
            _cosine_slope,
        ),
    ),
    branches=(
        Branch(
            when="distance_function == 0 and gap > 0",
            loss="d_ap - d_an + margin",
            gradient="-slope",
            name="too close",
        ),
        Branch(when="distance_function == 0 and gap <= 0", loss="0", gradient="0", name="far enough"),
        Branch(
            when="distance_function == 1 and cosine_gap > 0",
            loss="(1 - cosine_ap) - (1 - cosine_an) + margin",
            gradient="cosine_slope",
            name="too small an angle",
        ),
        Branch(
            when="distance_function == 1 and cosine_gap <= 0",
            loss="0",
            gradient="0",
            name="a wide enough angle",
        ),
    ),
    gradient_window=(-1.2, 1.2),
    views=("triplet",),
    presets=(
        Preset(
            "by-distance",
            "By distance",
            "The positive is 1 from the anchor, the negative 1.41: too near for a margin of 1, and the loss is 0.59.",
            {"positive_x": 1, "positive_y": 1, "negative_x": 0, "negative_y": 1},
        ),
        Preset(
            "by-angle",
            "The same triplet by angle",
            "Seen from 0, the positive is 45° from the anchor and the negative 90°: distances 0.29 and 1, and the "
            "loss is 0.29. The shaded region begins at 107°, however long the vector.",
            {
                "positive_x": 1,
                "positive_y": 1,
                "negative_x": 0,
                "negative_y": 1,
                "distance_function": "cosine",
            },
        ),
        Preset(
            "far-and-alike",
            "Far away, same direction",
            "By distance this negative is far enough and costs nothing. By angle it is nearly the anchor itself: the "
            "loss is 1.28. Switch the distance and watch the shaded region.",
            {
                "positive_x": 1,
                "positive_y": 1,
                "negative_x": 3,
                "negative_y": 0.5,
                "distance_function": "cosine",
            },
        ),
        Preset(
            "out-of-reach",
            "A margin out of reach",
            "The negative is opposite to the anchor, as far as an angle can be: distance 2. With a margin of 2.5 the "
            "loss is still 0.79, and no place is shaded.",
            {
                "positive_x": 1,
                "positive_y": 1,
                "negative_x": -3,
                "negative_y": 0,
                "margin": 2.5,
                "distance_function": "cosine",
            },
        ),
    ),
    corrections=(
        Correction(
            claim="Without a distance function it has none.",
            fact="Its default is torch.nn.PairwiseDistance(), and then it is TripletMarginLoss.",
            code="""\
import torch

anchor, positive = torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 1.0]])
negative = torch.tensor([[0.0, 1.0]])
loss = torch.nn.TripletMarginWithDistanceLoss()(anchor, positive, negative)
print(f"{loss.item():.4f}")
print(f"{torch.nn.TripletMarginLoss()(anchor, positive, negative).item():.4f}")
""",
            prints="0.5858\n0.5858",
        ),
        Correction(
            claim="A similarity will do as well as a distance.",
            fact="It turns the loss around: the positive is pushed away. Give 1 minus the similarity.",
            code="""\
import torch

anchor, positive = torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0]])
negative = torch.tensor([[0.0, 1.0]])
for name, distance in (
    ("similarity", torch.cosine_similarity),
    ("distance", lambda u, v: 1 - torch.cosine_similarity(u, v)),
):
    loss_function = torch.nn.TripletMarginWithDistanceLoss(distance_function=distance)
    print(name, loss_function(anchor, positive, negative).item())
""",
            prints="similarity 2.0\ndistance 0.0",
        ),
    ),
    edges=(
        Edge(
            title="The distance without its name",
            code="""\
import torch

torch.nn.TripletMarginWithDistanceLoss(torch.nn.PairwiseDistance(p=1.0))
""",
            says="TypeError: TripletMarginWithDistanceLoss.__init__() takes 1 positional argument but 2 were given",
            sentence="Every argument of this class must be named.",
            fix="Write distance_function= before it.",
            fixed="""\
import torch

distance = torch.nn.PairwiseDistance(p=1.0)
loss_function = torch.nn.TripletMarginWithDistanceLoss(distance_function=distance)
point = torch.zeros(1, 2)
print(f"{loss_function(point, point, point).item():.4f}")
""",
            prints="1.0000",
        ),
        Edge(
            title="Margin 0",
            code="""\
import torch

torch.nn.TripletMarginWithDistanceLoss(margin=0.0)
""",
            says="ValueError: TripletMarginWithDistanceLoss: expected margin to be greater than 0, got 0.0 instead",
            sentence="torch refuses a margin that is not above 0.",
            fix="Take a margin above 0, and one that the distance can reach: a cosine distance ends at 2.",
            fixed="""\
import torch

print(torch.nn.TripletMarginWithDistanceLoss(margin=0.2).margin)
""",
            prints="0.2",
        ),
        Edge(
            title="A margin that a cosine cannot reach",
            code="""\
import torch

anchor, positive = torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 0.0]])
negative = torch.tensor([[-1.0, 0.0]])
loss_function = torch.nn.TripletMarginWithDistanceLoss(
    distance_function=lambda u, v: 1 - torch.cosine_similarity(u, v), margin=2.5
)
print(loss_function(anchor, positive, negative).item())
""",
            says="0.5",
            sentence="The best triplet there is, the negative opposite to the anchor, still has a loss: cosine "
            "distances differ by 2 at most.",
            fix="Take a margin well below 2.",
            fixed="""\
import torch

anchor, positive = torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 0.0]])
negative = torch.tensor([[-1.0, 0.0]])
loss_function = torch.nn.TripletMarginWithDistanceLoss(
    distance_function=lambda u, v: 1 - torch.cosine_similarity(u, v), margin=0.5
)
print(loss_function(anchor, positive, negative).item())
""",
            prints="0.0",
        ),
        Edge(
            title="A distance over the whole batch",
            code="""\
import torch

anchor, positive = torch.zeros(3, 2), torch.ones(3, 2)
negative = torch.tensor([[9.0, 9.0], [0.0, 0.0], [0.0, 0.0]])
loss_function = torch.nn.TripletMarginWithDistanceLoss(
    distance_function=lambda u, v: torch.norm(u - v), reduction="none"
)
print(loss_function(anchor, positive, negative))
""",
            says="tensor(0.)",
            sentence="The function gave one number for three pairs: one far negative hides two that sit on the anchor.",
            fix="Take the norm along the last dimension, so that every pair has its own.",
            fixed="""\
import torch

anchor, positive = torch.zeros(3, 2), torch.ones(3, 2)
negative = torch.tensor([[9.0, 9.0], [0.0, 0.0], [0.0, 0.0]])
loss_function = torch.nn.TripletMarginWithDistanceLoss(
    distance_function=lambda u, v: torch.norm(u - v, dim=-1), reduction="none"
)
print(loss_function(anchor, positive, negative))
""",
            prints="tensor([0.0000, 2.4142, 2.4142])",
        ),
        Edge(
            title="A vector of zeros and the cosine",
            code="""\
import torch

anchor, positive = torch.tensor([[1.0, 1.0]]), torch.tensor([[1.0, 0.0]])
negative = torch.zeros(1, 2, requires_grad=True)
loss_function = torch.nn.TripletMarginWithDistanceLoss(
    distance_function=lambda u, v: 1 - torch.cosine_similarity(u, v)
)
loss = loss_function(anchor, positive, negative)
loss.backward()
print(f"{loss.item():.4f} {negative.grad[0, 0].item():.2e}")
""",
            says="0.2929 7.07e+07",
            sentence="Zeros have no direction: the cosine is taken as 0, and the gradient is tens of millions long.",
            fix="Give cosine_similarity a larger eps, or keep embeddings away from 0.",
            fixed="""\
import torch

anchor, positive = torch.tensor([[1.0, 1.0]]), torch.tensor([[1.0, 0.0]])
negative = torch.zeros(1, 2, requires_grad=True)
loss_function = torch.nn.TripletMarginWithDistanceLoss(
    distance_function=lambda u, v: 1 - torch.cosine_similarity(u, v, eps=0.1)
)
loss = loss_function(anchor, positive, negative)
loss.backward()
print(f"{loss.item():.4f} {negative.grad[0, 0].item():.2e}")
""",
            prints="0.2929 7.07e+00",
        ),
    ),
    batch=Batch(
        rows=(
            {"positive_x": 1, "positive_y": 1, "negative_x": 0, "negative_y": 1},
            {"positive_x": 1, "positive_y": 1, "negative_x": 3, "negative_y": 0},
            {"positive_x": 1, "positive_y": 0.5, "negative_x": -2, "negative_y": 0},
            {"positive_x": -1, "positive_y": 0, "negative_x": 1, "negative_y": 0.5},
            {"positive_x": 0.5, "positive_y": 0, "negative_x": 0, "negative_y": -2},
        ),
        divides="the number of triplets; those in the region of zero loss count too",
    ),
    sources=(
        torch_page("TripletMarginWithDistanceLoss"),
        Source("Balntas et al. 2016, Learning local feature descriptors with triplets", DESCRIPTORS),
    ),
)
