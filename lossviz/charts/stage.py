"""What the pictures of a panel share: their datasets' names, and how a mark finds torch's answer.

The spec is the same whatever the knobs and options say; what they change is looked up in the datasets by the
browser.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

import pandas as pd

from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.knob_params import expression, index, slice_key
from lossviz.losses.entry import Chosen, LossEntry, Preset

Plot: TypeAlias = "alt.LayerChart | alt.FacetChart"
"""What ``alt.layer`` gives."""

LATTICE, ONE, EXACT = "lattice", "one", "exact"
CHOSEN = "chosen"
"""The column of ``ONE`` that says the options in words."""

LABEL_SIZE = 14
SMALLEST_ENLARGED = 13
"""The smallest words in a picture that a projector enlarges."""

_ENLARGED_ALONE, _ENLARGED_TOGETHER = 0.77, 0.64
"""How high the plots of an enlarged picture are, one of a single view and one of several, as a share of their usual
height: a screen is wide."""

_ENLARGED_PADDING = 4
"""How far the words of an axis are from it and from each other in such a picture."""

_enlarged: ContextVar[float] = ContextVar("lossviz_enlarged", default=0)
"""That share while a picture is drawn to be enlarged; otherwise 0."""


@contextmanager
def to_be_enlarged(views: int) -> Iterator[None]:
    """Draw for a projector meanwhile: :func:`tall`, :func:`letters` and :func:`axes` give other sizes.

    Args:
        views: How many views the picture has, one above the other.
    """
    token = _enlarged.set(_ENLARGED_ALONE if views == 1 else _ENLARGED_TOGETHER)
    try:
        yield
    finally:
        _enlarged.reset(token)


def tall(pixels: int) -> int:
    """The height of a plot, or of a part of it, that is so high where a page is read."""
    return round(pixels * _enlarged.get()) if _enlarged.get() else pixels


def letters(pixels: int) -> int:
    """The size of words that are so large where a page is read."""
    return max(pixels, SMALLEST_ENLARGED) if _enlarged.get() else pixels


def axes() -> alt.AxisConfig:
    """How axes look."""
    padding = _ENLARGED_PADDING if _enlarged.get() else alt.Undefined
    return alt.AxisConfig(
        labelFontSize=LABEL_SIZE - 1, titleFontSize=LABEL_SIZE, labelPadding=padding, titlePadding=padding
    )


def one(entry: LossEntry, chosen: Chosen) -> pd.DataFrame:
    """A single row: the numbers of the options, for marks that stand where a formula says, and their words."""
    settings = entry.defaults | dict(chosen)
    options = {
        name: [number] for name, number in entry.numbers(settings).items() if name not in entry.knob_defaults
    }
    words = "".join(
        f" · {option.title} {option.words(str(settings[option.key]))}" for option in entry.options
    )
    return pd.DataFrame({"one": [1], CHOSEN: [words], **options})


def window(entry: LossEntry, quantity: str) -> tuple[str, str]:
    """The expressions for the smallest and the largest value that a curve shows.

    Args:
        entry: The loss.
        quantity: ``"loss"`` or ``"gradient"``.
    """
    if _has_framed_presets(entry):
        return f"{quantity}_low", f"{quantity}_high"
    low, high = own_windows(entry)[quantity]
    return str(low), str(high)


def window_params(entry: LossEntry) -> list[alt.Parameter]:
    """What :func:`window` names: the entry's own windows, or those of the preset that is shown, from the data."""
    if not _has_framed_presets(entry):
        return []
    row = f"data('{ONE}')"
    return [
        alt.param(name=name, expr=f"length({row}) && isValid({row}[0].{name}) ? {row}[0].{name} : {edge}")
        for name, edge in _edges(own_windows(entry)).items()
    ]


def framed(entry: LossEntry, chosen: Chosen, preset: Preset) -> pd.DataFrame:
    """The single row, with the windows of a preset that has its own."""
    return one(entry, chosen).assign(**_edges(preset.windows))


def own_windows(entry: LossEntry) -> Mapping[str, tuple[float, float]]:
    """The smallest and the largest loss and gradient that the curve of a loss shows by itself."""
    return {"loss": entry.loss_window, "gradient": entry.gradient_window}


def _has_framed_presets(entry: LossEntry) -> bool:
    return any(preset.windows for preset in entry.presets)


def _edges(windows: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """The edges of windows by the names that a picture has for them."""
    return {
        f"{quantity}_{side}": edge
        for quantity, window in windows.items()
        for side, edge in zip(("low", "high"), window, strict=True)
    }


def not_dragged(entry: LossEntry) -> Mapping[str, str]:  # noqa: ARG001 - every view is asked for its entry's
    """The drags of a picture that no hand moves: none."""
    return {}


def probe_columns(entry: LossEntry) -> list[str]:
    """The columns of the lattice that hold what the probes say."""
    return [column for probe in entry.probes for column in probe.columns]


def answer_columns(entry: LossEntry) -> list[str]:
    """The columns of the lattice that hold torch's answers."""
    return ["loss", "gradient", *probe_columns(entry), "segment"]


def looked_up(
    chart: alt.Chart, key: str, dataset: str, columns: Sequence[str] = ("loss", "gradient", "segment")
) -> alt.Chart:
    """A chart whose rows carry torch's answers at the lattice row that the expression names."""
    answers = alt.LookupData(alt.NamedData(dataset), "key", list(columns))
    return chart.transform_calculate(key=key).transform_lookup(lookup="key", from_=answers)


def here(
    entry: LossEntry, columns: Sequence[str] = ("loss", "gradient", "segment"), dataset: str = ONE
) -> alt.Chart:
    """The rows of a dataset, by default a single one, that carry torch's answers at the current setting."""
    rows = looked_up(
        alt.Chart(alt.NamedData(dataset)), slice_key(entry.knobs, index(entry.axis)), LATTICE, columns
    )
    return exactly(rows, columns)


def exactly(rows: alt.Chart, columns: Sequence[str]) -> alt.Chart:
    """Rows whose answers from the lattice give way to those of the single call, once the hand rests there.

    torch computes many samples at once and one alone in different orders, so the last bit of a number may differ.

    Args:
        rows: The rows, with the key of the lattice and its answers.
        columns: Which answers they carry.
    """
    said = {column: f"exact_{column}" for column in columns if column != "segment"}
    answers = alt.LookupData(alt.NamedData(EXACT), "key", list(said))
    rows = rows.transform_lookup(lookup="key", from_=answers, as_=list(said.values()))
    return rows.transform_calculate(
        **{column: f"isValid(datum.{name}) ? datum.{name} : datum.{column}" for column, name in said.items()}
    )


def placed(entry: LossEntry, **calculated: str) -> alt.Chart:
    """A single row with values calculated from formulas in knobs and options."""
    chart = alt.Chart(alt.NamedData(ONE))
    names = tuple(name for option in entry.options for name in option.symbols)
    for name, formula in calculated.items():
        chart = chart.transform_calculate(**{name: expression(formula, entry.knobs, names)})
    return chart
