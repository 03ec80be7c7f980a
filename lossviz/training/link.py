"""Training settings as a link, and back: ``?model=mlp&epochs=3``. Knows no torch and no Streamlit.

A link names what differs from the defaults; ``preset`` names a set to start from. A loss's own arguments stand
beside the other settings, under their own names: ``?loss=HuberLoss&delta=2``. Links are typed, shared and mangled by
people: what cannot be used falls back to the default, and a sentence says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lossviz.losses.forgiven_names import in_any_case, loss_name
from lossviz.losses.link import quoted
from lossviz.losses.typed_number import TypedNumberError, read_number
from lossviz.training.objectives import catalogue
from lossviz.training.objectives.argument import Argument
from lossviz.training.presets import ALL_PRESETS
from lossviz.training.settings import (
    LEARNING_RATES,
    RANGES,
    SWITCHES,
    Settings,
    SettingsError,
    allowed,
    check,
)

PRESET = "preset"
ARGUMENTS = "arguments"


@dataclass(frozen=True, slots=True)
class Opened:
    """A link as it was understood.

    Attributes:
        settings: Settings that can be trained with.
        problems: What could not be used, and what is taken instead; plain text, one sentence each.
    """

    settings: Settings
    problems: tuple[str, ...] = ()


def to_link(settings: Settings) -> dict[str, str]:
    """The query parameters that hold settings: those that differ from the defaults."""
    defaults = Settings().as_dict()
    link = {
        name: as_text(value)
        for name, value in settings.as_dict().items()
        if name != ARGUMENTS and value != defaults[name]
    }
    for argument in settings.spec.arguments:
        if argument.name in settings.arguments:
            link[argument.name] = argument.as_text(settings.arguments[argument.name])
    return link


def from_link(parameters: Mapping[str, str]) -> Opened:
    """The settings that a link asks for.

    Args:
        parameters: The query parameters, as strings. A loss without a task takes the first that it trains in.

    Returns:
        Settings that can be trained with, and what of the link could not be used.
    """
    problems: list[str] = []
    parameters = _in_true_names(parameters)
    base = _preset(parameters.get(PRESET), problems)
    start = _with_loss(base, parameters, problems)
    known = start.as_dict()
    values: dict[str, object] = {}
    arguments = dict(start.arguments)
    for name, text in parameters.items():
        if name in (PRESET, "task", "loss"):
            continue
        argument = start.spec.argument(name)
        if argument is not None:
            value, problem = checked_argument(argument, text)
            if problem is None:
                arguments[name] = value  # type: ignore[assignment]  # checked: it is one of its values
            else:
                problems.append(f"{problem} Taking {argument.as_text(start.argument(name))}.")
        elif name in catalogue.argument_names():
            problems.append(f"{start.loss} has no setting called {quoted(name)}; it is left out.")
        elif name not in known or name == ARGUMENTS:
            problems.append(f"There is no setting called {quoted(name)}; it is left out.")
        else:
            value, problem = checked(name, text)
            if problem is None:
                values[name] = value
            else:
                problems.append(f"{problem} Taking {as_text(known[name])}.")
    if "optimizer" in values and "learning_rate" not in values:
        values["learning_rate"] = LEARNING_RATES[str(values["optimizer"])]
    try:
        return Opened(Settings.parse({**known, **values, ARGUMENTS: arguments}), tuple(problems))
    except SettingsError as error:
        return Opened(base, (*problems, *error.problems, "Taking the defaults instead."))


def _in_true_names(parameters: Mapping[str, str]) -> dict[str, str]:
    """The link with the names of settings and of the loss as lossviz spells them."""
    names = (PRESET, *Settings().as_dict(), *catalogue.argument_names())
    found: dict[str, str] = {}
    for name, text in parameters.items():
        true = in_any_case(name, names)
        # One that stands there a second time is told of as it was written.
        found[name if true is None or true in parameters or true in found else true] = text
    if "loss" in found:
        losses = [loss for task in catalogue.TASKS for loss in catalogue.losses(task)]
        found["loss"] = loss_name(found["loss"], tuple(dict.fromkeys(losses))) or found["loss"]
    return found


def checked_argument(argument: Argument, text: str) -> tuple[object, str | None]:
    """One argument of a loss from text, as a link or a field holds it.

    Args:
        argument: Which one: of `settings.spec.arguments`.
        text: What was written.

    Returns:
        The value and None, or None and what is wrong with it.
    """
    try:
        value = argument.check(argument.from_text(text))
    except TypedNumberError as error:
        return None, _refused(argument.name, text, error, argument.allowed)
    if value is None:
        return None, f"{argument.name} is {quoted(text)}; it must be {argument.allowed}."
    return value, None


def _refused(name: str, text: str, error: TypedNumberError, allowed: str) -> str:
    return f"{name} is {quoted(text)}, which {error.why}; it must be {allowed}."


def _with_loss(start: Settings, parameters: Mapping[str, str], problems: list[str]) -> Settings:
    """The settings to start from, with the link's task and loss."""
    asked = {name: parameters[name] for name in ("task", "loss") if name in parameters}
    if not asked:
        return start
    try:
        found = Settings.parse(asked)
    except SettingsError as error:
        problems += [f"{problem} Taking {start.loss} in the task {start.task}." for problem in error.problems]
        return start
    return start.with_loss(found.loss, found.task)


def checked(name: str, text: str) -> tuple[object, str | None]:
    """One setting from text, as a link or a field holds it.

    Args:
        name: A setting's name.
        text: What was written.

    Returns:
        The value and None, or None and what is wrong with it.
    """
    if name in RANGES:
        return _checked_number(name, text)
    value: object = text
    if name in SWITCHES:
        value = {"true": True, "false": False}.get(text.strip().lower(), text)
    if name in ("task", "mistake"):  # what goes with them is said once all is known
        return check(name, value)
    try:
        settings = Settings.parse({name: value})
    except SettingsError as error:
        about = [problem for problem in error.problems if problem.startswith(name)]
        return None, (about or error.problems)[0]
    return getattr(settings, name), None


def _checked_number(name: str, text: str) -> tuple[object, str | None]:
    try:
        value, problem = check(name, read_number(text, in_float32=False))
    except TypedNumberError as error:
        return None, _refused(name, text, error, allowed(name))
    return value, problem and f"{name} is {quoted(text)}; it must be {allowed(name)}."


def as_text(value: object) -> str:
    """A setting's value as links and fields write it.

    >>> as_text(0.003), as_text(60000), as_text("adam"), as_text(1e-07), as_text(True)
    ('0.003', '60000', 'adam', '1e-07', 'true')
    """
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _preset(key: str | None, problems: list[str]) -> Settings:
    if key is None:
        return Settings()
    for preset in ALL_PRESETS:
        if preset.key == key:
            return preset.settings
    names = ", ".join(preset.key for preset in ALL_PRESETS)
    problems.append(f"There is no preset {quoted(key)}; there are {names}.")
    return Settings()
