"""The code of a loss: the lines that the page prints are the lines that are run.

For one sample the tensors hold literals. For many settings at once (the lattice) the same lines run on tensors
that are put in from outside. Nothing but the catalogue's own text and numbers gets into a line: what comes from
a link or a widget has been looked up among the catalogue's labels or is a Python float by then.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from types import CodeType
from typing import Any

from lossviz.losses.entry import Argument, LossEntry, Settings
from lossviz.losses.option import Code, Value, literal

LOSS = "loss"
"""The name of the loss in the code."""


def values(entry: LossEntry, argument: Argument, settings: Settings) -> list[float]:
    """One sample of an argument, its options' tuples spread out."""
    return [float(number) for element in argument.elements for number in _numbers(entry, element, settings)]


def keys(entry: LossEntry, argument: Argument) -> list[str]:
    """For every place of a sample of an argument, the key of the knob or option that fills it, or ``""``."""
    found: list[str] = []
    for element in argument.elements:
        size = len(_numbers(entry, element, entry.defaults))
        found += [element if isinstance(element, str) else ""] * size
    return found


def is_row(entry: LossEntry, argument: Argument) -> bool:
    """Whether a sample of an argument is a row of elements and not a single number."""
    return argument.vector or len(keys(entry, argument)) > 1


def imports(entry: LossEntry) -> list[str]:
    """The imports that the code begins with."""
    return ["import torch", *(["import torchvision"] if "torchvision" in " ".join(_texts(entry)) else [])]


def tensors(entry: LossEntry, rows: Sequence[Settings], *, gradient: bool = True) -> list[str]:
    """The lines that make the arguments, one sample a row.

    Args:
        entry: The loss.
        rows: A setting for each sample.
        gradient: Whether the learned arguments ask for their gradient.
    """
    return [_tensor(entry, argument, rows, gradient) for argument in entry.arguments]


def body(entry: LossEntry, settings: Settings, reduction: str, *, per_row: bool = False) -> list[str]:
    """The lines from the tensors to the loss.

    Args:
        entry: The loss.
        settings: What sets the constructor's arguments.
        reduction: The reduction, as torch calls it.
        per_row: Whether the loss must be one number a sample, or an element, instead of one number in all.
    """
    call = entry.row_call if per_row and entry.row_call else entry.call
    inputs = entry.inputs or tuple(argument.name for argument in entry.arguments)
    if entry.is_function:
        given = ", ".join([*inputs, *arguments(entry, settings, reduction)])
        return [*entry.steps, f"{LOSS} = {entry.torch_name}({given})"]
    usual = f"loss_function({', '.join(inputs)})"
    return [
        *entry.steps,
        f"loss_function = {constructor(entry, settings, reduction)}",
        *entry.set_up,
        f"{LOSS} = {call or usual}",
    ]


def retained(entry: LossEntry) -> list[str]:
    """The lines before the backward pass that keep the gradients of what the steps have made, for the probes."""
    return [f"{name}.retain_grad()" for name in entry.retained]


def constructor(entry: LossEntry, settings: Settings, reduction: str) -> str:
    """The expression that makes the loss."""
    return f"{entry.torch_name}({', '.join(arguments(entry, settings, reduction))})"


def arguments(entry: LossEntry, settings: Settings, reduction: str) -> list[str]:
    """The constructor's (or the function's keyword) arguments; those at None are left out."""
    given = {
        name: _parameter(entry, source, settings)
        for name, source in entry.parameters.items()
        if name != "reduction"
    }
    written = [f"{name}={literal(value)}" for name, value in given.items() if value is not None]
    # A class reduces by the mean unless it is told otherwise; what gives one loss a row by a call of its own cannot
    # be told.
    if entry.row_call or (not entry.is_function and reduction == "mean"):
        return written
    return [*written, f'reduction="{reduction}"']


def shown_reduction(entry: LossEntry, settings: Settings) -> str:
    """The reduction of the sample that the panel shows: the entry's own, or an option's choice."""
    source = entry.parameters.get("reduction")
    return str(settings[source]) if isinstance(source, str) else entry.reduction


def run(lines: Iterable[str], names: dict[str, Any]) -> dict[str, Any]:
    """Run lines of the catalogue's code.

    Args:
        lines: The lines.
        names: What they may use beside ``torch``; they add their own.

    Returns:
        The names after the last line.

    Raises:
        Exception: Whatever torch raises.
    """
    import torch

    names["torch"] = torch
    text = "\n".join(lines)
    if "torchvision" in text:
        import torchvision

        names["torchvision"] = torchvision
    # The text is the catalogue's own, see the module's docstring.
    exec(_compiled(text), names)  # noqa: S102
    return names


@functools.lru_cache(maxsize=512)
def _compiled(text: str) -> CodeType:
    return compile(text, "<lossviz>", "exec")


def _texts(entry: LossEntry) -> Iterable[str]:
    codes = (source.text for source in entry.parameters.values() if isinstance(source, Code))
    probes = (*entry.probe_steps, *(probe.code for probe in entry.probes))
    return (entry.module, *entry.steps, *entry.set_up, entry.call, *probes, *codes)


def _numbers(entry: LossEntry, element: str | float, settings: Settings) -> tuple[float, ...]:
    """The numbers that an element of an argument stands for."""
    if not isinstance(element, str):
        return (float(element),)
    value = settings.get(element, entry.defaults[element])
    option = entry.option(element)
    chosen = option.choices[str(value)] if option else float(value)
    if isinstance(chosen, tuple):
        return chosen
    if isinstance(chosen, bool | int | float):
        return (float(chosen),)
    raise ValueError(f"{entry.name}: {element} = {value} is no number and cannot fill a tensor")


def _parameter(entry: LossEntry, source: str | Code, settings: Settings) -> Value:
    """The value of a constructor argument."""
    if isinstance(source, Code):
        return source
    option = entry.option(source)
    return option.choices[str(settings[source])] if option else float(settings[source])


def _tensor(entry: LossEntry, argument: Argument, rows: Sequence[Settings], gradient: bool) -> str:  # noqa: FBT001
    whole = argument.dtype != "float32"
    samples = [
        ", ".join(literal(int(v) if whole else v) for v in values(entry, argument, row)) for row in rows
    ]
    wanted = ", requires_grad=True" if gradient and argument.learned else ""
    parts = [f"[{sample}]" for sample in samples] if is_row(entry, argument) else samples
    return f"{argument.name} = torch.tensor([{', '.join(parts)}]{wanted})"
