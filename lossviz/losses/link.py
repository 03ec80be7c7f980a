"""The state of a loss panel as a link, and back: ``?loss=SmoothL1Loss&prediction=2.5&target=0&beta=0.5``.

Links are typed, shared and mangled by people, so nothing in one is trusted: what cannot be used falls back
to the default, and a sentence says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from lossviz.losses.catalogue import catalogue, in_category
from lossviz.losses.entry import LossEntry, Settings
from lossviz.losses.knob import Knob, compact
from lossviz.losses.option import Option
from lossviz.losses.typed_number import TypedNumberError, read_number

_LOSS, _OVERLAY = "loss", "overlay"
_LONGEST_QUOTE = 40


@dataclass(frozen=True)
class PanelState:
    """What a loss panel shows.

    Attributes:
        entry: The loss.
        settings: A value on the lattice for every knob of the loss, and a label for every option.
        overlays: The sibling losses laid over the curve, in the entry's order.
    """

    entry: LossEntry
    settings: Settings
    overlays: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opened:
    """A link as it was understood.

    Attributes:
        state: What to show.
        problems: What could not be used, and what is shown instead; plain text, one sentence each.
    """

    state: PanelState
    problems: tuple[str, ...] = field(default=())


def to_link(state: PanelState) -> dict[str, str]:
    """The query parameters that hold a state."""
    knobs = {knob.key: compact(float(state.settings[knob.key])) for knob in state.entry.knobs}
    # An option at its default stays out: links are read aloud and typed from a projector.
    options = {
        option.key: str(state.settings[option.key])
        for option in state.entry.options
        if state.settings[option.key] != option.default
    }
    parameters = {_LOSS: state.entry.name, **knobs, **options}
    return parameters | ({_OVERLAY: ",".join(state.overlays)} if state.overlays else {})


def from_link(category: str, parameters: Mapping[str, str]) -> Opened:
    """The state that a link asks for.

    Args:
        category: The page.
        parameters: The query parameters, as strings.

    Returns:
        A state that can always be shown, and what of the link could not be used.

    Raises:
        KeyError: If there is no such category.
    """
    problems: list[str] = []
    entry = _entry(category, parameters.get(_LOSS), problems)
    settings: dict[str, float | str] = {
        **{knob.key: _value(knob, parameters.get(knob.key), problems) for knob in entry.knobs},
        **{option.key: _label(option, parameters.get(option.key), problems) for option in entry.options},
    }
    overlays = _overlays(entry, parameters.get(_OVERLAY), problems)
    known = {_LOSS, _OVERLAY, *settings}
    unknown = [key for key in parameters if key not in known]
    if unknown:
        names = ", ".join(quoted(key) for key in unknown[:5])
        problems.append(
            f"The link names {names}, which {entry.name} does not have; its knobs are {_listed(tuple(settings))}."
        )
    return Opened(PanelState(entry, settings, overlays), tuple(problems))


def quoted(text: str) -> str:
    """A piece of somebody's input, short and in quotation marks, for a message.

    >>> quoted("x" * 50)
    '“xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…”'
    """
    printable = "".join(character if character.isprintable() else "�" for character in text[:_LONGEST_QUOTE])
    return f"“{printable}{'…' if len(text) > _LONGEST_QUOTE else ''}”"


def _entry(category: str, name: str | None, problems: list[str]) -> LossEntry:
    entries = in_category(category)
    if name is None:
        return entries[0]
    for entry in entries:
        if entry.name == name:
            return entry
    here = _listed(tuple(entry.name for entry in entries))
    elsewhere = catalogue().get(name)
    reason = (
        f"{name} stands on the page {elsewhere.category}" if elsewhere else f"There is no loss {quoted(name)}"
    )
    problems.append(f"{reason}; this page has {here}. Showing {entries[0].name}.")
    return entries[0]


def _value(knob: Knob, text: str | None, problems: list[str]) -> float:
    if text is None:
        return knob.default
    value, why = _number(text)
    if why:
        problems.append(f"{knob.key} = {quoted(text)} {why}; showing the default, {compact(knob.default)}.")
        return knob.default
    snapped = knob.snap(value)
    if not knob.low <= value <= knob.high:
        problems.append(
            f"{knob.key} = {quoted(text)} lies outside {compact(knob.low)} to {compact(knob.high)}; "
            f"showing {compact(snapped)}."
        )
    elif not math.isclose(snapped, value, abs_tol=1e-9):
        problems.append(
            f"{knob.key} = {quoted(text)} lies between two steps of {compact(knob.step)}; "
            f"showing the nearest, {compact(snapped)}."
        )
    return snapped


def _number(text: str) -> tuple[float, str]:
    """A number that a link holds, and why it cannot be a knob's; ``""`` where it can."""
    try:
        value = read_number(text)
    except TypedNumberError as error:
        return math.nan, error.why
    if math.isnan(value):
        return value, "is not a number"
    return value, "" if math.isfinite(value) else "is not finite"


def _label(option: Option, text: str | None, problems: list[str]) -> str:
    if text is None or text in option.choices:
        return text or option.default
    problems.append(
        f"{option.key} = {quoted(text)} is none of {_listed(tuple(option.choices))}; showing {option.default}."
    )
    return option.default


def _overlays(entry: LossEntry, text: str | None, problems: list[str]) -> tuple[str, ...]:
    asked = [name for name in (text or "").split(",") if name]
    problems.extend(
        f"{quoted(name)} cannot be laid over {entry.name}; {_listed(tuple(entry.overlays))} can."
        for name in asked
        if name not in entry.overlays
    )
    return tuple(name for name in entry.overlays if name in asked)


def _listed(names: tuple[str, ...]) -> str:
    """Names as a list in a sentence.

    >>> _listed(("a", "b", "c"))
    'a, b and c'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
