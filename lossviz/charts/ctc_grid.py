"""CTC as a grid of frames and symbols: how probable each symbol is in each frame, and the paths that spell the target.

The cells are torch's log_softmax, looked up in the lattice. A path's probability is the product of its cells, made
in the browser; that the paths add up to torch's loss is what the picture shows, and what a test checks.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.number_text import number
from lossviz.charts.stage import LABEL_SIZE, ONE, Plot, here, letters, not_dragged, probe_columns, tall
from lossviz.charts.words import reading_above
from lossviz.losses.ctc_paths import SYMBOLS, needed, paths, target_of, written
from lossviz.losses.entry import Chosen, LossEntry

FRAMES = 6
"""How many frames the grid has, whether they are read or not."""

LISTED = 6
"""How many paths the list shows, the most probable first."""

_PROBE = "log_probability"
_CELLS, _PATHS, _NONE = "ctc_cells", "ctc_paths", "ctc_none"
_ROW, _LINE = 62, 21
_FLAT = 0.27
"""How far a path runs flat to each side of a cell's middle, so that it is seen to be in the cell."""


def alt_text(entry: LossEntry) -> str:
    """What the picture shows."""
    return (
        f"{entry.title} as a grid: the frames from left to right, blank, a and b below each other, the probability of "
        "each symbol in each frame as the shade of its cell. Every path that spells the target runs through the "
        "grid, the thicker the more probable. Below, the most probable paths with their probabilities, and their sum."
    )


drags = not_dragged


def datasets(
    entry: LossEntry,
    chosen: Chosen,
    overlays: tuple[str, ...],  # noqa: ARG001 - every view takes it
) -> dict[str, pd.DataFrame]:
    """The cells, the paths through them, and a row that says so if there is no path."""
    numbers = entry.numbers(entry.defaults | dict(chosen))
    target, frames = target_of(numbers), round(numbers["frames"])
    cells = [
        {
            "frame": frame + 1,
            "symbol": symbol,
            "column": f"{_PROBE}_{frame * len(SYMBOLS) + symbol}",
            "used": frame < frames,
            "below": f"frame {frame + 1}" if symbol == len(SYMBOLS) - 1 else "",
            "before": ("blank –", "a", "b")[symbol] if frame == 0 else "",
        }
        for frame in range(FRAMES)
        for symbol in range(len(SYMBOLS))
    ]
    found = paths(target, frames)
    # Paths that share a cell run beside each other, below its number.
    apart = min(0.11, 0.46 / max(len(found), 1))
    steps = [
        {
            "path": place,
            "written": " ".join(written(path)),
            "x": frame + 1 + side * _FLAT,
            "y": symbol + 0.12 + apart * (place - (len(found) - 1) / 2),
            "column": f"{_PROBE}_{frame * len(SYMBOLS) + symbol}",
            "count": len(found),
        }
        for place, path in enumerate(found)
        for frame, symbol in enumerate(path)
        for side in (-1, 1)
    ]
    named = written(target)
    short = f"No path of {frames} {'frame' if frames == 1 else 'frames'} spells {named}: it needs {needed(target)}."
    why = "" if found or needed(target) == len(target) else "Two equal symbols need a blank between them."
    columns = ["path", "written", "x", "y", "column", "count"]
    return {
        _CELLS: pd.DataFrame(cells),
        _PATHS: pd.DataFrame(steps, columns=columns).astype(
            {"path": int, "written": str, "x": float, "y": float, "column": str, "count": int}
        ),
        _NONE: pd.DataFrame({"short": ["" if found else short], "why": [why]}),
    }


def draw(entry: LossEntry, sliders: Sequence[alt.Parameter]) -> list[Plot]:
    """The grid, and the list of the paths under it."""
    grid: Plot = alt.layer(
        *_cells(entry), _lines(entry), reading_above(entry, _rows(entry, ONE, "loss", "gradient"))
    ).properties(height=tall(_ROW) * len(SYMBOLS) + 24)
    if sliders:
        grid = grid.add_params(*sliders)
    listed: Plot = alt.layer(*_list(entry), *_without_paths(entry)).properties(
        height=tall(_LINE) * (LISTED + 2)
    )
    return [grid, listed]


def _rows(entry: LossEntry, dataset: str, *columns: str) -> alt.Chart:
    """The rows of a dataset with torch's answers at the current setting."""
    return here(entry, [*columns, *probe_columns(entry)], dataset)


def _x(field: str) -> alt.X:
    return alt.X(
        f"{field}:Q", axis=None, scale=alt.Scale(domain=[-0.15, FRAMES + 0.5], nice=False, zero=False)
    )


def _y(field: str) -> alt.Y:
    scale = alt.Scale(domain=[len(SYMBOLS) - 0.1, -0.5], nice=False, zero=False)
    return alt.Y(f"{field}:Q", axis=None, scale=scale)


def _cells(entry: LossEntry) -> list[alt.Chart]:
    cells = _rows(entry, _CELLS).transform_calculate(
        probability="exp(datum[datum.column])",
        left="datum.frame - 0.47",
        right="datum.frame + 0.47",
        top="datum.symbol - 0.46",
        bottom="datum.symbol + 0.46",
    )
    read = cells.transform_filter("datum.used")
    shade = alt.Opacity("probability:Q", scale=alt.Scale(domain=[0, 1], range=[0, 0.85]), legend=None)
    box = {"x": _x("left"), "x2": "right", "y": _y("top"), "y2": "bottom"}
    shaded = roles.wear(read.mark_rect().encode(shade, **box), roles.LOSS)
    frames = roles.wear(read.mark_rect(filled=False, strokeWidth=1, opacity=0.5).encode(**box), roles.LOSS)
    unread = roles.wear(
        cells.transform_filter("!datum.used")
        .mark_rect(filled=False, strokeDash=[2, 4], strokeWidth=1, opacity=0.4)
        .encode(**box),
        roles.INK,
    )
    words = [
        read.transform_calculate(text="format(datum.probability, '.2f')")
        # Above the paths: they run flat there, and below it.
        .mark_text(baseline="top", dy=3, fontSize=letters(LABEL_SIZE - 2))
        .encode(_x("frame"), _y("top"), text="text:N"),
        cells.transform_filter("datum.below != ''")
        .transform_calculate(text="datum.used ? datum.below : 'not read'")
        .mark_text(baseline="top", dy=3, fontSize=letters(LABEL_SIZE - 2))
        .encode(_x("frame"), _y("bottom"), text="text:N"),
        cells.transform_filter("datum.before != ''")
        .mark_text(align="right", dx=-6)
        .encode(_x("left"), _y("symbol"), text="before:N"),
    ]
    return [shaded, frames, unread, *(roles.wear(word, roles.INK) for word in words)]


def _lines(entry: LossEntry) -> alt.Chart:
    lines = (
        _rows(entry, _PATHS)
        # Every cell of a path is there twice, for its flat piece.
        .transform_calculate(log="datum[datum.column] / 2")
        .transform_joinaggregate(total="sum(log)", groupby=["path"])
        .transform_calculate(weight="exp(datum.total)")
        .transform_joinaggregate(most="max(weight)")
        .transform_calculate(thickness="datum.weight / datum.most")
        .mark_line(interpolate="linear", strokeCap="round")
        .encode(
            _x("x"),
            _y("y"),
            alt.Detail("path:N"),
            alt.StrokeWidth("thickness:Q", scale=alt.Scale(domain=[0, 1], range=[0.4, 4.5]), legend=None),
            alt.StrokeOpacity(
                "thickness:Q", scale=alt.Scale(domain=[0, 0.3], range=[0.25, 0.95], clamp=True), legend=None
            ),
            order="x:Q",
        )
    )
    return roles.wear(lines, roles.TARGET)


def _line_y(field: str) -> alt.Y:
    scale = alt.Scale(domain=[LISTED + 1.5, -0.5], nice=False, zero=False)
    return alt.Y(f"{field}:Q", axis=None, scale=scale)


def _share_x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[-0.62, 1], nice=False, zero=False))


def _list(entry: LossEntry) -> list[alt.Chart]:
    """The most probable paths, each a bar that is its share of the sum, and the sum below them."""
    every = (
        _rows(entry, _PATHS, "loss")
        .transform_calculate(log="datum[datum.column] / 2")
        .transform_aggregate(
            total="sum(log)", loss="max(loss)", count="max(count)", groupby=["path", "written"]
        )
        .transform_calculate(weight="exp(datum.total)")
        .transform_joinaggregate(all="sum(weight)")
        .transform_window(
            rank="row_number()", sort=[alt.SortField("weight", order="descending"), alt.SortField("path")]
        )
    )
    listed = every.transform_filter(f"datum.rank <= {LISTED}").transform_calculate(
        share="datum.weight / datum.all",
        zero="0",
        top="datum.rank - 0.36",
        bottom="datum.rank + 0.36",
        number=number("datum.weight", 3),
    )
    bars = listed.mark_rect(opacity=0.75).encode(
        _share_x("zero"), _line_y("top"), alt.X2("share"), alt.Y2("bottom")
    )
    first = every.transform_filter("datum.rank == 1").transform_calculate(
        zero="0",
        head="0",
        foot=str(LISTED + 1),
        title=f"(datum.count > {LISTED} ? '{LISTED} of ' : '') + datum.count + (datum.count > 1 ? ' paths' : ' path')"
        " + ': probability, and share of the sum'",
        total=f"'sum P = ' + {number('datum.all')} + '   ·   −ln P = loss = ' + {number('datum.loss')}",
    )
    words = [
        listed.mark_text(align="left", fontWeight="bold").encode(
            x=alt.value(0), y=_line_y("rank"), text="written:N"
        ),
        listed.mark_text(align="right", dx=-6).encode(_share_x("zero"), _line_y("rank"), text="number:N"),
        first.mark_text(align="left").encode(x=alt.value(0), y=_line_y("head"), text="title:N"),
        first.mark_text(align="left", fontWeight="bold").encode(
            x=alt.value(0), y=_line_y("foot"), text="total:N"
        ),
    ]
    return [roles.wear(bars, roles.TARGET), *(roles.wear(word, roles.INK) for word in words)]


def _without_paths(entry: LossEntry) -> list[alt.Chart]:
    """What stands there if no path spells the target."""
    none = (
        _rows(entry, _NONE, "loss")
        .transform_filter("datum.short != ''")
        .transform_calculate(
            sum="isFinite(datum.loss) ? 'sum P = 0, and zero_infinity makes the loss 0'"
            " : 'sum P = 0   ·   −ln 0: the loss is infinite'"
        )
        .transform_calculate(head="0", reason="1", foot="2")
    )
    words = [
        none.mark_text(align="left").encode(x=alt.value(0), y=_line_y("head"), text="short:N"),
        none.mark_text(align="left").encode(x=alt.value(0), y=_line_y("reason"), text="why:N"),
        none.mark_text(align="left", fontWeight="bold").encode(
            x=alt.value(0), y=_line_y("foot"), text="sum:N"
        ),
    ]
    return [roles.wear(word, roles.INK) for word in words]
