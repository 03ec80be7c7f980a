"""The loss's own torch call: constructed, called and differentiated as a student's code would.

Every number on a panel comes through here.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossviz.losses.entry import Argument, LossEntry

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Exact:
    """What torch says at one setting of the knobs.

    Attributes:
        loss: The value of the loss, with ``reduction="mean"`` over its single sample.
        gradient: The derivative of the loss with respect to the axis knob.
    """

    loss: float
    gradient: float


def construct(entry: LossEntry, knobs: Mapping[str, float], reduction: str) -> torch.nn.Module:
    """The torch module of a loss at a setting of its knobs.

    Raises:
        AttributeError: If the installed torch has no such class.
    """
    from torch import nn

    parameters = {name: knobs[key] for name, key in entry.parameters.items()}
    module: torch.nn.Module = getattr(nn, entry.name)(**parameters, reduction=reduction)
    return module


def signature(entry: LossEntry) -> str:
    """The constructor of a loss with its defaults, as the installed torch declares it.

    >>> from lossviz.losses.catalogue import catalogue
    >>> signature(catalogue()["HuberLoss"])
    "torch.nn.HuberLoss(reduction='mean', delta=1.0)"
    """
    from torch import nn

    declared = inspect.signature(getattr(nn, entry.name))
    parameters = [p.replace(annotation=inspect.Parameter.empty) for p in declared.parameters.values()]
    bare = declared.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    return f"{entry.torch_name}{bare}"


def exact(entry: LossEntry, knobs: Mapping[str, float]) -> Exact:
    """The loss and its gradient at one setting, computed as the printed code computes them.

    Args:
        entry: The loss.
        knobs: A value for every knob of the entry.

    Returns:
        Both as Python floats holding float32 values.
    """
    import torch

    tensors = {
        argument.name: torch.tensor(
            _row(argument, [knobs[key] for key in argument.knobs]),
            dtype=getattr(torch, argument.dtype),
            requires_grad=argument.learned,
        )
        for argument in entry.arguments
    }
    loss = construct(entry, knobs, "mean")(*tensors.values())
    loss.backward()
    owner, position = axis_position(entry)
    gradient = tensors[owner.name].grad
    assert gradient is not None, "the axis knob fills a learned argument"  # noqa: S101 - axis_position says so
    return Exact(loss.item(), gradient.flatten()[position].item())


def vectorised(
    entry: LossEntry, columns: Mapping[str, torch.Tensor], parameters: Mapping[str, float]
) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss and its gradient at many settings that share the constructor's arguments, in one call.

    Args:
        entry: The loss.
        columns: For every knob that fills an argument, its values, shape (N,).
        parameters: A value for every knob that sets a constructor argument.

    Returns:
        The losses and the gradients with respect to the axis knob, each of shape (N,), float32.
    """
    import torch

    tensors = {}
    for argument in entry.arguments:
        parts = [columns[key].to(getattr(torch, argument.dtype)) for key in argument.knobs]
        tensor = parts[0].clone() if len(parts) == 1 else torch.stack(parts, dim=1)
        tensors[argument.name] = tensor.requires_grad_() if argument.learned else tensor
    loss = construct(entry, parameters, "none")(*tensors.values())
    owner, position = axis_position(entry)
    (gradient,) = torch.autograd.grad(loss.sum(), tensors[owner.name])
    return loss.detach(), gradient.reshape(len(loss), -1)[:, position]


@functools.cache
def _positions(arguments: tuple[Argument, ...], key: str) -> tuple[Argument, int]:
    for argument in arguments:
        if argument.learned and key in argument.knobs:
            return argument, argument.knobs.index(key)
    raise ValueError(f"no learned argument is filled by the knob {key}")


def axis_position(entry: LossEntry) -> tuple[Argument, int]:
    """The argument that the axis knob fills, and its place in it.

    Raises:
        ValueError: If the axis knob fills no learned argument.
    """
    return _positions(entry.arguments, entry.axis.key)


def _row(argument: Argument, values: list[float]) -> list[float] | list[list[float]]:
    """One sample: a scalar argument has shape (1,), one of several knobs shape (1, len(knobs))."""
    return values if len(argument.knobs) == 1 else [values]
