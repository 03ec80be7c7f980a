"""Sews what is worn on the upper body from its measures: the cut, and what is sewn or printed on it."""

from __future__ import annotations

from dataclasses import dataclass

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
    wave,
)
from lossviz.training.data.garment_dice import Dice, Float


@dataclass(frozen=True)
class Cut:
    """The measures of a garment for the upper body, in pixels, each (count, 1, 1).

    Attributes:
        top: y of the shoulders at the neck.
        hem: y of the lower edge.
        shoulder: half width at the shoulders.
        chest: half width under the arms.
        waist: half width at the waist.
        skirt: half width at the hem.
        neck: half width of the neckline.
        neck_depth: how deep the neckline goes.
        neck_point: 0 for a round neckline, 1 for a V.
        sleeve: length of the sleeves as a share of the arm; 0 for none.
        stand: how far the neck stands up: a turtleneck, a hood, a coat's collar.
        reach: how far the hands are away from the shoulders sideways.
        sleeve_width: half width of the sleeves at the shoulder.
        cuff_width: half width of the sleeves at their end.
    """

    top: Float
    hem: Float
    shoulder: Float
    chest: Float
    waist: Float
    skirt: Float
    neck: Float
    neck_depth: Float
    neck_point: Float
    stand: Float
    sleeve: Float
    reach: Float
    sleeve_width: Float
    cuff_width: Float


@dataclass(frozen=True)
class Marks:
    """What is sewn or printed on a garment for the upper body: how strong each mark is, 0 for none.

    Attributes:
        collar: a collar with two points.
        placket: the line down the front where it closes.
        buttons: buttons down the front.
        opening: how far the front stands open at the hem, in pixels.
        lapels: lapels on the chest.
        ribs: ribbed hem and cuffs.
        print: a print on the chest.
        belt: a belt or a seam at the waist.
        pockets: pockets below the waist.
    """

    collar: Float
    placket: Float
    buttons: Float
    opening: Float
    lapels: Float
    ribs: Float
    print: Float
    belt: Float
    pockets: Float


def sew(dice: Dice, cut: Cut, marks: Marks, fabric: dict[str, float]) -> Float:
    """Draw a batch of garments for the upper body.

    Args:
        dice: the numbers of the batch.
        cut: their measures.
        marks: what is sewn or printed on them.
        fabric: shares of striped, checked and flowered cloth, as `cloth` takes them.

    Returns:
        Shades, about 0 to 1, black outside the garments; (count, 28, 28).
    """
    height = dice.around(0.94, 0.1)
    y = (ROWS - dice.around(0.0, 1.8)) / height
    x = (COLUMNS - dice.around(0.0, 1.8) - dice.around(0.0, 0.09) * ROWS) / dice.around(0.96, 0.15)
    side = np.abs(x)

    # The shoulder line falls from the neck outwards, and bounds body and sleeves alike.
    beyond = np.maximum(side - cut.shoulder, 0)
    shoulders = cut.top + dice.between(0.2, 0.45) * np.maximum(side - cut.neck, 0) + 0.16 * beyond * beyond
    shoulders = shoulders - cut.stand * edge(cut.neck - side)
    below_shoulders = edge((y - shoulders) * np.float32(0.92))
    armpit = cut.top + dice.between(6.0, 8.0)
    middle = cut.top + dice.between(11.0, 14.0)
    width = (
        cut.shoulder
        + (cut.chest - cut.shoulder) * ramp(y, cut.top + 2, armpit)
        + (cut.waist - cut.chest) * ramp(y, armpit, middle)
        + (cut.skirt - cut.waist) * ramp(y, middle, cut.hem)
    )
    hem = cut.hem - dice.around(0.0, 1.0) * (side / cut.skirt) ** 2
    body = edge((width - side) / steepness(width, 1)) * below_shoulders * edge(hem - y)

    sleeves, to_cuff = _sleeves(dice, cut, x, y)
    sleeves = sleeves * below_shoulders

    # The neckline in front, and the inside of the back that shows above it.
    rise = np.clip(side / cut.neck, 0, 1)
    front = cut.top - cut.stand + cut.neck_depth * (1 - rise * (cut.neck_point + (1 - cut.neck_point) * rise))
    in_neck = edge(cut.neck - side) * edge(front - y)
    back = edge(y - cut.top + cut.stand - dice.between(0.4, 1.6)) * dice.chance(0.85) * dice.between(0.3, 1.1)

    cover = np.maximum(body, sleeves)
    tone: Float = shade(dice) * cloth(dice, x, y, **fabric) * folds(dice, x, y)
    tone = tone * (1 - dice.between(-0.25, 0.25) * (side / width) ** 2 * body)
    sleeve_only = sleeves * (1 - body)
    tone = tone * (1 - sleeve_only * (dice.between(-0.1, 0.2) + dice.chance(0.25) * dice.between(-0.4, 0.5)))
    block = edge(y - dice.between(-8.0, 10.0)) * dice.chance(0.2) * dice.between(-0.5, 0.6)
    tone = tone * (1 - block)
    seam = line(side - width, 0.1) * sleeves * dice.between(0.1, 0.8)
    tone = tone * (1 - seam)
    tone = _decorate(dice, cut, marks, x, y, tone, body, to_cuff * sleeve_only)
    rim = (
        dice.chance(0.6) * dice.between(-0.2, 0.5) * line(y - front - 0.8, 0.4) * edge(cut.neck + 0.8 - side)
    )
    tone = tone * (1 - rim) * (1 - in_neck * (1 - back))
    cover = cover * (1 - in_neck * (1 - np.minimum(back * 3, 1)))
    return develop(dice, tone * cover, cover)


def _sleeves(dice: Dice, cut: Cut, x: Float, y: Float) -> tuple[Float, Float]:
    """Two arms, cut off where the sleeves end: their coverage, and the distance to their end.

    An arm swings out from the shoulder and then hangs; left and right differ a little.
    """
    side = np.abs(x)
    left = (x < 0).astype(np.float32)
    arm = ramp(y, cut.top + 2, cut.top + 24)
    bend = dice.between(11.0, 18.0)
    out = ramp(y, cut.top + 1, cut.top + 1 + bend)
    reach = cut.reach * (1 + dice.around(0.0, 0.3) * left)
    lean = reach * (1 - out) * 2 / bend
    width = cut.sleeve_width + (cut.cuff_width - cut.sleeve_width) * arm / np.maximum(cut.sleeve, 0.3)
    off_arm = side - (cut.shoulder - cut.sleeve_width + reach * out * (2 - out))
    to_cuff = cut.top + 2 + 22 * cut.sleeve * (1 + dice.around(0.0, 0.1) * left) - y - lean * off_arm
    has_sleeve = (cut.sleeve > 0.08).astype(np.float32)
    inside = (width - np.abs(off_arm)) / np.sqrt(1 + lean * lean)
    return edge(inside) * edge(to_cuff) * has_sleeve, to_cuff


def _decorate(
    dice: Dice, cut: Cut, marks: Marks, x: Float, y: Float, tone: Float, body: Float, to_cuff: Float
) -> Float:
    """Lay the marks over the shades of the cloth; (count, 28, 28)."""
    side = np.abs(x)
    down = y - cut.top
    depth = cut.neck_depth
    # Collar: two leaves beside the neckline, lighter or darker than the cloth, with a shadow below.
    leaf_x = cut.neck + 0.6 - (cut.neck - 0.2) * ramp(down, 0.0, depth + 1.2)
    on_collar = edge(depth + 2.0 - down)
    leaf = line(side - leaf_x, 0.7) * on_collar
    shadow = line(side - leaf_x - 1.6, 0.2) * on_collar
    light = dice.between(-0.35, 0.6)
    tone = tone * (1 + marks.collar * (light * leaf - 0.65 * shadow))
    # Front: the line where it closes, its buttons, or the gap of an open coat.
    centre = x - dice.around(0.0, 0.5)
    under_neck = edge(down - depth)
    tone = tone * (1 - marks.placket * line(centre, 0.15) * under_neck)
    dots = np.clip(2 * wave(down / dice.between(3.0, 4.6)) - 0.6, 0, 1) * line(centre - 0.8, 0.2) * under_neck
    tone = tone * (1 - marks.buttons * dots)
    gap = marks.opening * ramp(down, depth, cut.hem - cut.top)
    tone = tone * (1 - (marks.opening > 0).astype(np.float32) * line(centre, gap) * under_neck * 0.85)
    lapel_x = (cut.neck + 1.5) * (1 - ramp(down, 2.0, dice.between(8.0, 13.0)))
    tone = tone * (1 - marks.lapels * line(side - lapel_x, 0.25) * edge(down - 1.0) * edge(12 - down))
    # Ribs, belt, pockets.
    rib = edge(y - cut.hem + dice.between(1.2, 2.6)) * body + (to_cuff < 2.0) * (to_cuff > 0)
    tone = tone * (1 - marks.ribs * np.minimum(rib, 1) * (0.6 + 0.4 * wave(x / 2)))
    waist = line(down - dice.between(11.0, 14.0), dice.between(0.1, 0.9)) * body
    tone = tone * (1 - marks.belt * waist)
    pocket = line(down - dice.between(14.0, 18.0), 0.2) * band(side, 2.0, dice.between(3.6, 4.8)) * body
    tone = tone * (1 - marks.pockets * pocket)
    # Print: a block or a row of letters on the chest.
    wide, tall = dice.between(1.5, 4.5), dice.between(0.6, 3.6)
    block = band(side, 0.0, wide) * line(down - dice.between(7.0, 11.0), tall)
    letters = 0.6 + 0.4 * wave(x / dice.between(1.6, 4.0) + y / dice.between(2.0, 9.0))
    return tone + marks.print * block * letters * (dice.between(0.0, 1.0) - tone)
