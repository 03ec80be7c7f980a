"""The code beside the number: a program that runs alone and prints it."""

from __future__ import annotations

from lossviz.losses import script
from lossviz.losses.call import axis_position
from lossviz.losses.code_lines import folded
from lossviz.losses.digits import FORMAT
from lossviz.losses.entry import LossEntry, Settings
from lossviz.losses.knob import spoken

_SHOW = (
    "",
    "",
    "def show(name, values):",
    f'    numbers = [f"{{value:{FORMAT}}}" for value in values.flatten().tolist()]',
    "    print(name, *numbers)",
    "",
    "",
)
"""A function that prints many numbers, for the whole program."""


def program(entry: LossEntry, settings: Settings, *, whole: bool = False) -> str:
    """A program that reproduces what the panel shows.

    It starts with its imports, runs alone, and prints the loss as its last line. Every number is written as
    :func:`lossviz.losses.digits.shown` writes it, and no line is wider than :data:`lossviz.losses.code_lines.WIDTH`.

    Args:
        entry: The loss.
        settings: A value for every knob and a label for every option of the entry.
        whole: Whether it also prints what the picture says beside the curve, and the gradient.
    """
    lines = [
        *script.imports(entry),
        "",
        *script.tensors(entry, [settings], gradient=whole),
        "",
        *script.body(entry, settings, script.shown_reduction(entry, settings)),
        *(_gradient_and_probes(entry) if whole else [""]),
        f'print(f"{{loss.item():{FORMAT}}}")',
    ]
    return "\n".join(map(folded, lines))


def _gradient_and_probes(entry: LossEntry) -> list[str]:
    """The lines between the loss and its print."""
    backward = [*script.retained(entry), "loss.backward()"]
    owner, position = axis_position(entry)
    gradient = f"{owner.name}.grad" + (f"[0, {position}]" if script.is_row(entry, owner) else "")
    if not entry.probes:
        return [*backward, "", f'print(f"gradient {{{gradient}.item():{FORMAT}}}")']
    steps = ["", *entry.probe_steps] if entry.probe_steps else []
    probes = [f'show("{spoken(probe.key)}", {probe.code})' for probe in entry.probes]
    return [*backward, *steps, *_SHOW, *probes, f'show("gradient", {gradient})']
