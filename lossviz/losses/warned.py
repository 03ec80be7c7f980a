"""Hearing what torch warns of, in one thread, while other threads go on as before."""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Python keeps its warning filters, and torch its own switch, once a process: one listener at a time.
_ONE_AT_A_TIME = threading.RLock()
# Where in torch's C++ a warning comes from differs from build to build and helps no student.
_PLACE = re.compile(r"\s*\(Triggered internally at [^)]*\)\s*$")


@contextmanager
def listening() -> Iterator[list[str]]:
    """Collect every warning that this thread causes, also those that torch says only once a process.

    Yields:
        A list that grows with each warning, as ``"Category: text"``; the place in torch's C++ sources that torch
        adds to some of them is left out.
    """
    import torch

    heard: list[str] = []
    mine = threading.get_ident()
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        usual, said_always = warnings.showwarning, torch.is_warn_always_enabled()

        def hear(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:  # noqa: ANN401
            if threading.get_ident() == mine:
                heard.append(f"{category.__name__}: {_PLACE.sub('', str(message))}")
            else:
                usual(message, category, *place, **more)

        warnings.simplefilter("always")
        warnings.showwarning = hear
        torch.set_warn_always(True)
        try:
            yield heard
        finally:
            torch.set_warn_always(said_always)
