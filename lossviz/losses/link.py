"""The state of a loss panel as a link, and back: ``?loss=SmoothL1Loss&prediction=2.5&target=0&beta=0.5``.

Links are typed, shared and mangled by people, so nothing in one is trusted: what cannot be used falls back
to the default, and a sentence says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lossviz.losses.catalogue import CATEGORIES, catalogue, in_category
from lossviz.losses.entry import LossEntry, Settings
from lossviz.losses.forgiven_names import in_any_case, loss_name
from lossviz.losses.knob import Knob, compact
from lossviz.losses.option import Option
from lossviz.losses.typed_number import TypedNumberError, read_number

_LOSS, _OVERLAY, _PROJECTOR = "loss", "overlay", "projector"
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
class Elsewhere:
    """A loss that stands on another page than the one that was asked for it.

    Attributes:
        entry: The loss.
        parameters: The query parameters that were asked for, with the loss by its true name.
    """

    entry: LossEntry
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Opened:
    """A link as it was understood.

    Attributes:
        state: What to show.
        problems: What could not be used, and what is shown instead; plain text, one sentence each.
        elsewhere: The link's loss if it stands on another page, with the link as it is there.
        projector: Whether it is shown as large as a projector needs it, which is no part of the state.
    """

    state: PanelState
    problems: tuple[str, ...] = field(default=())
    elsewhere: Elsewhere | None = None
    projector: bool = False


def to_link(state: PanelState, *, projector: bool = False) -> dict[str, str]:
    """The query parameters that hold a state.

    Args:
        state: The state.
        projector: Whether it is shown as large as a projector needs it.
    """
    knobs = {knob.key: compact(float(state.settings[knob.key])) for knob in state.entry.knobs}
    # An option at its default stays out: links are read aloud and typed from a projector.
    options = {
        option.key: str(state.settings[option.key])
        for option in state.entry.options
        if state.settings[option.key] != option.default
    }
    parameters = {_LOSS: state.entry.name, **knobs, **options}
    parameters |= {_OVERLAY: ",".join(state.overlays)} if state.overlays else {}
    return parameters | ({_PROJECTOR: "1"} if projector else {})


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
    parameters = _with_true_key(parameters, _LOSS)
    entry, elsewhere = _entry(category, parameters.get(_LOSS), problems)
    if elsewhere:
        # What else the link says is about that loss.
        there = Elsewhere(elsewhere, dict(parameters) | {_LOSS: elsewhere.name})
        return Opened(PanelState(entry, entry.defaults), tuple(problems), there)
    for key in (*entry.defaults, _OVERLAY, _PROJECTOR):
        parameters = _with_true_key(parameters, key)
    settings: dict[str, float | str] = {
        **{knob.key: knob_value(knob, parameters.get(knob.key), problems) for knob in entry.knobs},
        **{option.key: _label(option, parameters.get(option.key), problems) for option in entry.options},
    }
    overlays = _overlays(entry, parameters.get(_OVERLAY), problems)
    projector = _is_on(_PROJECTOR, parameters.get(_PROJECTOR), problems)
    known = {_LOSS, _OVERLAY, _PROJECTOR, *settings}
    unknown = [key for key in parameters if key not in known]
    if unknown:
        names = ", ".join(quoted(key) for key in unknown[:5])
        problems.append(
            f"The link names {names}, which {entry.name} does not have; its knobs are {_listed(tuple(settings))}."
        )
    return Opened(PanelState(entry, settings, overlays), tuple(problems), projector=projector)


def _with_true_key(parameters: Mapping[str, str], key: str) -> Mapping[str, str]:
    """The parameters with a key as lossviz spells it, if it stands there once in another case."""
    if key in parameters:
        return parameters
    written = in_any_case(key, parameters)
    return {key if name == written else name: text for name, text in parameters.items()}


def quoted(text: str) -> str:
    """A piece of somebody's input, short and in quotation marks, for a message.

    >>> quoted("x" * 50)
    '“xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…”'
    """
    printable = "".join(character if character.isprintable() else "�" for character in text[:_LONGEST_QUOTE])
    return f"“{printable}{'…' if len(text) > _LONGEST_QUOTE else ''}”"


def _entry(category: str, text: str | None, problems: list[str]) -> tuple[LossEntry, LossEntry | None]:
    """The loss to show, and the one that was meant if it stands on another page."""
    entries = in_category(category)
    if text is None:
        return entries[0], None
    name = loss_name(text, catalogue())
    meant = catalogue()[name] if name else None
    if meant and meant.category == category:
        if text.casefold() != meant.name.casefold():
            problems.append(f"{quoted(text)} is read as {meant.name}.")
        return meant, None
    if meant:
        page = CATEGORIES[meant.category]
        problems.append(f"{meant.name} stands on the page {page}. Showing {entries[0].name}.")
        return entries[0], meant
    here = _listed(tuple(entry.name for entry in entries))
    problems.append(f"There is no loss {quoted(text)}; this page has {here}. Showing {entries[0].name}.")
    return entries[0], None


def knob_value(knob: Knob, text: str | None, problems: list[str], now: float | None = None) -> float:
    """The value of a knob that somebody has typed, on its lattice.

    Args:
        knob: The knob.
        text: What was typed; None for nothing.
        problems: Gets a sentence where the value is not the one that was typed.
        now: What it stays at where the text cannot be used; None for the default.
    """
    if text is None:
        return knob.default if now is None else now
    value, why = _number(text)
    if why:
        instead = (
            f"showing the default, {compact(knob.default)}" if now is None else f"it stays at {compact(now)}"
        )
        problems.append(f"{knob.key} = {quoted(text)} {why}; {instead}.")
        return knob.default if now is None else now
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
    if text is None:
        return option.default
    label = in_any_case(text, option.choices) or _same_number(text, option.choices)
    if label is not None:
        return label
    choices = _listed(tuple(map(quoted, option.choices)))
    problems.append(f"{option.key} = {quoted(text)} is none of {choices}; showing {option.default}.")
    return option.default


def _same_number(text: str, labels: Iterable[str]) -> str | None:
    """The label that is the same number as a text, if there is one: 0.10 and 0,1 are 0.1."""
    value, why = _number(text)
    return None if why else next((label for label in labels if _number(label) == (value, "")), None)


def _is_on(key: str, text: str | None, problems: list[str]) -> bool:
    """Whether a link asks for something that is on with 1 and off with 0; without a word of it, it is off."""
    if text is None:
        return False
    value, why = _number(text)
    if why or value not in (0, 1):
        problems.append(f"{key} = {quoted(text)} is neither 1 nor 0; showing the page as with 0.")
    return value == 1


def _overlays(entry: LossEntry, text: str | None, problems: list[str]) -> tuple[str, ...]:
    asked = [name for name in (text or "").split(",") if name]
    found = {name: loss_name(name, entry.overlays) for name in asked}
    problems.extend(
        f"{quoted(name)} cannot be laid over {entry.name}; {_listed(tuple(entry.overlays))} can."
        for name in asked
        if found[name] is None
    )
    return tuple(name for name in entry.overlays if name in found.values())


def _listed(names: tuple[str, ...]) -> str:
    """Names as a list in a sentence.

    >>> _listed(("a", "b", "c"))
    'a, b and c'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
