"""The whole picture of a panel: the views that its loss asks for, one above the other, and the sliders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import pandas as pd
import pyarrow as pa

from lossviz.charts import (
    bars,
    boxes,
    cluster_tree,
    ctc_grid,
    loss_curve,
    loss_map,
    more_bars,
    triplet_plane,
    vectors,
)
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.kept_specs import Picture, kept
from lossviz.charts.knob_params import parameter
from lossviz.charts.name_and_values import name_and_values
from lossviz.charts.stage import (
    LABEL_SIZE,
    LATTICE,
    ONE,
    Plot,
    axes,
    framed,
    one,
    to_be_enlarged,
    window_params,
)
from lossviz.losses.call import Exact
from lossviz.losses.computed_once import computed_once
from lossviz.losses.digits import shown
from lossviz.losses.entry import Chosen, LossEntry, Preset, Settings
from lossviz.losses.lattice import lattice, row_of

MOST_TABLES = 64
"""The datasets of so many pictures are kept in memory: 0.1 to 1 MB each."""


class View(Protocol):
    """A module that draws one kind of picture of a loss."""

    def draw(self, entry: LossEntry, sliders: Sequence[alt.Parameter]) -> Sequence[Plot]:
        """The plots from top to bottom; the first one carries the sliders, if there are any."""

    def datasets(
        self, entry: LossEntry, chosen: Chosen, overlays: tuple[str, ...]
    ) -> dict[str, pd.DataFrame]:
        """What they are drawn from beside the lattice, with the same columns whatever is chosen."""

    def alt_text(self, entry: LossEntry) -> str:
        """What they show, in words that hold whatever the knobs say."""

    def drags(self, entry: LossEntry) -> Mapping[str, str]:
        """The keys of the knobs that a hand in the plots moves, and the events that do it."""


VIEWS: Mapping[str, View] = MappingProxyType(
    {
        "curve": loss_curve,
        "map": loss_map,
        "bars": bars,
        "more_bars": more_bars,
        "boxes": boxes,
        "paths": ctc_grid,
        "clusters": cluster_tree,
        "vectors": vectors,
        "triplet": triplet_plane,
    }
)
"""Every kind of picture by the name that entries use."""


_NOT_ENLARGED = "more_bars"
"""What a projector has no room for: it stands below the rest on purpose."""


def alt_text(entry: LossEntry, *, enlarged: bool = False) -> str:
    """What the picture shows, for those who do not see it; the same whatever the knobs say.

    Args:
        entry: The loss.
        enlarged: Whether it is the picture of :func:`projector_spec`.
    """
    said = " ".join(VIEWS[name].alt_text(entry) for name in _views(entry, enlarged=enlarged))
    # The style sheet puts the sliders there: a plane is seen before the five that move its points.
    sliders = "below" if "triplet" in entry.views else "above"
    return f"{entry.name}. {said} The sliders {sliders} the picture move what it shows; the numbers stand beside it."


def datasets(
    entry: LossEntry, chosen: Chosen = (), overlays: tuple[str, ...] = ()
) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from, by the names that its spec uses.

    Args:
        entry: The loss.
        chosen: The choices of its options; those that are left out are at their defaults.
        overlays: The losses to lay over it; the others get an empty table, which draws nothing.

    Raises:
        KeyError: If an overlay is none of the entry's.
    """
    for name in overlays:
        entry.overlays[name]
    chosen = entry.chosen(dict(chosen))
    data = {LATTICE: lattice(entry, chosen), ONE: one(entry, chosen)}
    for view in entry.views:
        data |= VIEWS[view].datasets(entry, chosen, overlays)
    return data


@computed_once(maxsize=MOST_TABLES)
def tables(entry: LossEntry, chosen: Chosen, overlays: tuple[str, ...]) -> Mapping[str, pa.Table]:
    """The datasets as Arrow tables, which is how the browser gets them; treat them as read-only.

    A class asks for the same ones again and again: a preset or a knob changes none of them.

    Args:
        entry: The loss.
        chosen: The choices of all its options.
        overlays: The losses to lay over it.

    Raises:
        KeyError: If an overlay is none of the entry's.
    """
    return {name: pa.Table.from_pandas(frame) for name, frame in datasets(entry, chosen, overlays).items()}


def framed_tables(entry: LossEntry, chosen: Chosen, preset: Preset | None) -> Mapping[str, pa.Table]:
    """The datasets that are others in the windows of the preset that the picture started from.

    It is ``ONE`` for a preset that has its own, and none for the others.
    """
    if preset is None or not preset.windows:
        return {}
    return {ONE: pa.Table.from_pandas(framed(entry, chosen, preset))}


def exact_table(entry: LossEntry, settings: Settings, said: Exact) -> pa.Table:
    """What torch says of the sample where the hand rests, where the lattice's digits are others: the dataset ``EXACT``.

    It is empty where they are the same, which they nearly always are: a picture whose data changes is sent to the
    browser whole.

    Args:
        entry: The loss.
        settings: A value for every knob, and the options' labels.
        said: torch's answer there.
    """
    answers = {"loss": said.loss, "gradient": said.gradient}
    for probe in entry.probes:
        answers |= dict(zip(probe.columns, said.probes[probe.key], strict=True))
    row = row_of(entry.knobs, settings)
    table = lattice(entry, entry.chosen(settings))
    differs = any(shown(table[column].to_numpy()[row]) != shown(value) for column, value in answers.items())
    rows = [row] if differs else []
    numbers = {column: pa.array([value for _ in rows], pa.float64()) for column, value in answers.items()}
    return pa.table({"key": pa.array(rows, pa.int32()), **numbers})


def drags(entry: LossEntry) -> Mapping[str, str]:
    """The keys of the knobs that a hand in the picture moves, and the events that do it."""
    moved: dict[str, str] = {}
    for view in entry.views:
        for key, events in VIEWS[view].drags(entry).items():
            moved[key] = f"{moved[key]}, {events}" if key in moved else events
    return moved


@kept
def spec(entry: LossEntry) -> Picture:
    """The Vega-Lite spec of a loss, its sliders at the defaults; treat it as read-only.

    Its named datasets are those of :func:`datasets`, and ``EXACT``.
    """
    return _drawn(entry, entry.views)


@kept
def projector_spec(entry: LossEntry) -> Picture:
    """The spec of the same picture, less high and with no small words: for a page that enlarges it."""
    views = _views(entry, enlarged=True)
    with to_be_enlarged(len(views)):
        return _drawn(entry, views)


def _views(entry: LossEntry, *, enlarged: bool) -> list[str]:
    return [name for name in entry.views if not (enlarged and name == _NOT_ENLARGED)]


def _drawn(entry: LossEntry, views: Sequence[str]) -> Picture:
    moved = drags(entry)
    # Vega stacks the sliders in reverse, and the first knob belongs on top.
    sliders = [parameter(knob, moved.get(knob.key)) for knob in reversed(entry.knobs)]
    plots = [
        plot for place, view in enumerate(views) for plot in VIEWS[view].draw(entry, () if place else sliders)
    ]
    # The looks are given here and not with `configure_...`, each of which would copy the whole picture once more.
    looks = alt.Config(
        axis=axes(),
        text=alt.MarkConfig(fontSize=LABEL_SIZE),
        # What a mark is drawn from is no answer: a picture that has one to give says so itself.
        mark=alt.MarkConfig(tooltip=None),
    )
    # The width of the page goes to the plots and their axes together.
    fit = alt.AutoSizeParams(type="fit-x", contains="padding")
    whole = alt.vconcat(*plots, spacing=4, autosize=fit, config=looks, title=name_and_values(entry))
    return whole.add_params(*window_params(entry))
