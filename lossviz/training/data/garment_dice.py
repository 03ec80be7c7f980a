"""Random numbers for the drawn garments that are the same on every machine and under every numpy.

numpy promises that the raw output of a bit generator never changes, and promises nothing of the kind for
`Generator.normal` or `Generator.permutation`. So everything here is made of raw Philox output by arithmetic
that IEEE 754 defines to the last bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating[Any]]

PIXELS = 28


class Dice:
    """Numbers for one batch of garments, drawn in a fixed order from one Philox stream.

    Attributes:
        count: how many garments the batch holds; every number comes as (count, 1, 1), ready to broadcast
            against rows and columns.
    """

    def __init__(self, count: int, seed: int, *stream: int) -> None:
        self.count = count
        self._bits = np.random.Philox(np.random.SeedSequence(seed, spawn_key=stream))

    def _raw(self, size: int) -> NDArray[np.uint64]:
        return np.asarray(self._bits.random_raw(size), dtype=np.uint64)

    def between(self, low: float, high: float) -> Float:
        """Uniform numbers in [low, high), float32 (count, 1, 1)."""
        unit = (self._raw(self.count) >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)
        return (unit * np.float32(high - low) + np.float32(low)).reshape(-1, 1, 1)

    def around(self, middle: float, spread: float) -> Float:
        """Numbers in [middle - spread, middle + spread), near the middle more often (a triangle)."""
        return self.between(middle - spread, middle) + self.between(0.0, spread)

    def chance(self, probability: float) -> Float:
        """1.0 with the given probability, else 0.0; float32 (count, 1, 1)."""
        return (self.between(0.0, 1.0) < probability).astype(np.float32)

    def grain(self) -> Float:
        """Noise for every pixel: triangular in (-1, 1), float32 (count, 28, 28)."""
        size = self.count * PIXELS * PIXELS
        octets = self._raw(-(-size // 4)).astype("<u8", copy=False).view(np.uint8)
        pairs = octets[: 2 * size].reshape(2, size).astype(np.float32)
        grain: Float = (pairs[0] - pairs[1]) * np.float32(1 / 256)
        return grain.reshape(-1, PIXELS, PIXELS)

    def order(self, size: int) -> NDArray[np.intp]:
        """A permutation of `size` numbers: the order of as many raw draws."""
        return np.argsort(self._raw(size), kind="stable")
