"""An adaptive head as a tree of boxes: what the head gives to a class or a cluster, and how a cluster divides it.

A box is as wide as its probability, so that all classes together are as wide as the picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.number_text import number
from lossviz.charts.stage import LABEL_SIZE, ONE, Plot, here, letters, not_dragged, probe_columns
from lossviz.charts.words import reading_above
from lossviz.losses.cluster_head import CLASSES, CUTOFFS, HEAD, cluster_of
from lossviz.losses.entry import Chosen, LossEntry

_BOXES = "clusters"
_LEVELS = ("head", "class")
_LEVEL_HEIGHT = 74
_LABELLED = 0.17, 0.035
"""How wide a box of the head, or of a class, must be to hold its name."""

_NUMBERED = 0.11
"""How wide a box must be to hold its number."""

_WAY_LETTERS, _SMALLEST = 33, 9
"""So many times as wide as its letters are high is the way to the true class at its longest; how small they may be."""


def alt_text(entry: LossEntry) -> str:
    """What the picture shows."""
    return (
        f"{entry.title} as two rows of boxes, each as wide as its probability. Above, the head divides everything "
        "among the frequent classes and the clusters; below, each cluster divides its part among its classes. "
        "The boxes of the true class are marked."
    )


drags = not_dragged


def datasets(
    entry: LossEntry,
    chosen: Chosen,
    overlays: tuple[str, ...],  # noqa: ARG001 - every view takes it
) -> dict[str, pd.DataFrame]:
    """One row a box, from left to right in each of the two levels."""
    target = round(entry.numbers(entry.defaults | dict(chosen))["target"])
    slots = [f"class {number}" for number in range(CUTOFFS[0])]
    slots += [f"cluster {number}" for number in range(1, len(CUTOFFS) + 1)]
    chosen_slot = slot_of(target)
    head = [
        {
            "level": 0,
            "place": place,
            "name": slot,
            "column": f"head_{place}",
            "true": place == chosen_slot,
            "least": _LABELLED[0],
        }
        for place, slot in enumerate(slots[: len(HEAD)])
    ]
    classes = [
        {
            "level": 1,
            "place": number,
            "name": str(number),
            "column": f"probability_{number}",
            "true": number == target,
            "least": _LABELLED[1],
        }
        for number in range(CLASSES)
    ]
    return {_BOXES: pd.DataFrame(head + classes)}


def slot_of(target: int) -> int:
    """The output of the head that a class belongs to: its own, or that of its cluster.

    >>> [slot_of(target) for target in (0, 1, 2, 9)]
    [0, 1, 2, 3]
    """
    cluster = cluster_of(target)
    return CUTOFFS[0] + cluster - 1 if cluster else target


def draw(entry: LossEntry, sliders: Sequence[alt.Parameter]) -> list[Plot]:
    """The two rows of boxes."""
    plot: Plot = alt.layer(*_boxes(entry), *_words(entry)).properties(height=_LEVEL_HEIGHT * 2 + 56)
    return [plot.add_params(*sliders) if sliders else plot]


def _rows(entry: LossEntry, dataset: str) -> alt.Chart:
    return here(entry, ["loss", "gradient", *probe_columns(entry)], dataset)


def _x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))


def _y(field: str) -> alt.Y:
    # Below the boxes there is room for three lines of text.
    scale = alt.Scale(domain=[2 + 56 / _LEVEL_HEIGHT, 0], nice=False)
    return alt.Y(f"{field}:Q", axis=None, scale=scale)


def _boxes(entry: LossEntry) -> list[alt.Chart]:
    boxes = (
        _rows(entry, _BOXES)
        .transform_calculate(probability="datum[datum.column]")
        .transform_window(
            right="sum(probability)",
            frame=[None, 0],
            groupby=["level"],
            sort=[alt.SortField("place")],
        )
        .transform_calculate(
            left="datum.right - datum.probability",
            middle="datum.right - datum.probability / 2",
            top="datum.level + 0.03",
            bottom="datum.level + 0.97",
            upper="datum.level + 0.36",
            lower="datum.level + 0.66",
            number="format(datum.probability, '.3f')",
        )
    )
    box = {"x": _x("left"), "x2": "right", "y": _y("top"), "y2": "bottom"}
    others, true = boxes.transform_filter("!datum.true"), boxes.transform_filter("datum.true")
    named = boxes.transform_filter("datum.probability >= datum.least")
    names = named.mark_text(fontSize=LABEL_SIZE - 1, fontWeight="bold").encode(
        _x("middle"), _y("upper"), text="name:N"
    )
    numbers = (
        named.transform_filter(f"datum.probability >= {_NUMBERED}")
        .mark_text(fontSize=LABEL_SIZE - 1)
        .encode(_x("middle"), _y("lower"), text="number:N")
    )
    return [
        roles.wear(others.mark_rect(opacity=0.22).encode(**box), roles.LOSS),
        roles.wear(boxes.mark_rect(filled=False, strokeWidth=1).encode(**box), roles.LOSS),
        roles.wear(true.mark_rect(opacity=0.4).encode(**box), roles.TARGET),
        roles.wear(true.mark_rect(filled=False, strokeWidth=3).encode(**box), roles.TARGET),
        *(roles.wear(word, roles.INK) for word in (names, numbers)),
    ]


def _words(entry: LossEntry) -> list[alt.Chart]:
    """Loss and gradient above, the way to the true class below."""
    size = alt.ExprRef(f"clamp(width / {_WAY_LETTERS}, {letters(_SMALLEST)}, {LABEL_SIZE})")
    true = _rows(entry, _BOXES).transform_filter("datum.true")
    both = (
        true.transform_calculate(probability="datum[datum.column]")
        # The cluster comes first, then the class in it.
        .transform_joinaggregate(whole="max(probability)", part="min(probability)")
        .transform_filter("datum.level == 0")
    )
    way = (
        both.transform_calculate(line="2.22")
        .transform_calculate(
            way="indexof(datum.name, 'cluster') == 0 ? 'p(y) = p(' + datum.name + ') · p(y in it) = ' + "
            f"{number('datum.whole')} + ' · ' + {number('(datum.part / datum.whole)')} + ' ≈ ' + "
            f"{number('datum.part')} : 'p(y) = ' + {number('datum.part')} + ', straight from the head'"
        )
        .mark_text(align="left", fontSize=size)
        .encode(x=alt.value(0), y=_y("line"), text="way:N")
    )
    same = (
        _rows(entry, ONE)
        .transform_calculate(line="2.52")
        .transform_calculate(
            same=f"'all 10 classes: ' + {number('datum.sum_of_probabilities')} + ' · −log_prob of y: ' + "
            f"{number('datum.minus_full_log_prob')}"
        )
        .mark_text(align="left", fontSize=size)
        .encode(x=alt.value(0), y=_y("line"), text="same:N")
    )
    return [reading_above(entry, _rows(entry, ONE)), *(roles.wear(word, roles.INK) for word in (way, same))]
