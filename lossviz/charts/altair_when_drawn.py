"""Altair, imported when the first picture is drawn: a server that finds its specs kept never loads it.

It takes a second and 50 MB. The modules of this layer say ``from lossviz.charts.altair_when_drawn import alt`` and use
it within their functions.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt
else:

    class _Altair:
        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever altair has
            return getattr(importlib.import_module("altair"), name)

    alt = _Altair()

__all__ = ["alt", "not_validated"]


@contextmanager
def not_validated() -> Iterator[None]:
    """Let Altair take each part of a picture as it is meanwhile: to check them all takes as long as to draw them.

    Where two threads draw at once, the later one to end may leave it so: nothing relies on the checks.
    """
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):  # noqa: FBT003 - as Altair declares it
        yield
