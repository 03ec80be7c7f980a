"""Words in a picture that can be read wherever they stand, also on a line."""

from __future__ import annotations

from lossviz.charts.altair_when_drawn import alt

_HALO = 4
"""How wide the halo is in pixels, both sides together."""


def haloed(words: alt.Chart) -> list[alt.Chart]:
    """Words and, below them, the same ones in the colour of the page: a halo that keeps lines off.

    Vega would draw a stroke of the words themselves over them.

    Args:
        words: A text mark with all that it needs, its colour too.
    """
    halo = words.copy(deep=True)
    halo.mark.aria = False
    # Vega knows the page's colour by this name. The letters are filled too, or gaps would stay between the strokes.
    paper = alt.value(alt.ExprRef("background"))
    halo.encoding.stroke = paper
    halo.encoding.color = alt.Undefined
    halo.encoding.fill = paper
    halo.encoding.strokeWidth = alt.value(_HALO)
    halo.mark.strokeJoin = "round"
    return [halo, words]
