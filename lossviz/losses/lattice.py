"""torch's answers at every position of the knobs, in one table that the browser can look up."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from lossviz.losses.call import vectorised
from lossviz.losses.catalogue import catalogue
from lossviz.losses.computed_once import computed_once
from lossviz.losses.entry import Chosen, LossEntry, Settings
from lossviz.losses.formula import evaluate
from lossviz.losses.knob import Knob

MAX_ROWS = 40_000
"""More rows would make the page heavy for a phone."""


def strides(knobs: tuple[Knob, ...]) -> dict[str, int]:
    """How far apart two neighbouring values of a knob lie in the lattice; the axis knob runs fastest.

    >>> from lossviz.losses.shared_knobs import BETA, PREDICTION, TARGET
    >>> strides((PREDICTION, TARGET, BETA))
    {'prediction': 1, 'target': 101, 'beta': 1313}
    """
    sizes = itertools.accumulate((knob.count for knob in knobs), lambda size, count: size * count, initial=1)
    return {knob.key: size for knob, size in zip(knobs, sizes, strict=False)}


def row_of(knobs: tuple[Knob, ...], settings: Settings) -> int:
    """The number of the row of a lattice in which the knobs have these values.

    >>> from lossviz.losses.shared_knobs import BETA, PREDICTION
    >>> row_of((PREDICTION, BETA), {"prediction": -4.8, "beta": 0.25})
    103
    """
    stride = strides(knobs)
    return sum(stride[knob.key] * knob.index(float(settings[knob.key])) for knob in knobs)


@computed_once(maxsize=64)
def lattice(entry: LossEntry, chosen: Chosen = ()) -> pd.DataFrame:
    """What torch says at every lattice point of an entry's knobs.

    Args:
        entry: The loss.
        chosen: The choices of its options; those that are left out are at their defaults.

    Returns:
        A frame with one row a lattice point, in the order of :func:`strides`: ``key`` (int32, the row's
        number), ``loss``, ``gradient`` and a column for each number of each probe (float32, from torch) and
        ``segment`` (int8, which is constant between two kinks, so that a line can be broken where the gradient
        jumps).

    Raises:
        ValueError: If the knobs span more than ``MAX_ROWS`` points.
    """
    return _on(entry, entry.knobs, {}, entry.chosen(dict(chosen)))


def sibling(entry: LossEntry, name: str) -> LossEntry:
    """The loss, or the variant, that can be laid over another.

    Raises:
        KeyError: If the entry names no such overlay.
    """
    if name not in entry.overlays:
        raise KeyError(name)
    return entry.variants.get(name) or catalogue()[name]


def overlay_knobs(entry: LossEntry, name: str) -> tuple[Knob, ...]:
    """The knobs of an entry that a sibling loss follows: the lattice of the sibling needs no others.

    Raises:
        KeyError: If the entry names no such overlay.
    """
    renamed = entry.overlays[name]
    followed = {renamed.get(knob.key, knob.key) for knob in sibling(entry, name).knobs}
    return tuple(knob for knob in entry.knobs if knob.key in followed)


@computed_once(maxsize=64)
def overlay_lattice(entry: LossEntry, name: str, chosen: Chosen = ()) -> pd.DataFrame:
    """The lattice of a sibling loss over the knobs of another loss.

    A knob or option of the sibling that the entry has, or maps to one of its own, follows it; any other stays at
    its default. Where the sibling has no such value (Huber at delta = 0), loss and gradient are NaN.

    Returns:
        A frame as :func:`lattice` gives it, over :func:`overlay_knobs`, without probes.

    Raises:
        KeyError: If the entry names no such overlay.
    """
    laid, renamed, here = sibling(entry, name), entry.overlays[name], dict(entry.chosen(dict(chosen)))
    followed = {o.key: here.get(renamed.get(o.key, o.key), o.default) for o in laid.options}
    # A label that the sibling does not have leaves it at its default.
    usable = {o.key: followed[o.key] for o in laid.options if followed[o.key] in o.choices}
    table = _on(laid, overlay_knobs(entry, name), renamed, laid.chosen(usable))
    return table[["key", "loss", "gradient", "segment"]]


def _on(
    entry: LossEntry, knobs: tuple[Knob, ...], renamed: Mapping[str, str], chosen: Chosen
) -> pd.DataFrame:
    """The lattice of an entry over a set of knobs that need not be its own."""
    import torch

    rows = int(np.prod([knob.count for knob in knobs]))
    if rows > MAX_ROWS:
        raise ValueError(f"{entry.name}: {rows} lattice points, at most {MAX_ROWS} fit a page")
    grids = np.meshgrid(*(np.array(knob.values) for knob in reversed(knobs)), indexing="ij")
    given = {knob.key: grid.ravel() for knob, grid in zip(reversed(knobs), grids, strict=True)}
    columns = {
        knob.key: given.get(renamed.get(knob.key, knob.key), np.full(rows, knob.default))
        for knob in entry.knobs
    }
    tensors = {key: torch.from_numpy(column).float() for key, column in columns.items()}
    set_by_knob = tuple(key for key in entry.parameters.values() if key in columns)
    names = ("loss", "gradient", *(column for probe in entry.probes for column in probe.columns))
    said = {name: torch.full((rows,), torch.nan) for name in names}
    # A constructor argument is one Python number, so there is one torch call for each of its values.
    for values in itertools.product(*(sorted(set(columns[str(key)].tolist())) for key in set_by_knob)):
        parameters = dict(zip(map(str, set_by_knob), values, strict=True))
        if not all(_allows(entry, key, value) for key, value in parameters.items()):
            continue
        at = torch.ones(rows, dtype=torch.bool)
        for key, value in parameters.items():
            at &= torch.from_numpy(columns[key] == value)
        found = vectorised(entry, {k: t[at] for k, t in tensors.items()}, parameters | dict(chosen))
        for name, column in found.items():
            said[name][at] = column.float()
    numbers = entry.numbers(entry.defaults | dict(chosen))
    segments = _segments(entry, {name: np.full(rows, number) for name, number in numbers.items()} | columns)
    return pd.DataFrame(
        {
            "key": np.arange(rows, dtype=np.int32),
            **{name: column.numpy() for name, column in said.items()},
            "segment": segments,
        }
    )


def _allows(entry: LossEntry, key: str, value: float) -> bool:
    """Whether a value lies in the range of an entry's knob."""
    knob = entry.knob(key)
    return knob.low <= value <= knob.high


def _segments(entry: LossEntry, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """How many kinks lie before each point; a point on a kink is a segment of its own."""
    axis = columns[entry.axis.key]
    passed = np.zeros(len(axis), dtype=np.int8)
    for kink in entry.kinks:
        there = evaluate(kink.when, columns) if kink.when else True
        side = 1 + np.sign(np.round(axis - evaluate(kink.at, columns), 9))
        passed += np.where(there, side, 0).astype(np.int8)
    return passed
