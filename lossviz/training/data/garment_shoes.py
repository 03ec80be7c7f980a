"""Draws shoes, seen from the side with the toe to the left: Sandal, Sneaker and Ankle boot.

Sneaker and ankle boot are one last with other measures, and their ranges meet: a high sneaker and a low boot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lossviz.training.data.garment_brush import (
    COLUMNS,
    ROWS,
    band,
    cloth,
    develop,
    ease,
    edge,
    folds,
    line,
    ramp,
    shade,
    steepness,
    wave,
)
from lossviz.training.data.garment_dice import Dice, Float


@dataclass(frozen=True)
class Last:
    """The measures of a closed shoe, in pixels, each (count, 1, 1).

    Attributes:
        toe: height of the upper at the toe.
        instep: height of the upper where the laces end.
        shaft: how much higher the shaft stands than the instep.
        shaft_start: x where the shaft rises.
        dip: how deep the opening for the foot is cut.
        sole: thickness of the sole.
        sole_shade: shade of the sole, as a factor to the upper's.
        heel: height of the heel below the sole.
        laces: strength of the laces.
        swoosh: strength of a band on the side.
        panel: strength of the elastic panel at the ankle.
    """

    toe: Float
    instep: Float
    shaft: Float
    shaft_start: Float
    dip: Float
    sole: Float
    sole_shade: Float
    heel: Float
    laces: Float
    swoosh: Float
    panel: Float


def _cobble(dice: Dice, last: Last) -> Float:
    """Draw a batch of closed shoes by their measures; shades (count, 28, 28)."""
    front = dice.between(-13.6, -11.2)
    back = dice.between(10.8, 13.4)
    total = last.instep + last.shaft + last.sole + last.heel
    ground = total / 2 + dice.around(0.5, 2.6)
    x = COLUMNS
    y = ROWS - dice.around(0.0, 0.09) * COLUMNS
    sole_top = ground - last.heel - last.sole
    up = sole_top - y

    opening = last.shaft_start + dice.between(2.0, 4.0)
    upper = (
        last.toe * ease(x, front - 0.5, front + dice.between(1.5, 3.0))
        + (last.instep - last.toe) * ease(x, front + 2.5, last.shaft_start + 1.5)
        + last.shaft * ease(x, last.shaft_start - 0.5, last.shaft_start + dice.between(1.5, 3.5))
        - last.dip * ease(x, last.shaft_start + 1, opening) * (1 - 0.8 * ease(x, opening + 1, back - 1))
    )
    heel_x = back - 0.4 + dice.around(0.0, 0.08) * (up - 4) - 0.06 * np.maximum(4 - up, 0)
    vamp = edge((upper - up) / steepness(upper, 2)) * edge(up + 0.5) * edge(heel_x - x) * edge(x - front)

    # The sole, and below it a heel with an arch in front of it.
    toe_spring = dice.between(0.0, 1.6) * (1 - ease(x, front, front + 5))
    below = sole_top + last.sole - toe_spring - y
    sole = edge(-up) * edge(below) * band(x, front, back)
    heel_front = dice.between(4.0, 8.0)
    block = edge(ground - y) * edge(y - sole_top - last.sole + 1) * band(x, heel_front, back - 0.2)
    block = block * (last.heel > 0.4)
    sole = np.maximum(sole, block)

    colour = shade(dice)
    tone = colour * cloth(dice, x, y, stripes=0.02, checks=0.03, flowers=0.05) * folds(dice, x, y)
    # Laces lie across the rising part of the upper, just under its edge.
    under_edge = upper - up
    on_instep = band(x, last.shaft_start - 6, last.shaft_start + 1)
    stitches = 0.5 + 0.5 * wave(x / dice.between(1.8, 2.6) + dice.between(0.0, 1.0))
    tone = tone * (1 - last.laces * on_instep * band(under_edge, 0.3, 2.6) * stitches)
    sash = line(up - 1.5 - (x - dice.between(-5.0, 0.0)) * dice.between(0.2, 0.7), dice.between(0.2, 0.9))
    sash = sash * band(x, -4.0, 8.0) * band(up, 0.5, 6.0)
    tone = tone + last.swoosh * sash * (dice.between(0.0, 1.0) - tone)
    cap = dice.between(0.0, 0.5) * line(x - front - dice.between(4.0, 6.5) + 0.4 * up, 0.1)
    counter = dice.between(0.0, 0.5) * line(x - back + dice.between(3.0, 5.0) - 0.3 * up, 0.1)
    collar = dice.between(-0.2, 0.6) * band(under_edge, -1.0, 1.0) * edge(x - last.shaft_start)
    tone = tone * (1 - cap) * (1 - counter) * (1 - collar)
    tip = edge(front + dice.between(4.0, 9.0) - x - 0.5 * up) * dice.chance(0.45) * dice.between(-0.6, 0.7)
    tail = edge(x - back + dice.between(3.0, 8.0) - 0.3 * up) * dice.chance(0.45) * dice.between(-0.6, 0.7)
    tone = tone * (1 - tip) * (1 - tail)
    gusset = band(x, last.shaft_start + 3.0, last.shaft_start + 6.5) * edge(up - 4)
    tone = tone * (1 - last.panel * gusset)
    welt = dice.between(0.0, 0.7) * line(up + 0.2, 0.2)
    picture = tone * (1 - welt) * vamp * (1 - sole) + colour * last.sole_shade * sole
    return develop(dice, np.minimum(picture, 1), np.maximum(vamp, sole))


def sneaker(dice: Dice) -> Float:
    """A batch of sneakers; shades (count, 28, 28)."""
    high = dice.chance(0.2)
    last = Last(
        toe=dice.between(2.2, 4.0),
        instep=dice.between(5.6, 8.4),
        shaft=dice.between(0.0, 1.0) + high * dice.between(1.0, 5.5),
        shaft_start=dice.between(-1.0, 3.5),
        dip=dice.between(1.0, 3.4) * (1 - 0.5 * high),
        sole=dice.between(1.3, 2.8),
        sole_shade=dice.between(0.6, 1.6),
        heel=dice.between(0.0, 0.0),
        laces=dice.chance(0.85) * dice.between(0.2, 0.9),
        swoosh=dice.chance(0.6) * dice.between(0.4, 1.0),
        panel=dice.chance(0.06) * dice.between(0.1, 0.4),
    )
    return _cobble(dice, last)


def ankle_boot(dice: Dice) -> Float:
    """A batch of ankle boots; shades (count, 28, 28)."""
    low = dice.chance(0.2)
    heeled = dice.chance(0.6)
    last = Last(
        toe=dice.between(2.2, 4.2),
        instep=dice.between(5.8, 9.0),
        shaft=dice.between(4.5, 10.0) * (1 - low) + low * dice.between(1.0, 5.0),
        shaft_start=dice.between(-0.5, 3.0),
        dip=dice.between(-0.6, 1.2) + low * dice.between(0.0, 1.0),
        sole=dice.between(0.8, 2.2),
        sole_shade=dice.between(0.3, 1.05),
        heel=heeled * dice.between(0.6, 3.6),
        laces=dice.chance(0.35) * dice.between(0.1, 0.6),
        swoosh=dice.chance(0.1) * dice.between(0.2, 0.7),
        panel=dice.chance(0.5) * dice.between(0.2, 0.9),
    )
    return _cobble(dice, last)


def sandal(dice: Dice) -> Float:
    """A batch of sandals; shades (count, 28, 28)."""
    front = dice.between(-13.6, -12.4)
    back = dice.between(11.4, 13.4)
    high = dice.chance(0.3)
    wedge = dice.chance(0.35)
    rise = high * dice.between(4.0, 11.0) + (1 - high) * dice.between(0.0, 1.6)
    ground = rise / 2 + dice.between(2.0, 5.0)
    x = COLUMNS
    y = ROWS - dice.around(0.0, 0.05) * COLUMNS

    # The sole climbs from the ball of the foot to the heel, on a stiletto or a wedge.
    foot = ground - rise * ease(x, dice.between(-6.0, -2.0), dice.between(6.0, 10.0))
    thick = dice.between(0.5, 1.5)
    lean = steepness(foot, 2)
    sole = line((y - foot) / lean, thick) * band(x, front, back)
    heel_x = back - dice.between(0.8, 2.0) + 0.12 * (y - ground)
    stiletto = line(x - heel_x, dice.between(0.3, 1.2)) * band(y, foot, ground + thick) * high
    filled = edge(y - foot) * edge(ground + thick - y) * band(x, front + 3, back) * wedge
    sole = np.maximum(np.maximum(sole, stiletto), filled)

    # Straps: over the toes, over the instep, round the ankle, and a bar or a counter that joins them.
    zero = np.zeros((), dtype=np.float32)
    straps, glow = zero, zero
    toe_x = dice.between(-11.5, -8.0)
    instep_x = dice.between(-5.0, 0.0)
    wide = dice.chance(0.3) * dice.between(0.0, 2.4)
    has_ankle = dice.chance(0.6)
    for start, span, tall, skew, share in (
        (toe_x, dice.between(5.0, 9.0), dice.between(1.5, 3.6), dice.between(0.35, 0.6), 0.9),
        (instep_x, dice.between(6.0, 10.0), dice.between(3.0, 6.0), dice.between(0.4, 0.7), 0.6),
    ):
        t = (x - start) / span
        arch = foot - tall * (1 - ((t - skew) / np.maximum(skew, 1 - skew)) ** 2)
        strap = line((y - arch - 0.5) / steepness(arch, 2), dice.between(0.2, 1.4) + wide * share) * edge(
            foot - y
        )
        strap = strap * np.maximum(dice.chance(share), 1 - has_ankle)
        straps, glow = np.maximum(straps, strap), np.maximum(glow, strap * dice.between(0.6, 1.1))
    ankle_x, ankle_wide, ankle_tall = dice.between(6.5, 8.5), dice.between(2.8, 4.4), dice.between(0.8, 2.2)
    ankle_y = foot - dice.between(3.0, 7.0) + dice.between(0.0, 0.3) * (x - ankle_x)
    loop = np.sqrt(((x - ankle_x) / ankle_wide) ** 2 + ((y - ankle_y) / ankle_tall) ** 2)
    loop = line((loop - 1) * ankle_tall, dice.between(0.15, 0.7)) * has_ankle
    counter = line(x - ankle_x - ankle_wide, dice.between(0.1, 1.0)) * band(y, ankle_y, foot) * has_ankle
    bar_y = foot - 2.5 + (ankle_y - foot + 2.5) * ramp(x, toe_x + 4, ankle_x - ankle_wide)
    bar = line((y - bar_y) / steepness(bar_y, 2), dice.between(0.1, 0.6)) * dice.chance(0.5)
    bar = bar * band(x, toe_x + 4, ankle_x - ankle_wide) * has_ankle
    for strap in (loop, counter, bar):
        straps, glow = np.maximum(straps, strap), np.maximum(glow, strap * dice.between(0.5, 1.0))

    colour = shade(dice, 0.5)
    tone = cloth(dice, x, y, stripes=0.1, checks=0.04, flowers=0.2) * folds(dice, x, y) * colour
    picture = tone * (sole * dice.between(0.45, 1.0) + glow * (1 - sole))
    return develop(dice, np.minimum(picture, 1), np.maximum(sole, straps))
