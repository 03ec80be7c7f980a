"""The loss's own torch call, at one setting and at many.

Every number on a panel comes through here, from the lines that the page prints.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from lossviz.losses import script
from lossviz.losses.entry import Argument, LossEntry, Settings
from lossviz.losses.warned import listening

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Exact:
    """What torch says at one setting of the knobs.

    Attributes:
        loss: The value of the loss of the single sample.
        gradient: The derivative of the loss with respect to the axis knob.
        probes: What else torch says, by the probes' keys.
        warnings: What it warns of, each text once, as ``"Category: text"``.
    """

    loss: float
    gradient: float
    probes: Mapping[str, tuple[float, ...]]
    warnings: tuple[str, ...] = ()


def available(entry: LossEntry) -> bool:
    """Whether the installed torch, or torchvision, has the loss."""
    return hasattr(_module(entry), entry.name)


def _module(entry: LossEntry) -> ModuleType:
    """Where torch keeps a loss.

    The package is imported first: to ask for a module in it while another thread is still importing the whole
    makes each wait for the other, and Python then hands out what is half imported.
    """
    importlib.import_module(entry.module.partition(".")[0])
    return importlib.import_module(entry.module)


def signature(entry: LossEntry) -> str:
    """The constructor of a loss, or the function, with its defaults, as the installed torch declares it.

    Raises:
        AttributeError: If the installed torch has no such class.

    >>> from lossviz.losses.catalogue import catalogue
    >>> signature(catalogue()["HuberLoss"])
    "torch.nn.HuberLoss(reduction='mean', delta=1.0)"
    """
    declared = inspect.signature(getattr(_module(entry), entry.name))
    parameters = [p.replace(annotation=inspect.Parameter.empty) for p in declared.parameters.values()]
    bare = declared.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    return f"{entry.torch_name}{bare}"


def exact(entry: LossEntry, settings: Settings) -> Exact:
    """The loss and its gradient at one setting: the printed lines, run.

    Args:
        entry: The loss.
        settings: A value for every knob and a label for every option of the entry.

    Returns:
        Python floats holding values of torch's default type, float32.
    """
    reduction = script.shown_reduction(entry, settings)
    lines = [*script.tensors(entry, [settings]), *script.body(entry, settings, reduction)]
    with listening() as heard:
        names = script.run([*lines, *script.retained(entry), "loss.backward()", *_probe_lines(entry)], {})
    owner, position = axis_position(entry)
    probes = {
        probe.key: tuple(float(v) for v in names[_probe_name(probe.key)].flatten().tolist())
        for probe in entry.probes
    }
    gradient = names[owner.name].grad.flatten()[position].item()
    return Exact(names["loss"].item(), gradient, probes, tuple(dict.fromkeys(heard)))


def vectorised(
    entry: LossEntry, columns: Mapping[str, torch.Tensor], settings: Settings
) -> dict[str, torch.Tensor]:
    """The loss, its gradient and the probes at many settings that share the constructor's arguments, in one call.

    Args:
        entry: The loss.
        columns: For every knob that fills an argument, its values, shape (N,).
        settings: The knobs that set constructor arguments, and the options.

    Returns:
        ``"loss"``, ``"gradient"`` (with respect to the axis knob) and every column of every probe, each of
        shape (N,).
    """
    import torch

    rows = len(next(iter(columns.values())))
    names: dict[str, torch.Tensor] = {}
    for argument in entry.arguments:
        constants = script.values(entry, argument, entry.defaults | dict(settings))
        dtype = torch.int64 if argument.dtype == "int64" else torch.get_default_dtype()
        parts = [
            columns[key].to(dtype) if key in columns else torch.full((rows,), constant, dtype=dtype)
            for key, constant in zip(script.keys(entry, argument), constants, strict=True)
        ]
        tensor = torch.stack(parts, dim=1) if script.is_row(entry, argument) else parts[0].clone()
        names[argument.name] = tensor.requires_grad_() if argument.learned else tensor
    body = script.body(entry, settings, "none", per_row=True)
    script.run([*body, *script.retained(entry)], names)
    loss = _per_row(names["loss"], rows, script.shown_reduction(entry, settings))
    # Probes may look behind the loss once more.
    loss.sum().backward(retain_graph=bool(entry.probes))  # type: ignore[no-untyped-call]
    script.run(_probe_lines(entry), names)
    owner, position = axis_position(entry)
    gradient = names[owner.name].grad
    assert gradient is not None, "the axis knob fills a learned argument"  # noqa: S101 - axis_position says so
    found = {"loss": loss.detach(), "gradient": gradient.reshape(rows, -1)[:, position]}
    for probe in entry.probes:
        said = names[_probe_name(probe.key)].detach().reshape(rows, probe.size)
        found |= {column: said[:, place] for place, column in enumerate(probe.columns)}
    return found


def _per_row(loss: torch.Tensor, rows: int, reduction: str) -> torch.Tensor:
    """One loss a sample, from one loss a sample or an element."""
    elements = loss.reshape(rows, -1)
    return elements.mean(dim=1) if reduction == "mean" else elements.sum(dim=1)


def _probe_name(key: str) -> str:
    return f"_said_{key}"


def _probe_lines(entry: LossEntry) -> list[str]:
    return [*entry.probe_steps, *(f"{_probe_name(probe.key)} = {probe.code}" for probe in entry.probes)]


@functools.cache
def axis_position(entry: LossEntry) -> tuple[Argument, int]:
    """The argument that the axis knob fills, and its place in it.

    Raises:
        ValueError: If the axis knob fills no learned argument.
    """
    for argument in entry.arguments:
        if argument.learned and entry.axis.key in argument.elements:
            return argument, script.keys(entry, argument).index(entry.axis.key)
    raise ValueError(f"no learned argument is filled by the knob {entry.axis.key}")
