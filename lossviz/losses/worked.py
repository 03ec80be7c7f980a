"""The formula of a loss with the current numbers in it, and which of its cases applies."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass

from lossviz.losses.digits import shown
from lossviz.losses.entry import Branch, LossEntry, Settings
from lossviz.losses.formula import evaluate, latex, parse

FEWEST_DIGITS, MOST_DIGITS = 6, 10
"""How many digits of a part's value stand in the formula: what a reader can follow, or more where it needs them."""

_AND = r" \text{ and } "
_NOISE = 1e-13
"""What a difference of equal numbers leaves in plain arithmetic."""


@dataclass(frozen=True)
class WorkedBranch:
    """One case of the formula at the current setting.

    Attributes:
        name: What the case is called.
        active: Whether it applies here.
        formula: The case in symbols, LaTeX.
        condition: When it applies, in symbols, LaTeX; empty if always.
        numbers: The case with the current numbers in it, LaTeX.
        condition_numbers: The condition with the current numbers in it, LaTeX.
        gradient: The derivative with respect to the axis knob, in symbols, LaTeX.
        gradient_numbers: The derivative with the current numbers in it, LaTeX.
    """

    name: str
    active: bool
    formula: str
    condition: str
    numbers: str
    condition_numbers: str
    gradient: str
    gradient_numbers: str


@dataclass(frozen=True)
class WorkedDefinition:
    """A part of the formula that has a name of its own.

    Attributes:
        symbol: The name, LaTeX.
        formula: What it stands for, in symbols, LaTeX.
        value: Its value at the current setting, LaTeX.
        words: What it is, in a few words; may be empty.
        outermost: Whether the loss or its gradient is made of it, and not only another part.
    """

    symbol: str
    formula: str
    value: str
    words: str
    outermost: bool


def worked(entry: LossEntry, settings: Settings, digits: int = FEWEST_DIGITS) -> tuple[WorkedBranch, ...]:
    """The cases of an entry's formula that the knobs can reach while the options stay; exactly one is active.

    What a condition says of the options alone is settled by them: a case that they rule out is left out, and in
    the others only what depends on the knobs is written as the condition.

    Args:
        entry: The loss.
        settings: A value for every knob and a label for every option of the entry.
        digits: With how many significant digits the value of a part is put in.
    """
    active = active_branch(entry, settings)
    symbols = entry.symbols
    put_in: dict[str, str | float] = dict(_put_in(entry, settings, digits))
    return tuple(
        WorkedBranch(
            name=branch.name,
            active=branch is active,
            formula=branch.usual or latex(branch.loss, symbols),
            condition=_AND.join(latex(part, symbols) for part in conditions),
            numbers=latex(branch.loss, put_in),
            condition_numbers=_AND.join(latex(part, put_in) for part in conditions),
            gradient=latex(branch.gradient, symbols),
            gradient_numbers=latex(branch.gradient, put_in),
        )
        for branch, conditions in _reachable(entry, settings)
    )


def worked_definitions(
    entry: LossEntry, settings: Settings, digits: int = FEWEST_DIGITS
) -> tuple[WorkedDefinition, ...]:
    """The named parts that the formula uses at a setting, in order.

    These are the parts in the cases that :func:`worked` gives and in the active case's gradient, and the parts of
    those parts.
    """
    numbers = named_numbers(entry, settings)
    used = _names(active_branch(entry, settings).gradient)
    for branch, conditions in _reachable(entry, settings):
        used = used.union(_names(branch.loss), *map(_names, conditions))
    outermost = frozenset(used)
    for definition in reversed(entry.definitions):
        if definition.name in used and not definition.computed:
            used |= _names(definition.formula)
    return tuple(
        WorkedDefinition(
            d.symbol,
            d.formula if d.computed else latex(d.formula, entry.symbols),
            written(numbers[d.name], digits),
            d.words,
            d.name in outermost,
        )
        for d in entry.definitions
        if d.name in used
    )


def written(value: float, digits: int = FEWEST_DIGITS) -> str:
    r"""A number as the page shows it, in LaTeX.

    >>> written(2.125), written(0.0000453), written(float("inf")), written(-0.0)
    ('2.125', '4.53 \\cdot 10^{-5}', '\\infty', '0')
    """
    return latex("value", {"value": _readable(value, digits)})


def _readable(value: float, digits: int) -> float:
    """A number with the digits that a reader can follow; in a formula 0 has no sign."""
    return float(f"{value:.{digits}g}") + 0.0


def _put_in(entry: LossEntry, settings: Settings, digits: int) -> dict[str, float]:
    """The numbers that stand in the formula: those of knobs and options as they are, those of the parts rounded."""
    numbers = named_numbers(entry, settings)
    return numbers | {d.name: _readable(numbers[d.name], digits) for d in entry.definitions}


def come_out(entry: LossEntry, settings: Settings, digits: int) -> tuple[float, float]:
    """Loss and gradient by the formula with the numbers that stand in it, see :func:`worked`."""
    branch, numbers = active_branch(entry, settings), _put_in(entry, settings, digits)
    return float(evaluate(branch.loss, numbers)), float(evaluate(branch.gradient, numbers))


def agrees(value: float, other: float) -> bool:
    """Whether a value is another at the digits with which that is shown.

    >>> agrees(2.0000004, 2.0), agrees(2.00001, 2.0), agrees(1e-9, 0.0), agrees(float("nan"), float("nan"))
    (True, False, False, True)
    """
    written_out = float(shown(other))
    if not math.isfinite(value) or not math.isfinite(other):
        return value == other or (math.isnan(value) and math.isnan(other))
    if written_out == 0:
        return abs(value) < _NOISE
    unit = 10.0 ** (math.floor(math.log10(abs(written_out))) - FEWEST_DIGITS + 1)
    return abs(value - written_out) <= 0.51 * unit


def _reachable(entry: LossEntry, settings: Settings) -> list[tuple[Branch, list[str]]]:
    """The cases that the options leave open, each with what its condition says of the knobs."""
    numbers, settled = _numbers_to_compare(entry, settings), _settled_names(entry)
    found = []
    for branch in entry.branches:
        parts = _conditions(branch.when)
        if all(bool(evaluate(part, numbers)) for part in parts if _names(part) <= settled):
            found.append((branch, [part for part in parts if not _names(part) <= settled]))
    return found


def _conditions(when: str) -> list[str]:
    """The parts of a condition that must all hold."""
    if not when:
        return []
    match parse(when):
        case ast.BoolOp(op=ast.And(), values=parts):
            return [ast.unparse(part) for part in parts]
    return [when]


def _names(formula: str) -> set[str]:
    """The names that a formula uses."""
    return {node.id for node in ast.walk(parse(formula)) if isinstance(node, ast.Name)}


def _settled_names(entry: LossEntry) -> set[str]:
    """The names that the options alone settle: their numbers, and the parts made of nothing else."""
    settled = {name for option in entry.options for name in option.symbols}
    for definition in entry.definitions:
        if not definition.computed and _names(definition.formula) <= settled:
            settled.add(definition.name)
    return settled


def named_numbers(entry: LossEntry, settings: Settings) -> dict[str, float]:
    """The value of every name that an entry's formulas may use, in plain arithmetic."""
    return _with_definitions(entry, entry.numbers(settings))


def _with_definitions(entry: LossEntry, numbers: dict[str, float]) -> dict[str, float]:
    for definition in entry.definitions:
        if definition.computed:
            numbers[definition.name] = definition.computed(numbers)
        else:
            numbers[definition.name] = float(evaluate(definition.formula, numbers))
    return numbers


def _numbers_to_compare(entry: LossEntry, settings: Settings) -> dict[str, float]:
    """The numbers that conditions are decided on."""
    # An error of 0.3 must not fall short of a beta of 0.3 by a rounding error of the knob.
    rounded = {name: round(value, 10) for name, value in entry.numbers(settings).items()}
    return _with_definitions(entry, rounded)


def active_branch(entry: LossEntry, settings: Settings) -> Branch:
    """The case of the formula that applies.

    Raises:
        ValueError: If none applies, which is an error in the entry.
    """
    numbers = _numbers_to_compare(entry, settings)
    for branch in entry.branches:
        if not branch.when or bool(evaluate(branch.when, numbers)):
            return branch
    raise ValueError(f"{entry.name}: no case of the formula applies at {dict(settings)}")


def formula_value(entry: LossEntry, settings: Settings, nudge: float = 0.0) -> tuple[float, float]:
    """Loss and gradient by the formula shown, in plain arithmetic without torch.

    Args:
        entry: The loss.
        settings: A value for every knob and a label for every option of the entry.
        nudge: By what share the axis knob is moved, the case of the formula being that of the setting itself.
    """
    branch, numbers = active_branch(entry, settings), entry.numbers(settings)
    numbers[entry.axis.key] *= 1 + nudge
    numbers = _with_definitions(entry, numbers)
    return float(evaluate(branch.loss, numbers)), float(evaluate(branch.gradient, numbers))
