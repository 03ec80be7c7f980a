"""Knobs as Vega sliders: the browser moves them and looks torch's answers up, without asking the server.

A knob is a point selection bound to a range input. Streamlit reports a selection when the hand rests, and
Vega keeps the slider's value in a signal that every expression of the chart can use meanwhile.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping, Sequence

from lossviz.charts.altair_when_drawn import alt
from lossviz.charts.slider_state import SUFFIX
from lossviz.losses.formula import parse
from lossviz.losses.knob import Knob
from lossviz.losses.lattice import strides
from lossviz.losses.plain_symbol import named

_NEVER = "pointerdown[false]"
_VEGA = {"arccos": "acos", "arctan": "atan"}

HANDLE = "handle"
"""What a screen reader calls the marks that a hand moves. A script of the page knows them by it."""


def grip(name: str, marks: alt.Chart) -> alt.Chart:
    """Marks that a hand can take hold of; each row carries the values of the knobs that it moves.

    Args:
        name: What :func:`dragged` knows the grip by.
        marks: Marks that a press meets first, over all others. Unseen ones have nothing to say to a screen reader.
    """
    held: alt.Chart = marks.transform_calculate(**{name: "true"})
    # Only what has a tooltip is heard outside the plot that carries the sliders: this one is empty.
    return held.encode(tooltip=alt.value(None))


def dragged(name: str, condition: str = "") -> str:
    """The events of a hand that presses a grip and moves over it.

    Nothing else is heard: a knob would take its value from whatever was pressed, and most of that has none.

    Args:
        name: The name of the grip.
        condition: What must hold of the row that is pressed, if anything, such as ``"!datum.held"``.
    """
    # Where Vega filters events, a row is known by the event's item only; that of an axis has none.
    on_grip = f"event.item && event.item.datum && event.item.datum.{name}"
    pressed = f"{on_grip} && {condition.replace('datum', 'event.item.datum')}" if condition else on_grip
    down = f"pointerdown[{pressed}]"
    return f"{down}, [{down}, window:pointerup] > pointermove[event.buttons && {on_grip}]"


def parameter(knob: Knob, on: str | None = None) -> alt.Parameter:
    """A knob as a slider of the chart, at its default.

    Args:
        knob: The knob.
        on: The events in the chart that move it too, if any, see :func:`dragged`; the marks of the grip carry the
            knob's key as a field of their rows.
    """
    return alt.selection_point(
        name=knob.key + SUFFIX,
        fields=[knob.key],
        value=[{knob.key: knob.default}],
        bind=alt.binding_range(min=knob.low, max=knob.high, step=knob.step, name=f"{named(knob)} "),
        on=on or _NEVER,
        toggle=False,
        clear=False,
    )


def signal(knob: Knob) -> str:
    """The expression for a knob's current value in the chart."""
    return f"{knob.key}{SUFFIX}_{knob.key}"


def expression(formula: str, knobs: Sequence[Knob], fields: Sequence[str] = ()) -> str:
    """A formula of :mod:`lossviz.losses.formula` as a Vega expression over the knobs' current values.

    Only formulas that place a mark are translated (the ends of a zone, a kink): losses and gradients are
    looked up in torch's lattice.

    Args:
        formula: The formula.
        knobs: The knobs of the chart.
        fields: Names that are fields of the row.

    >>> from lossviz.losses.shared_knobs import BETA, TARGET
    >>> expression("target - beta", (TARGET, BETA))
    'target_knob_target - beta_knob_beta'

    Raises:
        KeyError: If the formula names something that is no knob of the chart.
    """
    signals = {name: f"datum.{name}" for name in fields} | {knob.key: signal(knob) for knob in knobs}
    # Arithmetic and comparisons are written alike in Python and in Vega: only the names change, and the "and".
    tree = _Renamed(signals).visit(copy.deepcopy(parse(formula)))
    parts = tree.values if isinstance(tree, ast.BoolOp) else [tree]
    return " && ".join(ast.unparse(part) for part in parts)


class _Renamed(ast.NodeTransformer):
    """A syntax tree with other names."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names[node.id])

    def visit_Call(self, node: ast.Call) -> ast.Call:
        # Vega calls its functions (abs, log, max ...) as Python does, but for two.
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        return ast.Call(ast.Name(_VEGA.get(name, name)), [self.visit(argument) for argument in node.args], [])


def index(knob: Knob, value: str | None = None) -> str:
    """The expression for the lattice index of a knob, at its current value or at that of another expression."""
    return f"round(({value or signal(knob)} - ({knob.low})) / {knob.step})"


def slice_key(knobs: Sequence[Knob], axis_index: str) -> str:
    """The expression for the lattice row at an index of the axis knob and the current value of all others."""
    others = knobs[1:]
    stride = strides(tuple(knobs))
    return " + ".join([axis_index, *(f"{stride[knob.key]} * {index(knob)}" for knob in others)])
