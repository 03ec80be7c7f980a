"""Whether two runs began alike: short digests of the first weights and of the batches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import torch
from torch import Tensor

_LETTERS = 12


def weights_digest(weights: Iterable[Tensor]) -> str:
    """A digest of weights, bit for bit, whatever their layers are called.

    Args:
        weights: On the CPU, first layer first.

    Returns:
        Twelve hexadecimal digits.
    """
    digest = hashlib.sha256()
    for each in weights:
        digest.update(str(tuple(each.shape)).encode())
        digest.update(each.detach().contiguous().numpy().tobytes())
    return digest.hexdigest()[:_LETTERS]


def batches_digest(images: Tensor, labels: Tensor, seed: int, batch_size: int, data_name: str) -> str:
    """A digest of which images come in which batch of the first epoch, under which labels.

    The order of the later epochs goes on from the same random state, so that it is the same too.

    Args:
        images: Positions of the training images in the data set, int64, shape (N,), on the CPU.
        labels: Their classes as trained with, int64, shape (N,), on the CPU.
        seed: What shuffles.
        batch_size: Images a step.
        data_name: Which data set.

    Returns:
        Twelve hexadecimal digits.
    """
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    digest = hashlib.sha256(f"{data_name}, {batch_size}".encode())
    digest.update(images[order].numpy().tobytes())
    digest.update(labels[order].numpy().tobytes())
    return digest.hexdigest()[:_LETTERS]
