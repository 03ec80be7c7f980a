"""The paths of CTC in plain Python: which ones spell a target, and how probable they are.

A path says one symbol a frame. It spells the target if the target is left when repeats are merged and blanks are
dropped. Everything here is enumeration, so it is an independent check of torch's dynamic programme.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping, Sequence

BLANK = 0
SYMBOLS = ("–", "a", "b")
"""How a symbol is written, by its class index; the dash is the blank."""

Path = tuple[int, ...]


def spelled(path: Sequence[int]) -> Path:
    """What a path spells: repeats merged, then blanks dropped.

    >>> spelled((1, 1, 0, 1, 2)), spelled((1, 1, 2, 2, 0))
    ((1, 1, 2), (1, 2))
    """
    return tuple(symbol for symbol, _ in itertools.groupby(path) if symbol != BLANK)


@functools.cache
def paths(target: Path, frames: int) -> tuple[Path, ...]:
    """Every path of a number of frames that spells a target, in alphabetical order; none if it is too short.

    >>> paths((1, 1), 3), paths((1, 1), 2)
    (((1, 0, 1),), ())
    """
    every = itertools.product(range(len(SYMBOLS)), repeat=frames)
    return tuple(path for path in every if spelled(path) == target)


def written(path: Sequence[int]) -> str:
    """A path as text.

    >>> written((1, 0, 1))
    'a–a'
    """
    return "".join(SYMBOLS[symbol] for symbol in path)


def needed(target: Sequence[int]) -> int:
    """How many frames a target needs at least: one a symbol, and one for the blank between two equal ones.

    >>> needed((1, 2)), needed((1, 1))
    (2, 3)
    """
    return len(target) + sum(first == second for first, second in itertools.pairwise(target))


def frame_probabilities(scores: Mapping[str, float]) -> list[tuple[float, ...]]:
    """The probability of every symbol in every frame, as the steps of the entry make them from its scores.

    Args:
        scores: The numbers of a setting: ``blank_score``, ``a_score``, ``drift`` and ``frames``.
    """
    found = []
    for frame in range(round(scores["frames"])):
        time = frame - (scores["frames"] - 1) / 2
        drift = scores["drift"] * time
        exponentials = [
            math.exp(score) for score in (scores["blank_score"], scores["a_score"] - drift, drift)
        ]
        found.append(tuple(e / sum(exponentials) for e in exponentials))
    return found


def target_of(numbers: Mapping[str, float]) -> Path:
    """The target of a setting, its padding cut off."""
    padded = (round(numbers[f"target_{place}"]) for place in range(3))
    return tuple(symbol for symbol in padded if symbol != BLANK)


def least_frames(numbers: Mapping[str, float]) -> float:
    """How many frames the target of a setting needs at least."""
    return float(needed(target_of(numbers)))


def path_sum(numbers: Mapping[str, float]) -> float:
    """The probability of the target: the sum over its paths."""
    return math.fsum(weight for _, weight in _weighted(numbers))


def blanks_in_paths(numbers: Mapping[str, float]) -> float:
    """How many blanks a path that spells the target has on average, by the paths' weights; 0 if there is none."""
    weighted = _weighted(numbers)
    total = math.fsum(weight for _, weight in weighted)
    return math.fsum(path.count(BLANK) * weight for path, weight in weighted) / total if total else 0.0


def blanks_predicted(numbers: Mapping[str, float]) -> float:
    """How many blanks the frames hold on average, whatever the target is."""
    return math.fsum(frame[BLANK] for frame in frame_probabilities(numbers))


def _weighted(numbers: Mapping[str, float]) -> list[tuple[Path, float]]:
    """The paths that spell the target of a setting, each with its probability."""
    frames = frame_probabilities(numbers)
    return [
        (path, math.prod(frame[symbol] for frame, symbol in zip(frames, path, strict=True)))
        for path in paths(target_of(numbers), len(frames))
    ]
