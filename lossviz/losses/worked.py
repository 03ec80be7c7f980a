"""The formula of a loss with the current numbers in it, and which of its cases applies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lossviz.losses.entry import Branch, LossEntry
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


def worked(entry: LossEntry, knobs: Mapping[str, float]) -> tuple[WorkedBranch, ...]:
    """Every case of an entry's formula at a setting of its knobs; exactly one is active.

    Args:
        entry: The loss.
        knobs: A value for every knob of the entry.
    """
    active = active_branch(entry, knobs)
    return tuple(
        WorkedBranch(
            name=branch.name,
            active=branch is active,
            formula=latex(branch.loss, entry.symbols),
            condition=latex(branch.when, entry.symbols) if branch.when else "",
            numbers=latex(branch.loss, dict(knobs)),
            condition_numbers=latex(branch.when, dict(knobs)) if branch.when else "",
            gradient=latex(branch.gradient, entry.symbols),
            gradient_numbers=latex(branch.gradient, dict(knobs)),
        )
        for branch in entry.branches
    )


def active_branch(entry: LossEntry, knobs: Mapping[str, float]) -> Branch:
    """The case of the formula that applies.

    Raises:
        ValueError: If none applies, which is an error in the entry.
    """
    for branch in entry.branches:
        # An error of 0.3 must not fall short of a beta of 0.3 by a rounding error of the subtraction.
        if not branch.when or bool(evaluate(branch.when, {k: round(v, 10) for k, v in knobs.items()})):
            return branch
    raise ValueError(f"{entry.name}: no case of the formula applies at {dict(knobs)}")
