"""Losses that train an embedding: embeddings and classes to triplets or pairs to torch's call."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from lossviz.training.objectives.drawing import Partners, draw
from lossviz.training.objectives.objective import Objective, Tensors
from lossviz.training.objectives.options import measured_in, options
from lossviz.training.settings import Settings

_MEASURING_SEED = 0


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How embeddings become a torch call.

    Attributes:
        module: torch's class.
        tensors: Embeddings (B, 2) and each one's partners among them to the call's tensors.
        directions: Whether only the direction of an embedding counts.
    """

    module: Callable[..., nn.Module]
    tensors: Callable[[Tensor, Partners], Tensors]
    directions: bool = False


def cosine_distance(first: Tensor, second: Tensor) -> Tensor:
    """1 - cosine: 0 for the same direction, 2 for the opposite; (B, D) and (B, D) to (B,)."""
    return 1 - functional.cosine_similarity(first, second)


# index_select, not points[...]: its gradient is an addition of rows, which costs less.


def _triplets(points: Tensor, partners: Partners) -> Tensors:
    return points, points.index_select(0, partners.positive), points.index_select(0, partners.negative)


def _pairs(points: Tensor, partners: Partners) -> Tensors:
    """Every image with its positive, then with its negative, and 1 and -1."""
    both = torch.cat([partners.positive, partners.negative])
    return torch.cat([points, points]), points.index_select(0, both), _signs(len(points), points.device)


def _distances(points: Tensor, partners: Partners) -> Tensors:
    first, second, signs = _pairs(points, partners)
    return functional.pairwise_distance(first, second), signs


def _ranks(points: Tensor, partners: Partners) -> Tensors:
    """The distance that shall be the larger one first."""
    anchor, positive, negative = _triplets(points, partners)
    to_negative = functional.pairwise_distance(anchor, negative)
    return to_negative, functional.pairwise_distance(anchor, positive), torch.ones_like(to_negative)


@functools.lru_cache(maxsize=16)
def _signs(count: int, device: torch.device) -> Tensor:
    # Batches have two or three sizes in a run; making these anew would be a tenth of a small network's step.
    with torch.inference_mode(mode=False):
        return torch.cat([torch.ones(count, device=device), -torch.ones(count, device=device)])


_RECIPES: Mapping[str, _Recipe] = {
    "TripletMarginLoss": _Recipe(nn.TripletMarginLoss, _triplets),
    "TripletMarginWithDistanceLoss": _Recipe(
        functools.partial(nn.TripletMarginWithDistanceLoss, distance_function=cosine_distance),
        _triplets,
        directions=True,
    ),
    "CosineEmbeddingLoss": _Recipe(nn.CosineEmbeddingLoss, _pairs, directions=True),
    "HingeEmbeddingLoss": _Recipe(nn.HingeEmbeddingLoss, _distances),
    "MarginRankingLoss": _Recipe(nn.MarginRankingLoss, _ranks),
}


def build(settings: Settings, device: torch.device) -> Objective:
    """The objective of an embedding network.

    Args:
        settings: The loss, its arguments, the mistake and the seed are read.
        device: Where it computes.

    Returns:
        An objective whose target are the classes, int64, shape (B,). It draws its partners by the run's seed, a
        new negative at every call; its `measuring` draws the same ones in every measuring.
    """
    chosen = options(settings, device)
    recipe = _RECIPES[settings.loss]
    call = recipe.module(**chosen).forward
    each = recipe.module(**{**chosen, "reduction": "none"}).forward

    def drawing(seed: int) -> Objective:
        dice = torch.Generator(device).manual_seed(seed)

        def tensors(points: Tensor, labels: Tensor) -> Tensors:
            return recipe.tensors(points, draw(labels, dice))

        return Objective(
            tensors,
            call,
            lambda points: points,
            each=each,
            directions=recipe.directions,
            measuring=functools.partial(drawing, _MEASURING_SEED),
            measured_in=measured_in(settings),
        )

    return drawing(settings.seed)
