"""Running a snippet of the catalogue, for what torch really says: the edges and the corrections."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lossviz.losses.entry import Edge
from lossviz.losses.warned import listening


@dataclass(frozen=True)
class Outcome:
    """What became of a snippet.

    Attributes:
        printed: The lines that it printed.
        error: What stopped it, as ``"ErrorType: text"``; None if it ran to its end.
        warnings: What it was warned of, as ``"Category: text"``.
    """

    printed: tuple[str, ...]
    error: str | None
    warnings: tuple[str, ...]

    @property
    def said(self) -> str:
        """All of it, in the form that an edge's ``says`` has: the prints, the error, the warnings."""
        return "\n".join([*self.printed, *([self.error] if self.error is not None else []), *self.warnings])


@functools.lru_cache(maxsize=1024)
def run(code: str) -> Outcome:
    """Run a snippet and catch what it says; nothing of it is left behind in torch.

    Its ``print`` is its own, so that nobody else's words get in. torch's default type, its random numbers and
    whether it records gradients are afterwards what they were.

    Args:
        code: A snippet of the catalogue, never anybody else's text.
    """
    written = io.StringIO()

    def own_print(*values: object, sep: str = " ", end: str = "\n", **_ignored: object) -> None:
        written.write(sep.join(str(value) for value in values) + end)

    names: dict[str, Any] = {"__name__": "__main__", "print": own_print}
    error = None
    with listening() as warned, _torch_left_as_it_was():
        try:
            # The text is the catalogue's own.
            exec(compile(code, "<lossviz>", "exec"), names)  # noqa: S102
        except Exception as raised:  # noqa: BLE001 - whatever it is, it is what the page shows
            error = f"{type(raised).__name__}: {raised}"
    return Outcome(tuple(written.getvalue().splitlines()), error, tuple(warned))


def said(edge: Edge) -> str:
    """What an edge's snippet says when it is run here; of one that lossviz refuses to run, its own message."""
    return edge.says if edge.refused else run(edge.code).said


@contextmanager
def _torch_left_as_it_was() -> Iterator[None]:
    import torch

    dtype, gradients, seed = torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(gradients)
        torch.set_rng_state(seed)
