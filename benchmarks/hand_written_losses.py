"""The losses as somebody would write them into a loop of their own: the fastest way known, nothing in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - as everybody writes it

Step = Callable[[Tensor, Tensor], Tensor]
"""What comes out of the network, and the batch's classes or images from 0 to 1, to the loss."""

_EYE = torch.eye(10)
_SIGNS = 2 * _EYE - 1
_SMOOTH = 0.9 * _EYE + 0.01
_LISTS = torch.tensor([[c, *[-1] * 9] for c in range(10)])

CLASSIFY: Mapping[str, Step] = {
    "CrossEntropyLoss": F.cross_entropy,
    "NLLLoss": lambda z, y: F.nll_loss(F.log_softmax(z, 1), y),
    "BCEWithLogitsLoss": lambda z, y: F.binary_cross_entropy_with_logits(z, _EYE[y]),
    "BCELoss": lambda z, y: F.binary_cross_entropy(z.sigmoid(), _EYE[y]),
    "MultiMarginLoss": F.multi_margin_loss,
    "MultiLabelMarginLoss": lambda z, y: F.multilabel_margin_loss(z, _LISTS[y]),
    "MultiLabelSoftMarginLoss": lambda z, y: F.multilabel_soft_margin_loss(z, _EYE[y]),
    "SoftMarginLoss": lambda z, y: F.soft_margin_loss(z, _SIGNS[y]),
    "KLDivLoss": lambda z, y: F.kl_div(F.log_softmax(z, 1), _SMOOTH[y], reduction="batchmean"),
    "sigmoid_focal_loss": lambda z, y: torchvision.ops.sigmoid_focal_loss(z, _EYE[y], reduction="mean"),
    "MSELoss": lambda z, y: F.mse_loss(z, _EYE[y]),
    "L1Loss": lambda z, y: F.l1_loss(z, _EYE[y]),
    "SmoothL1Loss": lambda z, y: F.smooth_l1_loss(z, _EYE[y]),
    "HuberLoss": lambda z, y: F.huber_loss(z, _EYE[y]),
}
RECONSTRUCT: Mapping[str, Step] = {
    "MSELoss": lambda z, x: F.mse_loss(z.sigmoid(), x),
    "L1Loss": lambda z, x: F.l1_loss(z.sigmoid(), x),
    "SmoothL1Loss": lambda z, x: F.smooth_l1_loss(z.sigmoid(), x),
    "HuberLoss": lambda z, x: F.huber_loss(z.sigmoid(), x),
    "BCELoss": lambda z, x: F.binary_cross_entropy(z.sigmoid(), x),
    "BCEWithLogitsLoss": F.binary_cross_entropy_with_logits,
    "PoissonNLLLoss": F.poisson_nll_loss,
    "GaussianNLLLoss": lambda z, x: F.gaussian_nll_loss(
        z[:, :1].sigmoid(), x, F.softplus(z[:, 1:]), eps=1e-3
    ),
}


def _partners(y: Tensor) -> tuple[Tensor, Tensor]:
    """A positive and a negative for each image: the largest and the smallest of random keys, 1 more in its class."""
    keys = torch.rand(len(y), len(y)).add_(y[:, None] == y)
    negative = keys.argmin(1)
    return keys.fill_diagonal_(1.0).argmax(1), negative


def _triplet(z: Tensor, y: Tensor) -> Tensor:
    positive, negative = _partners(y)
    return F.triplet_margin_loss(z, z[positive], z[negative])


def _cosine_triplet(z: Tensor, y: Tensor) -> Tensor:
    positive, negative = _partners(y)
    return F.triplet_margin_with_distance_loss(
        z, z[positive], z[negative], distance_function=lambda a, b: 1 - F.cosine_similarity(a, b)
    )


def _pairs(z: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    positive, negative = _partners(y)
    signs = torch.ones(2 * len(y))
    signs[len(y) :] = -1
    return torch.cat([z, z]), z[torch.cat([positive, negative])], signs


def _cosine(z: Tensor, y: Tensor) -> Tensor:
    return F.cosine_embedding_loss(*_pairs(z, y))


def _hinge(z: Tensor, y: Tensor) -> Tensor:
    first, second, signs = _pairs(z, y)
    return F.hinge_embedding_loss(F.pairwise_distance(first, second), signs)


def _ranking(z: Tensor, y: Tensor) -> Tensor:
    positive, negative = _partners(y)
    far, near = F.pairwise_distance(z, z[negative]), F.pairwise_distance(z, z[positive])
    return F.margin_ranking_loss(far, near, torch.ones(len(y)), margin=1.0)


EMBED: Mapping[str, Step] = {
    "TripletMarginLoss": _triplet,
    "TripletMarginWithDistanceLoss": _cosine_triplet,
    "CosineEmbeddingLoss": _cosine,
    "HingeEmbeddingLoss": _hinge,
    "MarginRankingLoss": _ranking,
}


def step(task: str, loss: str, features: int) -> tuple[Step, nn.Module | None]:
    """A loss written by hand, and the layers that belong to it."""
    if loss == "LinearCrossEntropyLoss":
        fused = nn.LinearCrossEntropyLoss(features, 10, bias=True)
        return fused, fused
    if loss == "AdaptiveLogSoftmaxWithLoss":
        adaptive = nn.AdaptiveLogSoftmaxWithLoss(features, 10, [5])
        return lambda z, y: adaptive(z, y).loss, adaptive
    return {"classify": CLASSIFY, "reconstruct": RECONSTRUCT, "embed": EMBED}[task][loss], None
