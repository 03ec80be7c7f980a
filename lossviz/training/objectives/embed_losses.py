"""The losses that train an embedding: what each takes and what can be set. Knows no torch."""

from __future__ import annotations

from typing import Final

from lossviz.training.objectives.argument import Argument
from lossviz.training.objectives.shared import REDUCED, SWAP
from lossviz.training.objectives.spec import LossSpec

TASK: Final = "embed"
_ONE_POINT: Final = "a network that puts every image on the same point"
_GAP: Final = "By how much the negative must be farther away than the positive."

LOSSES: Final[tuple[LossSpec, ...]] = (
    LossSpec(
        "TripletMarginLoss",
        TASK,
        "embeddings",
        "Expects three embeddings: an image, another of its class, one of another class. It takes the "
        "distances itself.",
        "network → **anchor, positive, negative** → [ max(0, distance to positive − distance to negative + margin) → "
        "mean over triplets ]",
        "nn.TripletMarginLoss({arguments})(anchor, positive, negative)",
        _ONE_POINT,
        (
            Argument("margin", "number", _GAP, 1.0, 0.01, 10.0),
            Argument("p", "number", "The norm of the distance: 2 is Euclid's.", 2.0, 1.0, 10.0),
            SWAP,
        ),
        REDUCED,
    ),
    LossSpec(
        "TripletMarginWithDistanceLoss",
        TASK,
        "embeddings",
        "Expects three embeddings, and a distance of your own: here 1 − cosine, which sees directions and no lengths.",
        "network → **anchor, positive, negative** → [ max(0, (1 − cosine to positive) − (1 − cosine to negative) + "
        "margin) → mean over triplets ]",
        "nn.TripletMarginWithDistanceLoss("
        "distance_function=lambda a, b: 1 - F.cosine_similarity(a, b){and_arguments})(anchor, positive, negative)",
        _ONE_POINT,
        (
            Argument("margin", "number", f"{_GAP} No two are farther apart than 2.", 1.0, 0.01, 2.0),
            SWAP,
        ),
        REDUCED,
    ),
    LossSpec(
        "CosineEmbeddingLoss",
        TASK,
        "embeddings",
        "Expects two embeddings and 1 where they are of one class, −1 where not. It sees directions and no lengths.",
        "network → **two embeddings** → [ 1 − cosine, or max(0, cosine − margin) → mean over pairs ]",
        "nn.CosineEmbeddingLoss({arguments})"
        "(torch.cat([anchor, anchor]), torch.cat([positive, negative]), pair_signs)",
        _ONE_POINT,
        (
            Argument(
                "margin",
                "number",
                "The cosine below which two classes are far enough apart.",
                0.0,
                -1.0,
                0.99,
            ),
        ),
        REDUCED,
    ),
    LossSpec(
        "HingeEmbeddingLoss",
        TASK,
        "distances",
        "Expects the distance of two embeddings, not the embeddings, and 1 where they are of one class, −1 where not.",
        "network → two embeddings → **distance** → [ the distance, or max(0, margin − distance) → mean over pairs ]",
        "nn.HingeEmbeddingLoss({arguments})(torch.cat([F.pairwise_distance(anchor, positive), "
        "F.pairwise_distance(anchor, negative)]), pair_signs)",
        _ONE_POINT,
        (
            Argument(
                "margin", "number", "The distance beyond which two classes are far enough.", 1.0, 0.01, 10.0
            ),
        ),
        REDUCED,
    ),
    LossSpec(
        "MarginRankingLoss",
        TASK,
        "distances",
        "Expects two numbers to rank, here the distance to the negative and the distance to the positive, and 1 where "
        "the first shall be the larger one. With margin 0, torch's default, a network that puts everything "
        "on one point "
        "is perfect.",
        "network → three embeddings → **distance to negative, distance to positive** → [ max(0, margin − their "
        "difference) → mean over triplets ]",
        "nn.MarginRankingLoss({arguments})(F.pairwise_distance(anchor, negative), "
        "F.pairwise_distance(anchor, positive), torch.ones(len(anchor)))",
        _ONE_POINT,
        (Argument("margin", "number", _GAP, 1.0, 0.0, 10.0, torch_default=0.0),),
        REDUCED,
    ),
)
"""In the order in which a page shows them."""
