"""The curves of a training run over the epochs: its loss, and the shares that its task is measured by.

The specs are the same for every run and every moment of it: what a run changes, the axes' ends and the data's
name included, stands in the datasets, so a picture is drawn on while the run goes and never made anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lossviz.charts import roles
from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.kept_specs import Picture, kept

BY_STEP: Final = "train, by step"
TITLES: Final[Mapping[str, str]] = {
    "train, after the epoch": "train, re-measured after the epoch",
    "validation": "validation",
    "train, during the epoch": "train, during the epoch",
    BY_STEP: BY_STEP,
}
"""What the legend calls the lines, by the names that the frames have."""

_ROLES: Final[Mapping[str, str]] = {
    "train, after the epoch": roles.TRAIN_AFTER,
    "validation": roles.VALIDATION,
    "train, during the epoch": roles.TRAIN_DURING,
    BY_STEP: roles.TRAIN_BY_STEP,
}
_ACTIVE: Final = roles.TARGET
_SHAPES: Final[Mapping[str, str]] = {
    roles.TRAIN_AFTER: "circle",
    roles.VALIDATION: "diamond",
    roles.TRAIN_DURING: "square",
    roles.TRAIN_BY_STEP: "stroke",
    _ACTIVE: "triangle-up",
}
_LOSS_LINES: Final[Mapping[str, str]] = {role: TITLES[name] for name, role in _ROLES.items()}
_ACCURACY_LINES: Final[Mapping[str, str]] = {
    role: _LOSS_LINES[role] for role in (roles.TRAIN_AFTER, roles.VALIDATION)
}
_EMBED_LINES: Final[Mapping[str, str]] = {
    roles.TRAIN_AFTER: "nearest neighbour of the same class, train",
    roles.VALIDATION: "the same, validation",
    _ACTIVE: "triplets or pairs that still have a loss, validation",
}
_ACTIVE_SHARE: Final = "active share"
"""The measure of this name in the frames."""

MOST_POINTS: Final = 400
"""How many points the curve by step has at most."""

_NICE: Final = (1.0, 1.5, 2.0, 2.6, 4.0, 6.0)
"""Where the loss axis may end, times a power of ten."""
_ROOM: Final = 1.1
_MOST: Final = 4.4
"""The axis ends above this many times the level line, and grows to no more than that many times."""

_HEIGHT: Final = 380
_LABEL_SIZE: Final = 14


@dataclass(frozen=True, slots=True)
class Course:
    """What a run has measured so far.

    Attributes:
        curves: A row a point: epoch, measure ("loss" or "accuracy"), line (a key of `TITLES`), value, images.
        step_losses: Loss of every step so far.
        steps_per_epoch: Optimiser steps an epoch.
        epochs: Epochs the run is to have.
        title: What stands above the pictures: the data's name above all.
        chance_loss: The loss of a network that has learned nothing about the single image: the level line. Not a
            number where it is not known.
        level: What stands at that line, for instance "ln 10 = 2.303, even guessing".
        marks: What is marked in the loss picture: an epoch and a few words.
    """

    curves: pd.DataFrame
    step_losses: Sequence[float]
    steps_per_epoch: int
    epochs: int
    title: str
    chance_loss: float = math.log(10)
    level: str = "ln 10 = 2.303, even guessing"
    marks: Sequence[tuple[float, str]] = ()


LOSS_ALT: Final = (
    "Loss over the epochs of the run: a thin line for every step of training, a dotted line for the mean during each "
    "epoch, a bold line for the training images re-measured after each epoch, a bold dashed line for the validation "
    "images, and a level line at the loss of a network that has learned nothing about the single image. The numbers "
    "stand in the CSV file."
)
ACCURACY_ALT: Final = (
    "Accuracy over the epochs of the run: a bold line for the training images re-measured after each epoch, a bold "
    "dashed line for the validation images, and a level line at the accuracy of even guessing. The numbers stand in "
    "the CSV file."
)
EMBED_ALT: Final = (
    "Over the epochs of the run: the share of the images whose nearest neighbour is of the same class, a bold line for "
    "the training images and a bold dashed line for the validation images, with a level line at even guessing; and the "
    "share of the validation triplets or pairs that still have a loss. The numbers stand in the CSV file."
)


def loss_datasets(course: Course) -> dict[str, pd.DataFrame]:
    """What the loss picture is drawn from, by the names that its spec uses.

    Values above the axis are drawn on its upper edge, as triangles; values that are not finite are not drawn: a
    note at their step says so.
    """
    points = _points(course, "loss")
    steps = np.asarray(course.step_losses, dtype=np.float64)
    values = [*steps[np.isfinite(steps)].tolist(), *points["value"].tolist()]
    top = axis_top(values, course.chance_loss)
    kept = thinned(steps, course.steps_per_epoch * course.epochs)
    by_step = pd.DataFrame({"epoch": (kept + 1) / course.steps_per_epoch, "value": steps[kept]})
    every = pd.concat([points[["epoch", "value"]], by_step], ignore_index=True)
    return {
        "frame": _frame(course, axis_bottom(values), top),
        # Single precision: this is what travels to the browser twice a second.
        "steps": by_step.assign(value=by_step["value"].clip(upper=top)).astype(np.float32),
        "points": points.assign(drawn=points["value"].clip(upper=top)),
        "beyond": every.loc[every["value"] > top].assign(value=top),
        "notes": _notes(course),
        "reference": _reference(course.chance_loss, course.level),
        "about": pd.DataFrame({"text": [course.title]}),
    }


def accuracy_datasets(course: Course) -> dict[str, pd.DataFrame]:
    """What the accuracy picture is drawn from, by the names that its spec uses."""
    return _share_datasets(course, _points(course, "accuracy"))


def embed_datasets(course: Course) -> dict[str, pd.DataFrame]:
    """What the picture of an embedding's shares is drawn from, by the names that its spec uses."""
    near = _points(course, "accuracy")
    active = _points(course, _ACTIVE_SHARE).assign(role=_ACTIVE)
    points = pd.concat([near, active], ignore_index=True)
    return _share_datasets(course, points.assign(line=points["role"].map(_EMBED_LINES).astype(object)))


def _share_datasets(course: Course, points: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {
        "frame": _frame(course, 0.0, 1.0),
        "points": points.assign(drawn=points["value"]),
        "reference": _reference(0.1, "10 %, even guessing"),
        "about": pd.DataFrame({"text": [course.title]}),
    }


@kept
def loss_spec() -> Picture:
    """The Vega-Lite spec of the loss picture; treat it as read-only. Its datasets are those of `loss_datasets`."""
    plot = _Plot("loss", ".3~g", ".4~g", _LOSS_LINES)
    steps = alt.Chart(alt.NamedData("steps")).mark_line(opacity=0.75, strokeWidth=1, clip=True)
    beyond = alt.Chart(alt.NamedData("beyond")).mark_point(shape="triangle-up", filled=True, size=60)
    notes = alt.Chart(alt.NamedData("notes"))
    # The words stand beside the rule, on the side that has room.
    words = notes.mark_text(
        align=alt.expr("datum.left ? 'left' : 'right'"),
        dx=alt.expr("datum.left ? 6 : -6"),
        dy=alt.expr("datum.place * 20"),
        fontWeight="bold",
        fontSize=_LABEL_SIZE,
    )
    return _layered(
        [
            *plot.reference(),
            plot.wear(steps.encode(_x(), plot.y()), roles.TRAIN_BY_STEP),
            *plot.lines(),
            plot.wear(beyond.encode(_x(), plot.y()), roles.INK),
            plot.wear(notes.mark_rule(strokeDash=[2, 2]).encode(_x()), roles.INK),
            plot.wear(words.encode(_x(), y=alt.value(40), text="text:N"), roles.INK),
            plot.about(),
        ]
    )


@kept
def accuracy_spec() -> Picture:
    """The Vega-Lite spec of the accuracy picture; treat it as read-only. Its datasets: `accuracy_datasets`."""
    plot = _Plot("accuracy", "%", ".1%", _ACCURACY_LINES)
    return _layered([*plot.reference(), *plot.lines(), plot.about()])


@kept
def embed_spec() -> Picture:
    """The Vega-Lite spec of an embedding's shares; treat it as read-only. Its datasets: `embed_datasets`."""
    plot = _Plot("share", "%", ".1%", _EMBED_LINES)
    return _layered([*plot.reference(), *plot.lines(), plot.about()])


def thinned(
    losses: np.ndarray[Any, np.dtype[np.float64]], steps_total: int
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The steps to draw, at most `MOST_POINTS` of a whole run: of every stretch the lowest and the highest.

    The stretches depend on the run's length alone, so what is drawn stays as the run goes on.

    Args:
        losses: Loss of every step so far; steps that are not finite are left out.
        steps_total: How many steps the run is to have.

    Returns:
        Positions in `losses`, rising.
    """
    finite = np.flatnonzero(np.isfinite(losses))
    width = max(1, math.ceil(2 * steps_total / MOST_POINTS))
    if width <= 2 or not len(finite):
        return finite
    stretch = finite // width
    order = np.lexsort((losses[finite], stretch))
    starts = np.flatnonzero(np.diff(stretch[order], prepend=-1))
    ends = np.append(starts[1:], len(order)) - 1
    return np.unique(finite[order[np.concatenate([starts, ends])]])


def axis_top(values: Sequence[float], level: float = math.log(10)) -> float:
    """Where the loss axis ends: the first end that holds the level line and every value, or the last.

    Args:
        values: What is drawn.
        level: The level line, which sets the scale: losses are of very different sizes.

    >>> axis_top([2.3, 0.4]), axis_top([2.3, 5.0]), axis_top([1e9]), axis_top([0.2, 0.05], 0.1)
    (2.6, 6.0, 10.0, 0.2)
    """
    scale = abs(level) if math.isfinite(level) and level else 1.0
    power = 10.0 ** math.floor(math.log10(scale))
    ends = [float(f"{times * power * ten:.3g}") for ten in (1, 10) for times in _NICE]
    allowed = [end for end in ends if _ROOM * scale <= end <= _MOST * scale]
    largest = max((value for value in values if math.isfinite(value)), default=0.0)
    return next((end for end in allowed if largest <= end), allowed[-1])


def axis_bottom(values: Sequence[float]) -> float:
    """Where the loss axis begins: at 0, or where some loss is below it, at a round number below all.

    >>> axis_bottom([2.3, 0.4]), axis_bottom([0.3, -1.2])
    (0.0, -2.0)
    """
    smallest = min((value for value in values if math.isfinite(value)), default=0.0)
    if smallest >= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(-smallest))
    return -next(
        float(f"{end * power:.3g}") for end in (1, 2, 5, 10) if -smallest <= end * power * (1 + 1e-9)
    )


def first_not_finite(losses: Sequence[float]) -> int | None:
    """The number, from 1, of the first step whose loss is not finite, or None.

    >>> first_not_finite([2.3, float("nan")]), first_not_finite([2.3])
    (2, None)
    """
    return next((step for step, loss in enumerate(losses, 1) if not math.isfinite(loss)), None)


def _points(course: Course, measure: str) -> pd.DataFrame:
    curves = course.curves
    values = curves["value"].astype(float)
    rows = curves.loc[
        (curves["measure"] == measure) & np.isfinite(values) & curves["line"].isin(list(_ROLES))
    ]
    return pd.DataFrame(
        {
            "epoch": rows["epoch"].astype(float),
            "value": rows["value"].astype(float),
            "role": rows["line"].map(_ROLES).astype(object),
            "line": rows["line"].map(TITLES).astype(object),
            "images": rows["images"].astype(int),
        }
    ).reset_index(drop=True)


def _frame(course: Course, low: float, high: float) -> pd.DataFrame:
    """The corners of the axes."""
    return pd.DataFrame({"epoch": [0.0, float(course.epochs)], "value": [low, high]})


def _reference(value: float, text: str) -> pd.DataFrame:
    known = pd.DataFrame({"value": [float(value)], "text": [text]}).astype({"text": object})
    return known if math.isfinite(value) else known.iloc[:0]


def _notes(course: Course) -> pd.DataFrame:
    step = first_not_finite(course.step_losses)
    rows: list[tuple[float, str, bool]] = []
    if step is not None:
        epoch = step / course.steps_per_epoch
        rows.append((epoch, f"diverged: not finite at step {step:,}", epoch < course.epochs / 2))
    else:
        curves = course.curves
        bad = curves.loc[(curves["measure"] == "loss") & ~np.isfinite(curves["value"].astype(float))]
        for epoch, line in list(zip(bad["epoch"], bad["line"], strict=True))[:1]:
            name = TITLES.get(str(line), str(line))
            rows.append((float(epoch), f"{name}: not finite after epoch {epoch}", epoch < course.epochs / 2))
    rows += [(epoch, text, epoch < course.epochs / 2) for epoch, text in course.marks]
    # Each stands at a height of its own, so that two near each other can both be read.
    return pd.DataFrame(
        [(*row, place) for place, row in enumerate(rows)],
        columns=pd.Index(["epoch", "text", "left", "place"]),
    ).astype({"epoch": float, "text": object, "left": bool, "place": int})


def _x() -> alt.X:
    axis = alt.Axis(format="d", tickMinStep=1, grid=False)
    return alt.X("epoch:Q", title="epoch", scale=alt.Scale(nice=False, zero=False), axis=axis)


@dataclass(frozen=True, slots=True)
class _Plot:
    """What the layers of a picture share.

    Attributes:
        measure: "loss", "accuracy" or "share".
        axis_form: How its axis writes values.
        form: How a tooltip writes them.
        titles: What the legend calls its lines, by their roles.
    """

    measure: str
    axis_form: str
    form: str
    titles: Mapping[str, str]

    def y(self, field: str = "value") -> alt.Y:
        return alt.Y(
            f"{field}:Q",
            title=self.measure,
            scale=alt.Scale(nice=False, zero=True),
            axis=alt.Axis(format=self.axis_form),
        )

    def legend(self) -> alt.Legend:
        titles = dict(self.titles)
        return alt.Legend(
            title=None,
            orient="bottom",
            # Two lines of the legend under either picture; a phone has no room for two names in a line.
            columns=alt.ExprRef("width < 340 ? 1 : 2") if len(titles) > 3 else 1,
            values=list(titles),
            labelExpr=f"({titles})[datum.label]",
            labelLimit=0,
            labelFontSize=_LABEL_SIZE - 1,
            symbolSize=110,
            symbolOpacity=1,
            symbolStrokeWidth=1.5,
        )

    def wear(self, chart: alt.Chart, role: str) -> alt.Chart:
        return roles.wear(chart, role, self.legend())

    def lines(self) -> list[alt.Chart]:
        """The lines by epoch; they repeat the colour by dash, shape and width."""
        worn = list(self.titles)
        bold = f"datum.role !== '{roles.TRAIN_DURING}'"
        drawn = alt.Chart(alt.NamedData("points")).encode(
            _x(),
            self.y("drawn"),
            roles.colour(legend=self.legend()),
        )
        shape = alt.Scale(domain=worn, range=[_SHAPES[role] for role in worn])
        dash = (
            alt.when(f"datum.role === '{roles.VALIDATION}'")
            .then(alt.value([7, 4]))
            .when(f"datum.role === '{roles.TRAIN_DURING}'")
            .then(alt.value([2, 3]))
            .when(f"datum.role === '{_ACTIVE}'")
            .then(alt.value([8, 3, 2, 3]))
            .otherwise(alt.value([1, 0]))
        )
        line = drawn.mark_line(clip=True).encode(
            strokeDash=dash, strokeWidth=alt.condition(bold, alt.value(3), alt.value(1.75))
        )
        point = drawn.mark_point(filled=True, opacity=1).encode(
            alt.Shape("role:N", scale=shape, legend=self.legend()),
            size=alt.condition(bold, alt.value(90), alt.value(40)),
            tooltip=[
                alt.Tooltip("line:N"),
                alt.Tooltip("epoch:Q", format="d"),
                alt.Tooltip("value:Q", format=self.form, title=self.measure),
                alt.Tooltip("images:Q", format=",d", title="measured on images"),
            ],
        )
        return [line, point]

    def reference(self) -> list[alt.Chart]:
        """The corners of the axes, unseen, and the level of even guessing."""
        frame = alt.Chart(alt.NamedData("frame")).mark_point(opacity=0, tooltip=None)
        reference = alt.Chart(alt.NamedData("reference"))
        rule = reference.mark_rule(strokeDash=[1, 3], strokeWidth=2).encode(self.y())
        words = reference.mark_text(align="right", baseline="bottom", dy=-3, fontSize=_LABEL_SIZE - 1)
        return [
            frame.encode(_x(), self.y()),
            self.wear(rule, roles.INK),
            self.wear(words.encode(self.y(), x=alt.value("width"), text="text:N"), roles.INK),
        ]

    def about(self) -> alt.Chart:
        """The data's name in the picture itself, so that it stays with every screenshot."""
        words = alt.Chart(alt.NamedData("about")).mark_text(
            align="right", baseline="bottom", dy=-6, fontSize=_LABEL_SIZE - 1, fontStyle="italic"
        )
        return self.wear(words.encode(x=alt.value("width"), y=alt.value(0), text="text:N"), roles.INK)


def _layered(layers: list[alt.Chart]) -> Picture:
    picture: Picture = (
        alt.layer(*layers)
        .properties(height=_HEIGHT)
        .configure_axis(labelFontSize=_LABEL_SIZE - 1, titleFontSize=_LABEL_SIZE)
    )
    return picture
