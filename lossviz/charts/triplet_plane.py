"""Anchor, positive and negative on the plane, the distances between them and the region where the loss is 0.

The entry has knobs ``negative_x``, ``negative_y``, ``positive_x`` and ``positive_y`` first, then the margin, and an
option ``anchor``; options ``p`` and ``swap`` are respected where it has them. Distances, gradients and losses are
torch's own.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.knob_params import HANDLE, dragged, grip, index, signal, slice_key
from lossviz.charts.number_text import number, reading
from lossviz.charts.stage import LABEL_SIZE, LATTICE, ONE, Plot, here, looked_up, tall
from lossviz.charts.words import READING, haloed, reading_size
from lossviz.losses.entry import Chosen, LossEntry, Probe
from lossviz.losses.lattice import lattice, strides
from lossviz.losses.option import Code

_HEIGHT = 370
_REACH = 3.25
"""How far the plane reaches in every direction at least."""
_FAR = 30.0
"""Beyond whatever a page can show."""
_FACETS = 180
"""Corners of the ball's edge; a multiple of 8, so that the corners of a square or a diamond are among them."""
_PULL = 0.6
"""The length of an arrow for a gradient of length 1."""

_BESIDE = 0.3
"""How far beside its line a distance stands."""

_CELLS, _POINTS, _LINES, _PAIRS, _EDGE = (
    f"triplet_{name}" for name in ("cells", "points", "lines", "pairs", "edge")
)
_GRIP = "plane_grip"
_POSITIVE, _NEGATIVE, _ANCHOR = roles.TARGET, roles.ROLES[4], roles.INK
_ALWAYS_ACTIVE = Code("1000.0")
_DISTANCE = (
    'distance = getattr(loss_function, "distance_function", None) or '
    "torch.nn.PairwiseDistance(loss_function.p, loss_function.eps)"
)
_ENDS = MappingProxyType(
    {"ap": ("anchor", "positive"), "an": ("anchor", "negative"), "pn": ("positive", "negative")}
)


def alt_text(entry: LossEntry) -> str:  # noqa: ARG001 - every view takes it
    """What the picture shows."""
    return (
        "A plane with the anchor, the positive and the negative, the distances between them as lines with their "
        "values, and arrows that show where a step against the gradient takes each point. The region in which the "
        "negative costs nothing is shaded; a dot at every place the negative can take is the larger, the larger "
        "the loss would be there."
    )


def drags(entry: LossEntry) -> Mapping[str, str]:  # noqa: ARG001 - as above
    """The negative follows the hand from wherever it is pressed, the positive where it is pressed itself."""
    positive, negative = dragged(_GRIP, "datum.held"), dragged(_GRIP, "!datum.held")
    return {
        "negative_x": negative,
        "negative_y": negative,
        "positive_x": positive,
        "positive_y": positive,
    }


def datasets(
    entry: LossEntry,
    chosen: Chosen,
    overlays: tuple[str, ...],  # noqa: ARG001 - every view takes it
) -> dict[str, pd.DataFrame]:
    """What the plane is drawn from beside the lattice.

    ``triplet_pairs`` holds torch's distances and, as long as the loss is not 0, its gradients for every place of the
    positive and the negative: neither depends on the margin.
    """
    return dict(_tables(entry, chosen))


@functools.lru_cache(maxsize=64)
def _tables(entry: LossEntry, chosen: Chosen) -> Mapping[str, pd.DataFrame]:
    pairs, numbers = _pairs(entry, chosen), entry.numbers(entry.defaults | dict(chosen))
    anchor = (numbers["anchor_0"], numbers["anchor_1"])
    swap = bool(numbers.get("swap"))
    norm = _norm_of(entry, pairs, anchor, numbers.get("p", 2.0))
    return {
        _PAIRS: pairs,
        _CELLS: _cells(entry).assign(whole=norm is None),
        _POINTS: pd.DataFrame({"who": ["anchor", "positive", "negative"]}).assign(
            anchor_x=anchor[0], anchor_y=anchor[1], point_role=[_ANCHOR, _POSITIVE, _NEGATIVE]
        ),
        _LINES: _lines(anchor, swap=swap),
        _EDGE: _edge(anchor, norm, swap=swap),
    }


def draw(entry: LossEntry, sliders: Sequence[alt.Parameter]) -> list[Plot]:
    """One plot."""
    lines, values = _distances(entry)
    layers = [
        _grip(entry, sliders),
        *_region(entry),
        *_places(entry),
        *lines,
        *_arrows(entry),
        *values,
        *_points(entry),
        *_words(entry),
    ]
    return [alt.layer(*layers).properties(height=tall(_HEIGHT))]


# What torch says


@functools.cache
def _margin_free(entry: LossEntry) -> LossEntry:
    """The entry with a margin so wide that the loss is never 0, and the distances and gradients as probes."""
    points = ("anchor", "positive", "negative")
    return replace(
        entry,
        knobs=entry.knobs[:4],
        parameters={**entry.parameters, "margin": _ALWAYS_ACTIVE},
        set_up=(*entry.set_up, _DISTANCE),
        probes=(
            *(Probe(name, f"distance({first}, {second})") for name, (first, second) in _ENDS.items()),
            *(Probe(f"{point}_pull", f"-{point}.grad", 2) for point in points),
        ),
        kinks=(),
    )


def _pairs(entry: LossEntry, chosen: Chosen) -> pd.DataFrame:
    """The distances and descents, torch's own, for every place of the two points."""
    table = lattice(_margin_free(entry), chosen)
    return table.drop(columns=["loss", "gradient", "segment"])


@functools.cache
def _cells(entry: LossEntry) -> pd.DataFrame:
    """A square for every place of the negative; those on the rim reach as far as the page does."""
    across, up = entry.knobs[:2]
    rows = []
    for place_x, x in enumerate(across.values):
        for place_y, y in enumerate(up.values):
            rows.append(
                {
                    "index_x": place_x,
                    "index_y": place_y,
                    across.key: x,
                    up.key: y,
                    "positive_x": entry.knob("positive_x").snap(x),
                    "positive_y": entry.knob("positive_y").snap(y),
                    "left": x - across.step / 2 if place_x else -_FAR,
                    "right": x + across.step / 2 if place_x < across.count - 1 else _FAR,
                    "bottom": y - up.step / 2 if place_y else -_FAR,
                    "top": y + up.step / 2 if place_y < up.count - 1 else _FAR,
                }
            )
    return pd.DataFrame(rows)


def _norm_of(entry: LossEntry, pairs: pd.DataFrame, anchor: tuple[float, float], p: float) -> float | None:
    """The p of torch's distance if it is a p-norm, else None: then the region of zero loss is no ball's outside."""
    across, up = entry.knobs[:2]
    grid = np.array([(x, y) for y in up.values for x in across.values])
    expected = np.linalg.norm(grid - anchor, ord=p, axis=1)
    return p if np.allclose(pairs["an"].to_numpy()[: len(grid)], expected, atol=1e-4) else None


def _edge(anchor: tuple[float, float], norm: float | None, *, swap: bool) -> pd.DataFrame:
    """The outline of the region of zero loss, of unit balls.

    There is one around the anchor, with swap one around the positive, and the way around the page that makes a
    region of what is outside. ``body`` is 0 for the ball around the anchor, 1 for the one around the positive and
    2 for the way around.
    """
    turns = np.arange(_FACETS) * 2 * math.pi / _FACETS - math.pi
    directions = np.column_stack([np.cos(turns), np.sin(turns)])
    unit = directions / np.linalg.norm(directions, ord=norm or 2, axis=1)[:, None]
    bodies = [] if norm is None else [0, 1] if swap else [0]
    balls = [pd.DataFrame({"body": body, "unit_x": unit[:, 0], "unit_y": unit[:, 1]}) for body in bodies]
    # Against the direction of the ball, so that the ball stays open.
    around = [(0.0, 0.0), (-_FAR, -_FAR), (-_FAR, _FAR), (_FAR, _FAR), (_FAR, -_FAR), (-_FAR, -_FAR)]
    rim = pd.DataFrame({"body": 2, "unit_x": [x for x, _ in around], "unit_y": [y for _, y in around]})
    outline = pd.concat([*balls, rim] if balls else [rim.assign(body=3)], ignore_index=True)
    return outline.assign(
        place=np.arange(len(outline)),
        swap=swap,
        p=0.0 if norm is None or math.isinf(norm) else norm,
        anchor_x=anchor[0],
        anchor_y=anchor[1],
    )


def _lines(anchor: tuple[float, float], *, swap: bool) -> pd.DataFrame:
    names = ["ap", "an", *(["pn"] if swap else [])]
    frame = pd.DataFrame(
        {"line": names, "from": [_ENDS[n][0] for n in names], "to": [_ENDS[n][1] for n in names]}
    )
    return frame.assign(
        anchor_x=anchor[0],
        anchor_y=anchor[1],
        second=frame["line"] == "pn",
        # On the other side of its line than the name of a point.
        beside=np.where(frame["line"] == "an", _BESIDE, -_BESIDE),
    )


# The plane


def _scale(size: str) -> alt.Scale:
    """A unit is as long across as up, however wide the page is: the wider, the more of the plane it shows."""
    half = f"{_REACH} * {size} / min(width, {tall(_HEIGHT)})"
    return alt.Scale(domain=[alt.ExprRef(f"-{half}"), alt.ExprRef(half)], nice=False, zero=False)


def _x(field: str = "x") -> alt.X:
    return alt.X(f"{field}:Q", axis=None, scale=_scale("width"))


def _y(field: str = "y") -> alt.Y:
    return alt.Y(f"{field}:Q", axis=None, scale=_scale(str(tall(_HEIGHT))))


def _where(point: str, axis: str, entry: LossEntry) -> str:
    """The expression for a coordinate of a point."""
    return f"datum.anchor_{axis}" if point == "anchor" else signal(entry.knob(f"{point}_{axis}"))


def _chosen_where(field: str, axis: str, entry: LossEntry) -> str:
    """The expression for a coordinate of the point that a field of the row names."""
    others = [f"datum.{field} == '{p}' ? {_where(p, axis, entry)}" for p in ("positive", "negative")]
    return " : ".join([*others, f"datum.anchor_{axis}"])


def _pair_key(entry: LossEntry) -> str:
    return slice_key(entry.knobs[:4], index(entry.axis))


def _grip(entry: LossEntry, sliders: Sequence[alt.Parameter]) -> alt.Chart:
    """Unseen cells that the hand can drag over, and the sliders of all knobs.

    The cell of the positive is ``held``: pressed there, the hand moves the positive and not the negative, which lies
    on top where both are.
    """
    at = {who: [signal(entry.knob(f"{who}_{axis}")) for axis in "xy"] for who in ("positive", "negative")}
    on = {who: f"datum.negative_x == {x} && datum.negative_y == {y}" for who, (x, y) in at.items()}
    cells = (
        alt.Chart(alt.NamedData(_CELLS))
        .transform_calculate(held=f"{on['positive']} && !({on['negative']})")
        .mark_rect(opacity=0, aria=False, cursor="grab", clip=True)
        .encode(_x("left"), _y("bottom"), alt.X2("right"), alt.Y2("top"))
    )
    held = grip(_GRIP, cells)
    return held.add_params(*sliders) if sliders else held


def _places(entry: LossEntry) -> list[alt.Chart]:
    """At every place of the negative a dot as large as torch's loss there; shaded where no outline can say it."""
    stride = strides(entry.knobs)
    key = " + ".join(
        [
            f"datum.index_x + {stride[entry.knobs[1].key]} * datum.index_y",
            *(f"{stride[knob.key]} * {index(knob)}" for knob in entry.knobs[2:]),
        ]
    )
    places = looked_up(alt.Chart(alt.NamedData(_CELLS)), key, LATTICE)
    dots = (
        places.transform_filter("datum.loss > 0")
        .mark_circle(opacity=0.45)
        .encode(
            _x("negative_x"),
            _y("negative_y"),
            alt.Size("loss:Q", scale=alt.Scale(domain=[0, 4], range=[0, 160], clamp=True), legend=None),
        )
    )
    free = (
        places.transform_filter("datum.whole && datum.loss == 0")
        .mark_rect(opacity=0.14, clip=True)
        .encode(_x("left"), _y("bottom"), alt.X2("right"), alt.Y2("top"))
    )
    return [roles.wear(free, roles.LOSS), roles.wear(dots, roles.LOSS)]


def _region(entry: LossEntry) -> list[alt.Chart]:
    """The region of zero loss and its edge.

    The radius is torch's loss with the negative on the anchor: the distance to the positive and the margin.
    """
    across, up = entry.knobs[:2]
    on_anchor = slice_key((across, *entry.knobs[1:]), index(across, "datum.anchor_x")).replace(
        index(up), index(up, "datum.anchor_y")
    )
    px, py = (signal(entry.knob(f"positive_{axis}")) for axis in "xy")
    outline = looked_up(alt.Chart(alt.NamedData(_EDGE)), on_anchor, LATTICE).transform_calculate(
        own_x=f"datum.body == 1 ? {px} : datum.anchor_x",
        own_y=f"datum.body == 1 ? {py} : datum.anchor_y",
        other_x=f"datum.body == 1 ? datum.anchor_x : {px}",
        other_y=f"datum.body == 1 ? datum.anchor_y : {py}",
        middle_x=f"datum.swap ? (datum.anchor_x + {px}) / 2 : datum.anchor_x",
        middle_y=f"datum.swap ? (datum.anchor_y + {py}) / 2 : datum.anchor_y",
    )
    outline = outline.transform_calculate(
        ball_x="datum.body == 2 ? datum.unit_x : datum.own_x + datum.loss * datum.unit_x",
        ball_y="datum.body == 2 ? datum.unit_y : datum.own_y + datum.loss * datum.unit_y",
    ).transform_calculate(
        off_x="abs(datum.ball_x - datum.other_x)", off_y="abs(datum.ball_y - datum.other_y)"
    )
    # With swap the negative must be outside both balls: what of one lies inside the other is no edge.
    norm = (
        "(datum.p == 0 ? max(datum.off_x, datum.off_y) : "
        "pow(pow(datum.off_x, datum.p) + pow(datum.off_y, datum.p), 1 / datum.p))"
    )
    outline = (
        outline.transform_filter(
            f"datum.body == 2 || (datum.body < 2 && (!datum.swap || {norm} >= datum.loss * 0.99999))"
        )
        # Seen from the middle, every direction meets the edge once.
        .transform_calculate(
            turn="datum.body == 2 ? 10 + datum.place : "
            "atan2(datum.ball_y - datum.middle_y, datum.ball_x - datum.middle_x)"
        )
        .transform_window(
            first_x="first_value(ball_x)",
            first_y="first_value(ball_y)",
            sort=[alt.SortField("turn")],
            frame=[None, None],
        )
        # The way around the page starts where the edge closes.
        .transform_calculate(closing="datum.body == 2 && datum.unit_x == 0")
        .transform_calculate(
            x="datum.closing ? datum.first_x : datum.ball_x", y="datum.closing ? datum.first_y : datum.ball_y"
        )
    )
    order = alt.Order("turn:Q")
    shade = outline.mark_line(filled=True, opacity=0.14, strokeWidth=0, clip=True).encode(_x(), _y(), order)
    edge = (
        outline.transform_filter("datum.body < 2 || datum.closing")
        .mark_line(strokeWidth=2, strokeDash=[6, 4], clip=True)
        .encode(_x(), _y(), order)
    )
    return [roles.wear(shade, roles.LOSS), roles.wear(edge, roles.LOSS)]


def _distances(entry: LossEntry) -> tuple[list[alt.Chart], list[alt.Chart]]:
    """The lines between the points, and torch's distances beside those that are long enough."""
    lines = looked_up(alt.Chart(alt.NamedData(_LINES)), _pair_key(entry), _PAIRS, list(_ENDS))
    lines = lines.transform_calculate(
        x=_chosen_where("from", "x", entry),
        y=_chosen_where("from", "y", entry),
        to_x=_chosen_where("to", "x", entry),
        to_y=_chosen_where("to", "y", entry),
        length="datum[datum.line]",
    ).transform_calculate(
        span="sqrt(pow(datum.to_x - datum.x, 2) + pow(datum.to_y - datum.y, 2))",
        text="format(datum.length, '.2f')",
    )
    rules = [
        lines.transform_filter(condition)
        .mark_rule(strokeWidth=2, strokeDash=dash, opacity=0.75)
        .encode(_x(), _y(), alt.X2("to_x"), alt.Y2("to_y"))
        for condition, dash in (("!datum.second", [1, 0]), ("datum.second", [3, 3]))
    ]
    values = (
        lines.transform_filter("datum.span >= 0.9")
        .transform_calculate(
            middle_x="(datum.x + datum.to_x) / 2 + datum.beside * (datum.to_y - datum.y) / datum.span",
            middle_y="(datum.y + datum.to_y) / 2 - datum.beside * (datum.to_x - datum.x) / datum.span",
        )
        .mark_text(fontSize=LABEL_SIZE, fontWeight="bold")
        .encode(_x("middle_x"), _y("middle_y"), alt.Text("text:N"))
    )
    return [roles.wear(rule, roles.INK) for rule in rules], haloed(roles.wear(values, roles.INK))


def _situated(entry: LossEntry) -> alt.Chart:
    """The three points, one a row, with torch's loss and descents."""
    columns = [f"{who}_pull_{place}" for who in ("anchor", "positive", "negative") for place in (0, 1)]
    points = looked_up(alt.Chart(alt.NamedData(_POINTS)), _pair_key(entry), _PAIRS, columns)
    points = looked_up(points, slice_key(entry.knobs, index(entry.axis)), LATTICE, ["loss"])
    return points.transform_calculate(
        x=_chosen_where("who", "x", entry),
        y=_chosen_where("who", "y", entry),
        pull_x="datum[datum.who + '_pull_0']",
        pull_y="datum[datum.who + '_pull_1']",
    )


def _arrows(entry: LossEntry) -> list[alt.Chart]:
    """Where a step against the gradient takes each point; none where the loss is 0.

    A gradient that is out of all proportion is drawn as long as the plane is wide.
    """
    arrows = (
        _situated(entry)
        .transform_calculate(reach="sqrt(datum.pull_x * datum.pull_x + datum.pull_y * datum.pull_y)")
        .transform_filter("datum.loss > 0 && datum.reach > 0.01")
        .transform_calculate(drawn=f"min(datum.reach, {2 * _REACH}) / datum.reach * {_PULL}")
        .transform_calculate(
            to_x="datum.x + datum.drawn * datum.pull_x",
            to_y="datum.y + datum.drawn * datum.pull_y",
            turning="atan2(datum.pull_x, datum.pull_y) * 180 / PI",
        )
    )
    shaft = arrows.mark_rule(strokeWidth=3, clip=True).encode(_x(), _y(), alt.X2("to_x"), alt.Y2("to_y"))
    head = arrows.mark_point(shape="triangle-up", filled=True, size=130, opacity=1, clip=True).encode(
        _x("to_x"), _y("to_y"), alt.Angle("turning:Q", scale=None)
    )
    return [roles.wear(shaft, roles.GRADIENT), roles.wear(head, roles.GRADIENT)]


def _points(entry: LossEntry) -> list[alt.Chart]:
    points = _situated(entry)
    colour = roles.colour("point_role")
    shape = alt.Shape(
        "who:N",
        legend=None,
        scale=alt.Scale(domain=["anchor", "positive", "negative"], range=["square", "circle", "diamond"]),
    )
    marks = (
        points.transform_filter(f"(datum.who == 'anchor') == {'false' if moves else 'true'}")
        .mark_point(filled=True, size=230, opacity=1, ariaRoleDescription=HANDLE if moves else alt.Undefined)
        .encode(_x(), _y(), colour, shape)
        for moves in (False, True)
    )
    # A name stands beside the line from the anchor to its point: the arrow goes along it.
    beside = points.transform_calculate(
        across="datum.x - datum.anchor_x",
        up="datum.y - datum.anchor_y",
        side="datum.who == 'positive' ? -1 : 1",
    ).transform_calculate(span="sqrt(datum.across * datum.across + datum.up * datum.up)")
    names = (
        beside.transform_calculate(
            name_x="datum.who == 'anchor' ? datum.x - 0.95 : "
            "datum.span == 0 ? datum.x : datum.x - datum.side * 1.15 * datum.up / datum.span",
            name_y="datum.who == 'anchor' ? datum.y : "
            "datum.span == 0 ? datum.y - datum.side * 0.5 : "
            "datum.y + datum.side * 0.42 * datum.across / datum.span",
        )
        .mark_text(fontSize=LABEL_SIZE, fontWeight="bold")
        .encode(_x("name_x"), _y("name_y"), colour, alt.Text("who:N"))
    )
    return [*marks, *haloed(names)]


def _words(entry: LossEntry) -> list[alt.Chart]:
    """Loss and gradient, the distances, and what shading and dots mean."""
    said = here(entry).transform_calculate(reading=reading(entry))
    margin = signal(entry.knob("margin"))
    distances = looked_up(
        alt.Chart(alt.NamedData(ONE)), _pair_key(entry), _PAIRS, list(_ENDS)
    ).transform_calculate(
        reading=f"'d(a, p) ' + {number('datum.ap')} + ' · d(a, n) ' + {number('datum.an')} + "
        f"' · margin ' + {number(margin)}"
    )
    key = alt.Chart(alt.NamedData(ONE)).transform_calculate(
        reading="'shaded: loss 0 · dots: the loss if the negative were there'"
    )
    lines: list[tuple[alt.Chart, int, int | alt.ExprRef]] = [
        (said, 6, reading_size()),
        (distances, 30, LABEL_SIZE),
        (key, tall(_HEIGHT) - 20, 13),
    ]
    return [
        roles.wear(
            rows.mark_text(
                align="left",
                baseline="top",
                fontSize=size,
                fontWeight="bold" if rows is said else "normal",
                ariaRoleDescription=READING if rows is said else alt.Undefined,
            ).encode(x=alt.value(6), y=alt.value(height), text="reading:N"),
            roles.INK,
        )
        for rows, height, size in lines
    ]
