"""Draws bags: handbags, shoulder bags and clutches."""

from __future__ import annotations

import numpy as np

from lossviz.training.data.garment_brush import (
    COLUMNS,
    ROWS,
    cloth,
    develop,
    edge,
    folds,
    line,
    shade,
)
from lossviz.training.data.garment_dice import Dice, Float


def bag(dice: Dice) -> Float:
    """A batch of bags; shades (count, 28, 28)."""
    kind = dice.between(0.0, 1.0)
    handled = (kind < 0.5).astype(np.float32)
    strapped = ((kind >= 0.5) & (kind < 0.72)).astype(np.float32)
    half_width = dice.between(8.5, 13.2) - strapped * dice.between(0.0, 3.0)
    half_height = dice.between(5.0, 8.4) + (1 - handled - strapped) * dice.between(-0.5, 4.0)
    room = (handled + strapped) * dice.between(3.0, 9.0)
    half_height = np.minimum(half_height, 13.2 - room / 2)
    y = ROWS - room / 2
    x = (COLUMNS - dice.around(0.0, 0.8)) - dice.around(0.0, 0.05) * ROWS

    # The body: a rectangle with round corners, wider below than above or the other way round.
    corner = dice.between(0.5, 4.5)
    out_x = np.abs(x) - (half_width - dice.between(-0.5, 2.5) * (0.5 - y / (2 * half_height))) + corner
    out_y = np.abs(y) - half_height + corner
    outside = np.sqrt(np.maximum(out_x, 0) ** 2 + np.maximum(out_y, 0) ** 2)
    body = edge(corner - outside - np.minimum(np.maximum(out_x, out_y), 0))

    # Above it a round handle, or a strap that rises to a point.
    up = y + half_height
    wide = np.minimum(dice.between(3.5, 7.5), half_width - 1)
    tall = np.maximum(room - 0.8, 1.0)
    radius = np.sqrt((x / wide) ** 2 + (up / tall) ** 2)
    thick = dice.between(0.35, 0.9)
    handle = line((radius - 1) * np.minimum(wide, tall), thick) * edge(-up) * handled
    strap_x = half_width * dice.between(0.6, 0.95) * (1 + up / tall)
    strap = line((np.abs(x) - strap_x) * np.float32(0.7), thick) * edge(-up) * edge(up + tall) * strapped
    carry = np.maximum(handle, strap)

    cover = np.maximum(body, carry)
    colour = shade(dice)
    tone = colour * cloth(dice, x, y, stripes=0.06, checks=0.08, flowers=0.12) * folds(dice, x, y)
    flap_edge = half_height * dice.between(-0.6, 0.5) - dice.between(0.0, 3.0) * (x / half_width) ** 2
    has_flap = dice.chance(0.5)
    tone = tone * (1 - has_flap * dice.between(0.1, 0.6) * line(y - flap_edge, 0.25))
    tone = tone * (1 + has_flap * dice.between(-0.35, 0.3) * edge(flap_edge - y))
    clasp = line(x - dice.around(0.0, 0.5), dice.between(0.3, 1.5)) * line(
        y - flap_edge, dice.between(0.3, 1.2)
    )
    tone = tone + dice.chance(0.55) * clasp * (dice.between(0.0, 1.0) - tone)
    zip_line = dice.chance(0.4) * dice.between(0.1, 0.6) * line(up - dice.between(1.0, 2.5), 0.1)
    stitches = (
        dice.chance(0.4) * dice.between(0.1, 0.5) * line(np.abs(x) - half_width * dice.between(0.4, 0.8), 0.1)
    )
    tone = tone * (1 - zip_line) * (1 - stitches)
    rim = dice.between(0.0, 0.35) * line(corner - outside - np.minimum(np.maximum(out_x, out_y), 0) - 1, 0.5)
    tone = tone * (1 - rim) * body + colour * dice.between(0.6, 1.1) * carry * (1 - body)
    return develop(dice, tone, cover)
