"""What a downloaded picture says below itself: which loss it shows, and where its knobs and options stand."""

from __future__ import annotations

from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.knob_params import signal
from lossviz.charts.number_text import number
from lossviz.charts.stage import CHOSEN, LABEL_SIZE, ONE
from lossviz.losses.entry import LossEntry
from lossviz.losses.plain_symbol import named

_BETWEEN = " · "
_SMALLEST = 7
_LETTER = 0.55
"""How wide a letter is, as a share of its size."""


def name_and_values(entry: LossEntry) -> alt.TitleParams:
    """The loss with its options, and below it its knobs with their values, as the title of a picture.

    The page says both beside the picture, so its style sheet hides the title there, and gives its room away.
    """
    row = f"data('{ONE}')"
    chosen = f"(length({row}) && {row}[0].{CHOSEN} || '')"
    values = [f"'{named(knob)} ' + {number(signal(knob))}" for knob in entry.knobs]
    longest = max(
        sum(len(named(knob)) + len(f"{knob.low:g}") + len(_BETWEEN) + 2 for knob in entry.knobs),
        len(entry.name) + sum(len(option.title) + 12 for option in entry.options),
    )
    return alt.TitleParams(
        text=alt.ExprRef(f"['{entry.name}' + {chosen}, {f' + {_BETWEEN!r} + '.join(values)}]"),
        orient="bottom",
        anchor="start",
        offset=4,
        fontWeight="normal",
        fontSize=alt.ExprRef(f"clamp(width / {longest * _LETTER:g}, {_SMALLEST}, {LABEL_SIZE - 2})"),
    )
