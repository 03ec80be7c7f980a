"""A cache that computes a value once, however many threads ask for it at the same time.

`functools.lru_cache` lets every thread compute that finds nothing yet: thirty students who open the same page on a
fresh server would compute the same table thirty times, each slowing down all others.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Hashable
from typing import ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Value = TypeVar("Value")


def computed_once(
    maxsize: int | None = None,
) -> Callable[[Callable[Asked, Value]], Callable[Asked, Value]]:
    """Cache a function's values, each computed by the first thread that asks, while the others wait for it.

    What is raised is not kept: those who wait try again, and then several may compute at once. Nothing may call itself
    with the same arguments.

    Args:
        maxsize: How many values are kept, those last asked for; None for all.

    >>> @computed_once()
    ... def square(number):
    ...     print("computing")
    ...     return number**2
    >>> square(3), square(3)
    computing
    (9, 9)
    """

    def decorate(function: Callable[Asked, Value]) -> Callable[Asked, Value]:
        cached = functools.lru_cache(maxsize)(function)
        computing: dict[Hashable, threading.Lock] = {}
        guard = threading.Lock()

        @functools.wraps(function)
        def asked(*args: Asked.args, **kwargs: Asked.kwargs) -> Value:
            key = (args, tuple(kwargs.items()))
            with guard:
                mine = computing.setdefault(key, threading.Lock())
            try:
                with mine:
                    return cached(*args, **kwargs)  # type: ignore[arg-type]  # hashable, or no cache could hold them
            finally:
                with guard:
                    # Whoever asks from now on finds the value; those who wait still refer to this lock.
                    computing.pop(key, None)

        return asked

    return decorate
