"""Names as people type them: in any case, and those of losses also without their ending or their separators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_ENDING = "loss"
_SEPARATORS = re.compile(r"[\s_-]+")


def in_any_case(text: str, names: Iterable[str]) -> str | None:
    """The name that a text is, or is but for its case; None if there is none, or more than one.

    >>> in_any_case("BETA", ("beta", "target"))
    'beta'
    """
    return _only(text, tuple(names), (str.casefold,))


def loss_name(text: str, names: Iterable[str]) -> str | None:
    """The name of a loss that a text means: case, separators and the ending "Loss" do not matter.

    >>> loss_name("smooth-l1", ("L1Loss", "SmoothL1Loss"))
    'SmoothL1Loss'

    Args:
        text: What somebody typed.
        names: The names that there are.

    Returns:
        The name; None if there is none, or more than one.
    """
    return _only(text, tuple(names), (str.casefold, _bare))


def _only(text: str, names: tuple[str, ...], looser: tuple[Callable[[str], str], ...]) -> str | None:
    """The name that equals a text, or the only one that does when both are read more loosely, step by step."""
    if text in names:
        return text
    for read in looser:
        found = [name for name in names if read(name) == read(text)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _bare(name: str) -> str:
    return _SEPARATORS.sub("", name).casefold().removesuffix(_ENDING)
