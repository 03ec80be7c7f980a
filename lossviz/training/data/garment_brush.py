"""Brushes for the drawn garments: anti-aliased edges, lines, waves and cloth on a batch of 28 x 28 canvases.

All lengths are in pixels, x to the right and y downwards from the middle of the picture, so both run from
-13.5 to 13.5. Arrays broadcast as (garment, row, column). Only operations that IEEE 754 rounds exactly are
used (no sin, exp or power, no sums over an axis), so a picture does not depend on the processor.
"""

from __future__ import annotations

import numpy as np

from lossviz.training.data.garment_dice import PIXELS, Dice, Float

_STEPS = np.arange(PIXELS, dtype=np.float32) - np.float32((PIXELS - 1) / 2)
ROWS: Float = _STEPS.reshape(1, -1, 1)
COLUMNS: Float = _STEPS.reshape(1, 1, -1)


def edge(inside: Float) -> Float:
    """How much of a pixel is covered, 0 to 1, `inside` pixels within an edge (negative: outside)."""
    covered: Float = np.clip(inside + np.float32(0.5), 0.0, 1.0)
    return covered


def line(distance: Float, half_width: Float | float) -> Float:
    """Coverage by a line of the given half width, at a signed distance from its middle."""
    return edge(half_width - np.abs(distance))


def band(at: Float, first: Float | float, last: Float | float) -> Float:
    """Coverage by everything between two coordinates."""
    return edge(at - first) * edge(last - at)


def ramp(at: Float, start: Float | float, end: Float | float) -> Float:
    """0 before `start`, 1 after `end`, straight between."""
    way: Float = np.clip((at - start) / (end - start), 0.0, 1.0)
    return way


def ease(at: Float, start: Float | float, end: Float | float) -> Float:
    """0 before `start`, 1 after `end`, with a smooth s between."""
    t = ramp(at, start, end)
    return t * t * (3 - 2 * t)


def wave(phase: Float) -> Float:
    """A wave in [-1, 1] with period 1, made of parabolas: a sine to the eye, and exact arithmetic."""
    t = phase - np.floor(phase) - np.float32(0.5)
    waves: Float = 8 * t * (2 * np.abs(t) - 1)
    return waves


def steepness(height: Float, axis: int) -> Float:
    """What a vertical distance to a curve must be divided by to be the distance at right angles to it."""
    slope = np.gradient(height, axis=axis).astype(np.float32, copy=False)
    length: Float = np.sqrt(1 + slope * slope)
    return length


def cloth(dice: Dice, x: Float, y: Float, *, stripes: float, checks: float, flowers: float) -> Float:
    """The pattern of a fabric as a factor for its shade, about 0.2 to 1.3; (count, 28, 28).

    Args:
        dice: the numbers of the batch.
        x: horizontal coordinate on the garment.
        y: vertical coordinate on the garment.
        stripes: share of garments with stripes across.
        checks: share with a checked pattern.
        flowers: share with a printed pattern.
    """
    kind = dice.between(0.0, 1.0)
    striped = (kind < stripes).astype(np.float32)
    checked = ((kind >= stripes) & (kind < stripes + checks)).astype(np.float32)
    flowered = (kind >= 1 - flowers).astype(np.float32)
    depth = dice.between(0.1, 0.45)
    across = wave(y / dice.between(2.4, 6.0) + dice.between(0.0, 1.0))
    along = wave(x / dice.between(2.6, 5.0) + dice.between(0.0, 1.0))
    factor = 1 - depth * (
        (striped + checked) * np.clip(across, -0.6, 0.6) + checked * np.clip(along, -0.6, 0.6)
    )
    size = dice.between(2.4, 5.0)
    dots = wave(x / size + y / dice.between(5.0, 14.0)) * wave(y / size - x / dice.between(5.0, 14.0))
    dots = dots + dice.between(0.3, 0.9) * wave(x / dice.between(4.0, 9.0) - y / dice.between(4.0, 9.0))
    return factor - flowered * dice.between(0.3, 0.9) * np.clip(2 * dots - 0.6, -0.2, 0.9)


def folds(dice: Dice, x: Float, y: Float) -> Float:
    """Soft folds as a factor for the shade, about 0.5 to 1.5; (count, 28, 28)."""
    first = wave(x / dice.between(5.0, 14.0) + y / dice.between(14.0, 60.0) + dice.between(0.0, 1.0))
    second = wave(y / dice.between(8.0, 20.0) - x / dice.between(8.0, 30.0) + dice.between(0.0, 1.0))
    light = dice.around(0.0, 0.015) * x + dice.around(0.0, 0.015) * y
    return 1 + light + dice.between(0.0, 0.13) * first + dice.between(0.0, 0.11) * second


def shade(dice: Dice, darkest: float = 0.3) -> Float:
    """The shade of the cloth, bright more often than dark, in (darkest, 1]; (count, 1, 1)."""
    dark = dice.between(0.0, 1.0)
    return np.float32(0.97) * (1 - np.float32(1 - darkest) * dark * dark * dark)


def develop(dice: Dice, picture: Float, cover: Float) -> Float:
    """Finish a batch as a camera would: a little blur, grain in the cloth, another exposure; (count, 28, 28).

    Args:
        dice: the numbers of the batch.
        picture: shades, black outside the garments.
        cover: how much of each pixel the garment covers, 0 to 1: the background stays black.
    """
    picture = picture * (1 + dice.between(0.04, 0.22) * dice.grain() * cover)
    padded = np.pad(picture, ((0, 0), (1, 1), (1, 1)))
    down = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    soft = (down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]) * np.float32(1 / 16)
    blur = dice.between(-0.25, 0.4)
    return (picture + np.maximum(blur, 0) * (soft - picture)) * dice.between(0.9, 1.08)
