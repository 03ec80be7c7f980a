"""The formula of a loss with the current numbers in it, and which of its cases applies."""

from __future__ import annotations

from dataclasses import dataclass

from lossviz.losses.digits import shown
from lossviz.losses.entry import Branch, LossEntry, Settings
from lossviz.losses.formula import evaluate, latex


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
        value: Its value at the current setting, as text.
    """

    symbol: str
    formula: str
    value: str


def worked(entry: LossEntry, settings: Settings) -> tuple[WorkedBranch, ...]:
    """Every case of an entry's formula at a setting; exactly one is active.

    Args:
        entry: The loss.
        settings: A value for every knob and a label for every option of the entry.
    """
    active = active_branch(entry, settings)
    symbols, numbers = entry.symbols, named_numbers(entry, settings)
    # A part's value is long; six digits are what a reader can follow.
    written: dict[str, str | float] = dict(numbers)
    written |= {d.name: float(shown(numbers[d.name])) for d in entry.definitions}
    return tuple(
        WorkedBranch(
            name=branch.name,
            active=branch is active,
            formula=latex(branch.loss, symbols),
            condition=latex(branch.when, symbols) if branch.when else "",
            numbers=latex(branch.loss, written),
            condition_numbers=latex(branch.when, written) if branch.when else "",
            gradient=latex(branch.gradient, symbols),
            gradient_numbers=latex(branch.gradient, written),
        )
        for branch in entry.branches
    )


def worked_definitions(entry: LossEntry, settings: Settings) -> tuple[WorkedDefinition, ...]:
    """The named parts of an entry's formula at a setting, in order."""
    numbers = named_numbers(entry, settings)
    return tuple(
        WorkedDefinition(
            d.symbol,
            d.formula if d.computed else latex(d.formula, entry.symbols),
            shown(numbers[d.name]),
        )
        for d in entry.definitions
    )


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


def active_branch(entry: LossEntry, settings: Settings) -> Branch:
    """The case of the formula that applies.

    Raises:
        ValueError: If none applies, which is an error in the entry.
    """
    # An error of 0.3 must not fall short of a beta of 0.3 by a rounding error of the knob.
    rounded = {name: round(value, 10) for name, value in entry.numbers(settings).items()}
    numbers = _with_definitions(entry, rounded)
    for branch in entry.branches:
        if not branch.when or bool(evaluate(branch.when, numbers)):
            return branch
    raise ValueError(f"{entry.name}: no case of the formula applies at {dict(settings)}")


def formula_value(entry: LossEntry, settings: Settings) -> tuple[float, float]:
    """Loss and gradient by the formula shown, in plain arithmetic without torch; for the tests."""
    branch, numbers = active_branch(entry, settings), named_numbers(entry, settings)
    return float(evaluate(branch.loss, numbers)), float(evaluate(branch.gradient, numbers))
