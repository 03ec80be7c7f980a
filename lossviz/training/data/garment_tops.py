"""The measures of what is worn on the upper body: T-shirt/top, Pullover, Dress, Coat and Shirt.

All five are one cut with other measures. Their ranges overlap on purpose: a T-shirt with longer sleeves, a
shirt without a visible collar and a thin coat are told apart by small marks only, as in FashionMNIST. Not
every shirt shows a mark at all: a little of the confusion cannot be learned away.
"""

from __future__ import annotations

from lossviz.training.data.garment_cut import Cut, Marks, sew
from lossviz.training.data.garment_dice import Dice, Float


def t_shirt(dice: Dice) -> Float:
    """A batch of T-shirts and tops; shades (count, 28, 28)."""
    chest = dice.between(5.2, 7.8)
    none = dice.chance(0.1)
    sleeve = (1 - none) * (dice.between(0.2, 0.44) + dice.chance(0.08) * dice.between(0.1, 0.5))
    cut = Cut(
        top=dice.between(-13.4, -11.8),
        hem=dice.between(10.8, 13.4),
        shoulder=chest * dice.between(0.88, 1.0) - 0.8 * none,
        chest=chest,
        waist=chest * dice.between(0.86, 1.02),
        skirt=chest * dice.between(0.92, 1.1),
        neck=dice.between(2.0, 3.4),
        neck_depth=dice.between(0.8, 3.2),
        neck_point=dice.chance(0.25) * dice.between(0.3, 1.0),
        stand=dice.between(0.0, 0.0),
        sleeve=sleeve,
        reach=dice.between(5.0, 9.0),
        sleeve_width=dice.between(2.4, 3.2),
        cuff_width=dice.between(2.0, 2.8),
    )
    zero = dice.between(0.0, 0.0)
    marks = Marks(
        collar=dice.chance(0.08) * dice.between(0.2, 0.9),
        placket=dice.chance(0.06) * dice.between(0.1, 0.4),
        buttons=zero,
        opening=zero,
        lapels=zero,
        ribs=dice.chance(0.15) * dice.between(0.0, 0.2),
        print=dice.chance(0.4) * dice.between(0.3, 1.0),
        belt=zero,
        pockets=zero,
    )
    return sew(dice, cut, marks, {"stripes": 0.16, "checks": 0.02, "flowers": 0.12})


def pullover(dice: Dice) -> Float:
    """A batch of pullovers; shades (count, 28, 28)."""
    chest = dice.between(5.0, 6.8)
    cut = Cut(
        top=dice.between(-13.4, -11.8),
        hem=dice.between(9.8, 13.2),
        shoulder=dice.between(5.4, 7.0),
        chest=chest,
        waist=chest * dice.between(0.9, 1.04),
        skirt=chest * dice.between(0.88, 1.04),
        neck=dice.between(2.0, 3.4),
        neck_depth=dice.between(0.6, 3.4),
        neck_point=dice.chance(0.3) * dice.between(0.3, 1.0),
        stand=dice.chance(0.3) * dice.between(0.6, 2.4),
        sleeve=dice.between(0.86, 1.04) - dice.chance(0.1) * dice.between(0.1, 0.4),
        reach=dice.between(3.8, 6.0),
        sleeve_width=dice.between(2.1, 2.8),
        cuff_width=dice.between(1.4, 2.0),
    )
    zero = dice.between(0.0, 0.0)
    marks = Marks(
        collar=dice.chance(0.12) * dice.between(0.1, 0.7),
        placket=dice.chance(0.1) * dice.between(0.1, 0.4),
        buttons=zero,
        opening=zero,
        lapels=zero,
        ribs=dice.chance(0.8) * dice.between(0.15, 0.6),
        print=dice.chance(0.22) * dice.between(0.3, 1.0),
        belt=zero,
        pockets=dice.chance(0.08) * dice.between(0.2, 0.6),
    )
    return sew(dice, cut, marks, {"stripes": 0.22, "checks": 0.03, "flowers": 0.1})


def dress(dice: Dice) -> Float:
    """A batch of dresses; shades (count, 28, 28)."""
    chest = dice.between(3.2, 5.6)
    sleeved = dice.chance(0.5)
    long = dice.chance(0.4)
    sleeve = sleeved * (dice.between(0.15, 0.4) * (1 - long) + dice.between(0.5, 0.8) * long)
    waist = chest * dice.between(0.78, 1.05)
    cut = Cut(
        top=dice.between(-13.6, -12.6),
        hem=dice.between(12.4, 13.8),
        shoulder=chest - dice.between(-0.2, 0.8),
        chest=chest,
        waist=waist,
        skirt=waist + dice.between(-0.2, 4.6) * dice.between(0.2, 1.0),
        neck=dice.between(1.5, 2.6),
        neck_depth=dice.between(1.0, 5.0),
        neck_point=dice.chance(0.4) * dice.between(0.3, 1.0),
        stand=dice.between(0.0, 0.0),
        sleeve=sleeve,
        reach=dice.between(2.6, 6.0),
        sleeve_width=dice.between(1.5, 2.2),
        cuff_width=dice.between(1.1, 1.8),
    )
    zero = dice.between(0.0, 0.0)
    marks = Marks(
        collar=dice.chance(0.1) * dice.between(0.1, 0.6),
        placket=dice.chance(0.12) * dice.between(0.1, 0.5),
        buttons=dice.chance(0.06) * dice.between(0.2, 0.7),
        opening=zero,
        lapels=zero,
        ribs=zero,
        print=dice.chance(0.05) * dice.between(0.3, 0.8),
        belt=dice.chance(0.45) * dice.between(0.1, 0.7),
        pockets=zero,
    )
    return sew(dice, cut, marks, {"stripes": 0.1, "checks": 0.04, "flowers": 0.25})


def coat(dice: Dice) -> Float:
    """A batch of coats; shades (count, 28, 28)."""
    chest = dice.between(4.8, 6.8)
    cut = Cut(
        top=dice.between(-13.6, -12.2),
        hem=dice.between(11.0, 13.6),
        shoulder=dice.between(5.0, 7.0),
        chest=chest,
        waist=chest * dice.between(0.84, 1.02),
        skirt=chest * dice.between(0.94, 1.16),
        neck=dice.between(1.8, 3.2),
        neck_depth=dice.between(0.8, 4.0),
        neck_point=dice.chance(0.5) * dice.between(0.3, 1.0),
        stand=dice.chance(0.45) * dice.between(0.4, 1.8),
        sleeve=dice.between(0.84, 1.02),
        reach=dice.between(3.6, 5.8),
        sleeve_width=dice.between(2.1, 2.8),
        cuff_width=dice.between(1.5, 2.1),
    )
    open_front = dice.chance(0.3)
    marks = Marks(
        collar=dice.chance(0.4) * dice.between(0.1, 0.8),
        placket=(1 - open_front) * dice.chance(0.93) * dice.between(0.25, 0.9),
        buttons=dice.chance(0.3) * dice.between(0.1, 0.6),
        opening=open_front * dice.between(0.4, 2.2),
        lapels=dice.chance(0.4) * dice.between(0.1, 0.6),
        ribs=dice.chance(0.15) * dice.between(0.05, 0.4),
        print=dice.chance(0.03) * dice.between(0.2, 0.6),
        belt=dice.chance(0.2) * dice.between(0.1, 0.6),
        pockets=dice.chance(0.5) * dice.between(0.1, 0.7),
    )
    return sew(dice, cut, marks, {"stripes": 0.03, "checks": 0.08, "flowers": 0.08})


def shirt(dice: Dice) -> Float:
    """A batch of shirts; shades (count, 28, 28)."""
    chest = dice.between(4.8, 6.8)
    short = dice.chance(0.4)
    sleeve = short * dice.between(0.24, 0.5) + (1 - short) * dice.between(0.6, 1.02)
    cut = Cut(
        top=dice.between(-13.4, -12.0),
        hem=dice.between(10.6, 13.4),
        shoulder=dice.between(5.0, 7.0),
        chest=chest,
        waist=chest * dice.between(0.82, 1.02),
        skirt=chest * dice.between(0.9, 1.12),
        neck=dice.between(2.0, 3.4),
        neck_depth=dice.between(0.8, 3.6),
        neck_point=dice.chance(0.5) * dice.between(0.3, 1.0),
        stand=dice.chance(0.5) * dice.between(0.3, 1.2),
        sleeve=sleeve,
        reach=dice.between(3.6, 5.8) + short * dice.between(1.5, 3.5),
        sleeve_width=dice.between(2.2, 3.0),
        cuff_width=dice.between(1.5, 2.2) + 0.4 * short,
    )
    zero = dice.between(0.0, 0.0)
    marks = Marks(
        collar=dice.chance(0.85) * dice.between(0.4, 1.0),
        placket=dice.chance(0.8) * dice.between(0.2, 0.6),
        buttons=dice.chance(0.75) * dice.between(0.3, 0.9),
        opening=zero,
        lapels=zero,
        ribs=dice.chance(0.1) * dice.between(0.05, 0.2),
        print=dice.chance(0.06) * dice.between(0.3, 0.8),
        belt=dice.chance(0.04) * dice.between(0.1, 0.4),
        pockets=zero,
    )
    return sew(dice, cut, marks, {"stripes": 0.08, "checks": 0.28, "flowers": 0.14})
