"""The way from a loss's panel to a run that trains with it, and back. Knows no torch and no Streamlit.

A setting goes along under the name that torch's constructor gives it. What a run cannot take is named, with the
reason: nothing is lost without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from lossviz.losses.entry import Settings as PanelSettings
from lossviz.losses.knob import compact, spoken
from lossviz.losses.option import Code, Option
from lossviz.losses.option import Value as PanelValue
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.link import to_link
from lossviz.training.objectives import catalogue as trainable
from lossviz.training.objectives.argument import CLASSES, Argument, Value
from lossviz.training.objectives.mistakes import NONE
from lossviz.training.objectives.spec import LossSpec
from lossviz.training.settings import Settings

LABEL_SMOOTHING, REDUCTION, SUM = "label_smoothing", "reduction", "sum"


@dataclass(frozen=True, slots=True)
class WayToTraining:
    """What a click on "Train with this loss" brings along.

    Attributes:
        parameters: The query parameters of the training page; empty where the loss cannot train.
        carried: What goes along, each as a student reads it: "delta = 2".
        left: What does not, each a sentence with the reason.
        why_not: Why the loss cannot train, one sentence; empty where it can.
    """

    parameters: Mapping[str, str]
    carried: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    why_not: str = ""


def to_training(entry: LossEntry, settings: PanelSettings, run: Settings | None = None) -> WayToTraining:
    """The training page's link for a loss as its panel shows it.

    Args:
        entry: The loss.
        settings: The panel's knobs and options.
        run: The run that was set up last: its network, task and training stay, a range test becomes a run; None for
            the defaults.

    Returns:
        The link, what it carries and what it does not.
    """
    if not trainable.tasks_of(entry.name):
        return WayToTraining({}, why_not=trainable.why_not(next(iter(trainable.TASKS)), entry.name))
    last = replace(run or Settings(), arguments={}, mistake=NONE, label_smoothing=0.0, range_test=False)
    bare = last.with_loss(entry.name)
    spec, carried, left = bare.spec, list[str](), list[str]()
    parameters = to_link(bare) | {"loss": entry.name}
    for name, source in entry.parameters.items():
        value = _value(entry, source, settings)
        if value is None:  # left out of the constructor: torch's default
            continue
        if isinstance(source, Code) and spec.argument(name) is None:
            continue  # fixed for the picture's sake, such as the number of classes
        untouched = any(
            o.key == source and o.default == settings.get(source, o.default) for o in entry.options
        )
        argument = spec.argument(name)
        if untouched and name != LABEL_SMOOTHING and _keeps_default(argument, value):
            if argument is not None:
                own = argument.as_text(argument.default)
                left.append(f"{name} = {_text(value)}: torch's default; a run's own is {own}.")
            continue
        key, text, problem = _taken(spec, name, value)
        if text is not None:
            parameters[key] = text
            carried.append(f"{name} = {text}")
        if problem:
            left.append(problem)
    inputs = [spoken(key) for key in entry.batch_keys]
    left.append(f"{_listed(inputs)}: in a run they come from the network and the images.")
    return WayToTraining(parameters, tuple(carried), tuple(left))


def to_panel(settings: Settings) -> tuple[str, dict[str, str]] | None:
    """The panel of a run's loss, with the run's arguments where the panel has them.

    Returns:
        The category, which names the page, and its query parameters; None where the catalogue has no such loss.
    """
    entry = catalogue().get(settings.loss)
    if entry is None:
        return None
    options = {option.key: option for option in entry.options}
    parameters = {"loss": entry.name}
    for name, source in entry.parameters.items():
        value = _of_run(settings, name)
        if value is None or isinstance(source, Code):
            continue
        if source in options:
            label = _label(options[source], value)
            if label not in (None, options[source].default):
                parameters[source] = str(label)
        elif isinstance(value, int | float):
            parameters[source] = compact(float(value))
    return entry.category, parameters


def _value(entry: LossEntry, source: str | Code, settings: PanelSettings) -> PanelValue | str:
    """What a constructor argument is on the panel; None where the panel leaves it out or has nothing to choose."""
    if isinstance(source, Code):  # not the student's choice, and yet what the panel computes with
        return _number(source.text)
    option = next((each for each in entry.options if each.key == source), None)
    if option is None:
        return float(settings[source])
    label = str(settings.get(source, option.default))
    value = option.choices[label]
    return label if isinstance(value, Code) else value


def _keeps_default(argument: Argument | None, value: PanelValue | str) -> bool:
    """Whether torch's default, which nobody has touched, stays behind: a run has its own, or none."""
    if argument is None:
        return isinstance(value, bool | int | float)
    return argument.torch_default is not None and value == argument.torch_default


def _taken(spec: LossSpec, name: str, value: PanelValue | str) -> tuple[str, str | None, str]:
    """The key and the text of a setting as a run's link has it, and why it is not or not wholly taken."""
    if name == LABEL_SMOOTHING and spec.label_smoothing:
        return name, None if not value else _text(value), ""
    if name == REDUCTION:
        if value == SUM and SUM in spec.mistakes:
            return "mistake", SUM, ""
        alike = (
            "" if f"'{value}'" in spec.call else f"reduction = {value}: a run has its own; its code shows it."
        )
        return name, None, alike
    argument = spec.argument(name)
    if argument is None:
        return name, None, f"{name}: a run has no such setting; its code shows what it takes."
    fitting, note = _fitting(argument, value)
    good = argument.check(fitting)
    if good is None:
        default = argument.as_text(argument.default)
        return name, None, f"{name} = {_text(value)}: a run takes {argument.allowed}, and has {default}."
    return name, argument.as_text(good), note


def _fitting(argument: Argument, value: PanelValue | str) -> tuple[object, str]:
    """A panel's value as a run's argument may take it, and what that means."""
    if isinstance(value, tuple) and argument.kind == "weights" and len(value) < CLASSES:
        ones = (1.0,) * (CLASSES - len(value))
        names = _listed(list(CLASS_NAMES[: len(value)]))
        return (*value, *ones), f"weight: those of the panel go to {names}, the other classes weigh 1."
    if isinstance(value, tuple) and len(value) == 1:
        return value[0], ""
    return value, ""


def _of_run(settings: Settings, name: str) -> Value | str | None:
    if name == LABEL_SMOOTHING and settings.spec.label_smoothing:
        return settings.label_smoothing
    if name == REDUCTION:
        return SUM if settings.mistake == SUM else None
    if settings.spec.argument(name) is None or settings.mistake not in (NONE, SUM):
        return None
    return settings.argument(name)


def _label(option: Option, value: Value | str) -> str | None:
    """The choice of an option that stands for a run's value; None where there is none."""
    for label, choice in option.choices.items():
        if isinstance(choice, Code):
            same = label == value
        elif isinstance(choice, tuple) and isinstance(value, tuple):
            same = tuple(choice) == value[: len(choice)] and set(value[len(choice) :]) <= {1.0}
        elif isinstance(choice, tuple):
            same = choice == (value,)
        else:
            same = (
                choice is not None and isinstance(choice, bool) == isinstance(value, bool) and choice == value
            )
        if same:
            return label
    return None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _text(value: PanelValue | str) -> str:
    if isinstance(value, tuple):
        return ",".join(f"{number:g}" for number in value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
