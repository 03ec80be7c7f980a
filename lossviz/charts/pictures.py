"""Small grey pictures made large enough to see: each pixel becomes a crisp square."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def enlarged(image: Bytes, times: int) -> Bytes:
    """A picture with every pixel as a square.

    Args:
        image: uint8, shape (H, W).
        times: The side of a square, in pixels.

    Returns:
        uint8, shape (H * times, W * times).

    >>> enlarged(np.array([[0, 255]], np.uint8), 2).tolist()
    [[0, 0, 255, 255], [0, 0, 255, 255]]
    """
    return np.asarray(image).repeat(times, axis=0).repeat(times, axis=1)


def sheet(images: Bytes, columns: int, times: int = 2, gap: int = 4) -> Bytes:
    """Pictures side by side in rows, with a see-through gap to the right of and below each.

    Args:
        images: uint8, shape (N, H, W); at least one.
        columns: Pictures a row.
        times: The side of a pixel's square.
        gap: Pixels between two pictures.

    Returns:
        Red, green, blue and opacity, uint8, shape (height, width, 4).
    """
    count, height, width = images.shape
    rows = -(-count // columns)
    tall, wide = height * times + gap, width * times + gap
    whole = np.zeros((rows * tall, columns * wide, 4), np.uint8)
    for place, image in enumerate(images):
        top, left = place // columns * tall, place % columns * wide
        field = whole[top : top + height * times, left : left + width * times]
        field[..., :3] = enlarged(image, times)[..., None]
        field[..., 3] = 255
    return whole
