"""What the sliders of a picture are set to, and what the browser reports of them.

Only text and numbers: a page that finds its picture drawn needs nothing heavier.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lossviz.losses.knob import Knob

SUFFIX = "_knob"
"""What follows a knob's key in the name of its slider."""


def starting_at(spec: Mapping[str, Any], knobs: Mapping[str, float]) -> dict[str, Any]:
    """A spec whose sliders start at given values; the given spec stays as it is.

    Args:
        spec: A Vega-Lite spec with sliders made by :func:`lossviz.charts.knob_params.parameter`.
        knobs: Knob key to value.
    """
    by_name = {key + SUFFIX: [{key: value}] for key, value in knobs.items()}
    params = [{**p, "value": by_name[p["name"]]} if p["name"] in by_name else p for p in spec["params"]]
    return {**spec, "params": params}


def chosen(selection: Mapping[str, Any], knobs: Sequence[Knob]) -> dict[str, float]:
    """The knobs that the browser reports as moved, snapped to their lattice.

    Args:
        selection: What Streamlit returns for the chart. It comes from the browser, so nothing in it is
            taken for granted.
        knobs: The knobs of the chart.

    Returns:
        Knob key to value, for those that hold a usable number.
    """
    found = {}
    for knob in knobs:
        match selection.get(knob.key + SUFFIX):
            case [{knob.key: int() | float() as value}] if math.isfinite(value):
                found[knob.key] = knob.snap(value)
    return found
