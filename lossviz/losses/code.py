"""The code beside the number: a program that runs alone and prints it."""

from __future__ import annotations

from lossviz.losses import script
from lossviz.losses.call import axis_position
from lossviz.losses.digits import FORMAT
from lossviz.losses.entry import LossEntry, Probe, Settings
from lossviz.losses.knob import spoken


def program(entry: LossEntry, settings: Settings) -> str:
    """A program that reproduces what the panel shows.

    It starts with its imports, runs alone, and prints what the picture says beside the curve, the gradient and,
    as its last line, the loss, all written as :func:`lossviz.losses.digits.shown` writes them.

    Args:
        entry: The loss.
        settings: A value for every knob and a label for every option of the entry.
    """
    owner, position = axis_position(entry)
    element = f"[0, {position}]" if script.is_row(entry, owner) else ""
    return "\n".join(
        [
            *script.imports(entry),
            "",
            *script.tensors(entry, [settings]),
            "",
            *script.body(entry, settings, script.shown_reduction(entry, settings)),
            "loss.backward()",
            "",
            *entry.probe_steps,
            *(_print(probe) for probe in entry.probes),
            f'print(f"gradient {{{owner.name}.grad{element}.item():{FORMAT}}}")',
            f'print(f"{{loss.item():{FORMAT}}}")',
        ]
    )


def _print(probe: Probe) -> str:
    """The line that prints a probe: its key and its numbers."""
    name = spoken(probe.key)
    return f'print("{name}", *(f"{{v:{FORMAT}}}" for v in ({probe.code}).flatten().tolist()))'
