"""What an epoch looks like: a plane of embedded images, images beside their reconstructions. Knows no torch.

Arrays travel as base64, which is JSON and takes a tenth of the memory of a list of numbers.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

POINTS = 300
"""Images on the plane, at most: a fixed sample of the validation images."""
PICTURES = 10
"""Images shown beside their reconstructions, at most."""

_SIDE = 28


@dataclass(frozen=True, slots=True)
class Plane:
    """Where the network puts some validation images, the same ones after every epoch.

    Attributes:
        indices: Positions of the images in the data set's train split.
        labels: Their classes, 0 to 9.
        packed: The points as base64 of float32, little-endian; `points` unpacks them.
    """

    indices: list[int]
    labels: list[int]
    packed: str

    @classmethod
    def pack(cls, indices: list[int], labels: list[int], points: NDArray[np.float32]) -> Plane:
        """A plane of points, shape (len(indices), 2); not finite ones where the run diverged."""
        return cls(indices, labels, _text(points.astype("<f4")))

    @property
    def points(self) -> NDArray[np.float32]:
        """The points, shape (N, 2)."""
        return np.frombuffer(base64.b64decode(self.packed), "<f4").reshape(-1, 2).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Some validation images and how the network draws them, the same ones after every epoch.

    Attributes:
        indices: Positions of the images in the data set's train split.
        labels: Their classes, 0 to 9.
        packed_originals: The images as base64 of uint8; `originals` unpacks them.
        packed_reconstructions: The same for what the network draws.
    """

    indices: list[int]
    labels: list[int]
    packed_originals: str
    packed_reconstructions: str

    @classmethod
    def pack(
        cls,
        indices: list[int],
        labels: list[int],
        originals: NDArray[np.uint8],
        reconstructions: NDArray[np.uint8],
    ) -> Pictures:
        """Images and reconstructions, each of shape (len(indices), 28, 28)."""
        return cls(indices, labels, _text(originals), _text(reconstructions))

    @property
    def originals(self) -> NDArray[np.uint8]:
        """The images, 0 black to 255 white, shape (N, 28, 28)."""
        return _images(self.packed_originals)

    @property
    def reconstructions(self) -> NDArray[np.uint8]:
        """What the network draws, 0 black to 255 white, shape (N, 28, 28)."""
        return _images(self.packed_reconstructions)


def _text(array: NDArray[np.float32] | NDArray[np.uint8]) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")


def _images(packed: str) -> NDArray[np.uint8]:
    return np.frombuffer(base64.b64decode(packed), np.uint8).reshape(-1, _SIDE, _SIDE)
