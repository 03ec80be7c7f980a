"""The small adaptive head that the page shows: its weights, and what it computes in plain Python.

Ten classes: 0 and 1 in the shortlist, 2 to 4 in the first cluster, 5 to 9 in the second. The hidden vector has
four features, two that are moved and two that stay at 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Matrix = tuple[tuple[float, ...], ...]

CUTOFFS = (2, 5)
CLASSES = 10
HEAD: Matrix = ((1, 0, 0.5, 0.5), (0, 1, 0.5, 0), (-0.5, 0.5, 0.5, 0), (-0.5, -0.5, 0, 0.5))
"""A row for each class of the shortlist and for each cluster."""

TAILS: tuple[tuple[Matrix, Matrix], ...] = (
    (((1, 0, 0, 0), (0, 1, 0, 0)), ((1, 0), (0, 1), (-1, -1))),
    (((0.5, -0.5, 0, 0),), ((2,), (1,), (0,), (-1,), (-2,))),
)
"""For each cluster, the projection to fewer features, and then a row for each of its classes."""


def cluster_of(target: int) -> int:
    """The cluster that a class stands in: 1, 2 ...; 0 for the shortlist.

    >>> [cluster_of(target) for target in (1, 2, 4, 5, 9)]
    [0, 1, 1, 2, 2]
    """
    return sum(target >= cutoff for cutoff in CUTOFFS)


def as_code(matrix: Matrix) -> str:
    """A matrix as torch code.

    >>> as_code(((1, 0.5), (0, -1)))
    'torch.tensor([[1.0, 0.5], [0.0, -1.0]])'
    """
    return f"torch.tensor({[[float(number) for number in row] for row in matrix]})"


def head_probability(numbers: Mapping[str, float]) -> float:
    """What the head gives to the target, or to its cluster."""
    return _chosen(HEAD, _slot(numbers), numbers)[0]


def tail_probability(numbers: Mapping[str, float]) -> float:
    """What the cluster of the target gives to it; 1 in the shortlist."""
    tail = _tail(numbers)
    return _chosen(*tail, numbers)[0] if tail else 1.0


def head_slope(numbers: Mapping[str, float]) -> float:
    """The derivative of the negative logarithm of the head's part with respect to the first feature."""
    return _chosen(HEAD, _slot(numbers), numbers)[1]


def tail_slope(numbers: Mapping[str, float]) -> float:
    """The derivative of the negative logarithm of the cluster's part; 0 in the shortlist."""
    tail = _tail(numbers)
    return _chosen(*tail, numbers)[1] if tail else 0.0


def _slot(numbers: Mapping[str, float]) -> int:
    """The row of the head for the target or its cluster."""
    target = round(numbers["target"])
    cluster = cluster_of(target)
    return CUTOFFS[0] + cluster - 1 if cluster else target


def _tail(numbers: Mapping[str, float]) -> tuple[Matrix, int] | None:
    """The weights of the target's cluster, both layers in one, and the target's row in them."""
    target = round(numbers["target"])
    cluster = cluster_of(target)
    if not cluster:
        return None
    projection, rows = TAILS[cluster - 1]
    both = tuple(tuple(_dot(row, column) for column in zip(*projection, strict=True)) for row in rows)
    return both, target - CUTOFFS[cluster - 1]


def _chosen(weights: Matrix, row: int, numbers: Mapping[str, float]) -> tuple[float, float]:
    """The softmax probability of a row, and the derivative of its negative logarithm by the first feature."""
    hidden = (numbers["feature_0"], numbers["feature_1"], 1.0, 1.0)
    exponentials = [math.exp(_dot(w, hidden)) for w in weights]
    probabilities = [e / math.fsum(exponentials) for e in exponentials]
    expected = math.fsum(p * w[0] for p, w in zip(probabilities, weights, strict=True))
    return probabilities[row], expected - weights[row][0]


def _dot(first: Sequence[float], second: Sequence[float]) -> float:
    return math.fsum(a * b for a, b in zip(first, second, strict=True))
