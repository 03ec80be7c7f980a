"""Words in a picture that can be read wherever they stand, also on a line."""

from __future__ import annotations

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.number_text import reading
from lossviz.charts.stage import letters
from lossviz.losses.entry import LossEntry

READING = "reading"
"""What a screen reader calls the words that say the loss. The page hides them by it while a class guesses."""

_READING_LETTERS = 21
"""So many times as wide as its letters are high is the longest reading, with two numbers such as -1.23457e-05."""

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


def reading_size() -> alt.ExprRef:
    """The size of the words that say the loss: smaller where the picture is too narrow for the longest ones."""
    return alt.ExprRef(f"clamp(width / {_READING_LETTERS}, {letters(11)}, 18)")


def reading_above(entry: LossEntry, rows: alt.Chart) -> alt.Chart:
    """Loss and gradient of a row, as text above the picture.

    Args:
        entry: The loss that the row is of.
        rows: One row, with the fields ``loss`` and ``gradient``.
    """
    said = (
        rows.transform_calculate(reading=reading(entry))
        .mark_text(
            align="left",
            baseline="bottom",
            dy=-8,
            fontSize=reading_size(),
            fontWeight="bold",
            ariaRoleDescription=READING,
        )
        .encode(x=alt.value(0), y=alt.value(0), text="reading:N")
    )
    return roles.wear(said, roles.INK)
