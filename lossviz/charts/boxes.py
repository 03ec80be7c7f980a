"""Two boxes on a plane: a true one that stands, a predicted one that the hand moves, and where torch pulls it.

The first argument of the loss is the predicted box as centre and size, four knobs of which the first is the axis;
the second is an option whose choices are true boxes. The plane lies above the curve and has its axis, so the
centre of the predicted box stands right above the point on the curve.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.knob_params import HANDLE, dragged, grip, signal
from lossviz.charts.number_text import number
from lossviz.charts.stage import LABEL_SIZE, Plot, answer_columns, here, letters, tall
from lossviz.charts.words import haloed, reading_above
from lossviz.losses.entry import Chosen, LossEntry
from lossviz.losses.knob import Knob

IOU, GRADIENT_OF_BOX = "iou", "gradient_of_box"
"""The probes that the picture reads: the overlap, and the derivatives by centre and size."""

STEP = 4
"""The arrow and the dotted box show a step of this size down the gradient: large enough to be seen."""

_PLANE, _GRIP = "plane", "plane_grip"
_HEIGHT = 210
_FLAT = 1e-6
"""A gradient below this is rounding."""


def alt_text(entry: LossEntry) -> str:  # noqa: ARG001 - every view has it
    """What the plane shows."""
    return (
        "The predicted box and the true box on a plane, with their intersection filled, the smallest box around both "
        "dashed, and a line between the centres. An arrow and a dotted box show a step down torch's gradient."
    )


def drags(entry: LossEntry) -> Mapping[str, str]:
    """A drag moves the centre of the predicted box."""
    across, up, *_ = _moved(entry)
    return dict.fromkeys((across.key, up.key), dragged(_GRIP))


def datasets(
    entry: LossEntry,
    chosen: Chosen,  # noqa: ARG001 - every view takes it
    overlays: tuple[str, ...],  # noqa: ARG001 - as above
) -> dict[str, pd.DataFrame]:
    """The cells of the plane, one for each place where the centre may lie."""
    across, up, *_ = _moved(entry)
    return {_PLANE: _cells(across, up)}


def draw(entry: LossEntry, sliders: Sequence[alt.Parameter]) -> list[Plot]:
    """The plane; its uppermost, unseen layer takes the hand and carries the sliders."""
    scene = _scene(entry)
    x, y = _scales(entry)
    layers = [
        *_box(scene, x, y, "true", roles.TARGET, fill=0.18),
        *_box(scene, x, y, "own", roles.LOSS, fill=0.18),
        *_intersection(scene, x, y),
        _outline(scene, x, y, "around", roles.INK, dash=[6, 4], width=1.5),
        _outline(scene, x, y, "next", roles.GRADIENT, dash=[1, 4], width=2.5),
        *_centres(scene, x, y),
        *_arrow(scene, x, y),
        *_words(scene, x, y),
        *([reading_above(entry, scene)] if sliders else []),
        _grip(x, y, sliders),
    ]
    return [alt.layer(*layers).properties(height=tall(_HEIGHT))]


def _moved(entry: LossEntry) -> list[Knob]:
    """The knobs of the predicted box: centre across and up, width, height.

    Raises:
        ValueError: If the entry is no loss of boxes.
    """
    by_key = {knob.key: knob for knob in entry.knobs}
    found = [by_key[e] for e in entry.arguments[0].elements if isinstance(e, str) and e in by_key]
    if len(found) != 4 or found[0] is not entry.axis:
        raise ValueError(f"{entry.name}: the first argument is no box made of knobs")
    return found


@functools.cache
def _cells(across: Knob, up: Knob) -> pd.DataFrame:
    half_x, half_y = across.step / 2, up.step / 2
    # The outermost rows reach as far as a plane can, so that the hand may leave the range.
    far = across.high - across.low
    return pd.DataFrame(
        [
            {
                across.key: x,
                up.key: y,
                "left": x - half_x,
                "right": x + half_x,
                "bottom": y - (far if y == up.low else half_y),
                "top": y + (far if y == up.high else half_y),
            }
            for y in up.values
            for x in across.values
        ]
    )


def _scene(entry: LossEntry) -> alt.Chart:
    """One row with the edges of every box that is drawn, from the knobs, the option and torch's gradient."""
    own = [signal(knob) for knob in _moved(entry)]
    # The true box is an option; its numbers are fields of the single row.
    (true,) = (e for e in entry.arguments[1].elements if isinstance(e, str))
    step = [f"datum.{GRADIENT_OF_BOX}_{place} * {STEP}" for place in range(4)]
    boxes = {
        "own": own,
        "true": [f"datum.{true}_{place}" for place in range(4)],
        "next": [
            *(f"{value} - {by}" for value, by in zip(own[:2], step[:2], strict=True)),
            # No step makes a box of negative size.
            *(f"max(0.05, {value} - {by})" for value, by in zip(own[2:], step[2:], strict=True)),
        ],
    }
    scene = here(entry, answer_columns(entry))
    for name, (x, y, width, height) in boxes.items():
        scene = scene.transform_calculate(
            **{
                f"{name}_x": x,
                f"{name}_y": y,
                f"{name}_left": f"{x} - {width} / 2",
                f"{name}_right": f"{x} + {width} / 2",
                f"{name}_bottom": f"{y} - {height} / 2",
                f"{name}_top": f"{y} + {height} / 2",
            }
        )
    for name, low, high in (("around", "min", "max"), ("both", "max", "min")):
        scene = scene.transform_calculate(
            **{
                f"{name}_{edge}": f"{which}(datum.own_{edge}, datum.true_{edge})"
                for which, edges in ((low, ("left", "bottom")), (high, ("right", "top")))
                for edge in edges
            }
        )
    return scene


def _scales(entry: LossEntry) -> tuple[alt.Scale, alt.Scale]:
    """The scales across and up, with the same length for a unit, however wide the page is."""
    across, up, *_ = _moved(entry)
    middle, reach = (up.low + up.high) / 2, (across.high - across.low) * tall(_HEIGHT) / 2
    ends = [alt.ExprRef(f"{middle} - {reach} / width"), alt.ExprRef(f"{middle} + {reach} / width")]
    return (
        alt.Scale(domain=[across.low, across.high], nice=False, zero=False),
        alt.Scale(domain=ends, nice=False, zero=False),
    )


def _x(field: str, scale: alt.Scale) -> alt.X:
    # The curve below has the same axis, and numbers and names it.
    return alt.X(f"{field}:Q", axis=alt.Axis(labels=False, title=""), scale=scale)


def _y(field: str, scale: alt.Scale) -> alt.Y:
    return alt.Y(f"{field}:Q", title="y", scale=scale)


def _rectangle(scene: alt.Chart, x: alt.Scale, y: alt.Scale, name: str, **mark: Any) -> alt.Chart:  # noqa: ANN401 - a property of the mark
    drawn: alt.Chart = scene.mark_rect(clip=True, **mark).encode(
        _x(f"{name}_left", x), _y(f"{name}_bottom", y), alt.X2(f"{name}_right"), alt.Y2(f"{name}_top")
    )
    return drawn


def _box(
    scene: alt.Chart, x: alt.Scale, y: alt.Scale, name: str, role: str, *, fill: float
) -> list[alt.Chart]:
    return [
        roles.wear(_rectangle(scene, x, y, name, opacity=fill), role),
        _outline(scene, x, y, name, role, dash=[1, 0], width=3),
    ]


def _outline(
    scene: alt.Chart, x: alt.Scale, y: alt.Scale, name: str, role: str, *, dash: list[int], width: float
) -> alt.Chart:
    box = _rectangle(scene, x, y, name, filled=False, strokeWidth=width, strokeDash=dash)
    return roles.wear(box, role)


def _intersection(scene: alt.Chart, x: alt.Scale, y: alt.Scale) -> list[alt.Chart]:
    shared = scene.transform_filter(
        "datum.both_left < datum.both_right && datum.both_bottom < datum.both_top"
    )
    return [roles.wear(_rectangle(shared, x, y, "both", opacity=0.45), roles.LOSS)]


def _centres(scene: alt.Chart, x: alt.Scale, y: alt.Scale) -> list[alt.Chart]:
    line = scene.mark_rule(clip=True, strokeWidth=1.5, opacity=0.7).encode(
        _x("own_x", x), _y("own_y", y), alt.X2("true_x"), alt.Y2("true_y")
    )
    true, own = (
        scene.mark_point(
            filled=True,
            size=90,
            opacity=1,
            clip=True,
            ariaRoleDescription=HANDLE if name == "own" else alt.Undefined,
        ).encode(_x(f"{name}_x", x), _y(f"{name}_y", y))
        for name in ("true", "own")
    )
    return [roles.wear(line, roles.INK), roles.wear(true, roles.TARGET), roles.wear(own, roles.LOSS)]


def _arrow(scene: alt.Chart, x: alt.Scale, y: alt.Scale) -> list[alt.Chart]:
    """From the centre to where the step leads; if torch does not pull the centre, words that say so."""
    pull = f"max(abs(datum.{GRADIENT_OF_BOX}_0), abs(datum.{GRADIENT_OF_BOX}_1))"
    pulled = scene.transform_filter(f"{pull} > {_FLAT}").transform_calculate(
        # A triangle points up at 0 degrees and turns clockwise.
        turn="atan2(datum.next_x - datum.own_x, datum.next_y - datum.own_y) * 180 / PI"
    )
    shaft = pulled.mark_rule(clip=True, strokeWidth=3).encode(
        _x("own_x", x), _y("own_y", y), alt.X2("next_x"), alt.Y2("next_y")
    )
    head = pulled.mark_point(shape="triangle", filled=True, size=160, opacity=1, clip=True).encode(
        _x("next_x", x), _y("next_y", y), alt.Angle("turn:Q", scale=None)
    )
    still = (
        scene.transform_filter(f"!({pull} > {_FLAT})")
        .mark_text(text="no pull on the centre", dy=-12, fontWeight="bold")
        .encode(_x("own_x", x), _y("own_y", y))
    )
    shaft, head, still = (roles.wear(part, roles.GRADIENT) for part in (shaft, head, still))
    return [shaft, head, *haloed(still)]


def _words(scene: alt.Chart, x: alt.Scale, y: alt.Scale) -> list[alt.Chart]:
    """The boxes' names, on the far sides so that they do not meet, and the overlap."""
    true = scene.mark_text(text="target", baseline="bottom", dy=-4, fontWeight="bold").encode(
        _x("true_x", x), _y("true_top", y)
    )
    own = scene.mark_text(text="prediction", baseline="top", dy=6, fontWeight="bold").encode(
        _x("own_x", x), _y("own_bottom", y)
    )
    overlap = (
        scene.transform_calculate(said=f"'IoU ' + {number(f'datum.{IOU}')}")
        .mark_text(align="left", baseline="top", dx=6, dy=6, fontSize=18, fontWeight="bold")
        .encode(x=alt.value(0), y=alt.value(0), text="said:N")
    )
    legend = scene.mark_text(
        align="right",
        baseline="bottom",
        dx=-6,
        dy=-4,
        fontSize=letters(LABEL_SIZE - 2),
        text=f"dotted: after a step of {STEP} down the gradient",
    ).encode(x=alt.value(alt.ExprRef("width")), y=alt.value(tall(_HEIGHT)))
    worn = (
        roles.wear(true, roles.TARGET),
        roles.wear(own, roles.LOSS),
        roles.wear(overlap, roles.INK),
        roles.wear(legend, roles.GRADIENT),
    )
    return [part for words in worn for part in haloed(words)]


def _grip(x: alt.Scale, y: alt.Scale, sliders: Sequence[alt.Parameter]) -> alt.Chart:
    cells = (
        alt.Chart(alt.NamedData(_PLANE))
        .mark_rect(opacity=0, aria=False, cursor="move", clip=True)
        .encode(_x("left", x), _y("bottom", y), alt.X2("right"), alt.Y2("top"))
    )
    held = grip(_GRIP, cells)
    return held.add_params(*sliders) if sliders else held
