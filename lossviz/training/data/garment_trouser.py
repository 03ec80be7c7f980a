"""Draws trousers."""

from __future__ import annotations

import numpy as np

from lossviz.training.data.garment_brush import (
    COLUMNS,
    ROWS,
    band,
    cloth,
    develop,
    edge,
    folds,
    line,
    ramp,
    shade,
    steepness,
)
from lossviz.training.data.garment_dice import Dice, Float


def trouser(dice: Dice) -> Float:
    """A batch of trousers; shades (count, 28, 28)."""
    top, hem = dice.between(-13.8, -11.6), dice.between(10.0, 13.8)
    y = ROWS
    x = (COLUMNS - dice.around(0.0, 1.5) - dice.around(0.0, 0.06) * ROWS) / dice.around(1.0, 0.1)
    # One leg may hang away from the other: the gap between them leans, as in FashionMNIST.
    x = x - dice.around(0.0, 0.1) * np.maximum(ROWS + 5, 0)
    side = np.abs(x)
    waist = dice.between(3.0, 4.6)
    hip = waist + dice.between(0.3, 1.4)
    knee = hip + dice.around(-0.2, 0.8)
    ankle = knee + dice.between(-0.9, 0.9) + dice.chance(0.12) * dice.between(0.5, 2.0)
    crotch = dice.between(-7.5, -4.0)
    outer = (
        waist
        + (hip - waist) * ramp(y, top, crotch)
        + (knee - hip) * ramp(y, crotch, 3.0)
        + (ankle - knee) * ramp(y, 3.0, hem)
    )
    gap = dice.between(-0.3, 1.6) * ramp(y, crotch, crotch + 6) + dice.between(-0.3, 1.4) * ramp(y, 0.0, hem)
    legs = np.maximum(edge(side - gap), edge(crotch - y))
    cover = edge((outer - side) / steepness(outer, 1)) * legs * edge(y - top) * edge(hem - y)

    tone = shade(dice) * cloth(dice, x, y, stripes=0.03, checks=0.06, flowers=0.08) * folds(dice, x, y)
    leg_middle = side - (outer + gap) / 2
    crease = dice.between(-0.25, 0.25) * line(leg_middle, 0.4) * edge(y - crotch)
    worn = (
        dice.between(-0.35, 0.25) * ramp(np.abs(leg_middle), 2.0, 0.0) * band(y, -6.0, dice.between(0.0, 7.0))
    )
    inner_seam = dice.between(0.2, 0.8) * line(side, 0.2) * edge(y - crotch)
    fly = dice.between(0.0, 0.6) * line(x, 0.1) * band(y, top + 1.5, crotch)
    waistband = dice.between(0.0, 0.5) * line(y - top - 1.8, 0.1)
    pocket = (
        dice.between(0.0, 0.5) * line(side - waist + (y - top - 1.5) * 0.5, 0.1) * band(y, top + 2, top + 6)
    )
    tear = dice.chance(0.12) * line(y - dice.between(1.0, 4.0), 0.5) * line(leg_middle, 1.0) * 0.6
    marks = (1 - inner_seam) * (1 - fly) * (1 - waistband) * (1 - pocket) * (1 - tear)
    return develop(dice, tone * (1 + crease + worn) * marks * cover, cover)
