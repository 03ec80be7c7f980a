"""The code beside the number: a program that runs alone and prints it."""

from __future__ import annotations

from collections.abc import Mapping

from lossviz.losses.call import axis_position
from lossviz.losses.digits import FORMAT
from lossviz.losses.entry import Argument, LossEntry


def program(entry: LossEntry, knobs: Mapping[str, float]) -> str:
    """A program that reproduces what the panel shows.

    It starts with its imports, runs alone, and prints the gradient and then, as its last line, the loss,
    both written as :func:`lossviz.losses.digits.shown` writes them.

    Args:
        entry: The loss.
        knobs: A value for every knob of the entry.
    """
    owner, position = axis_position(entry)
    names = ", ".join(argument.name for argument in entry.arguments)
    parameters = ", ".join(f"{name}={_literal(knobs[key])}" for name, key in entry.parameters.items())
    element = "" if len(owner.knobs) == 1 else f"[0, {position}]"
    return "\n".join(
        [
            "import torch",
            "",
            *(_tensor(argument, knobs) for argument in entry.arguments),
            "",
            f"loss_function = {entry.torch_name}({parameters})",
            f"loss = loss_function({names})",
            "loss.backward()",
            "",
            f'print(f"gradient {{{owner.name}.grad{element}.item():{FORMAT}}}")',
            f'print(f"{{loss.item():{FORMAT}}}")',
        ]
    )


def _tensor(argument: Argument, knobs: Mapping[str, float]) -> str:
    """The line that makes one argument, as :func:`lossviz.losses.call.exact` makes it."""
    whole = argument.dtype != "float32"
    values = ", ".join(str(int(knobs[key])) if whole else _literal(knobs[key]) for key in argument.knobs)
    row = f"[{values}]" if len(argument.knobs) == 1 else f"[[{values}]]"
    gradient = ", requires_grad=True" if argument.learned else ""
    return f"{argument.name} = torch.tensor({row}{gradient})"


def _literal(value: float) -> str:
    """A number as a Python float: 2 must become a float tensor, not an integer one."""
    return repr(float(value))
