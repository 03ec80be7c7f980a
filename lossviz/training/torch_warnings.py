"""What torch warns of while a run goes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

MOST_WARNINGS = 3


@contextmanager
def caught_warnings(mistake: str) -> Iterator[list[warnings.WarningMessage]]:
    """Gather what torch warns of, where a bug was made on purpose that it warns of; elsewhere a warning is ours.

    Args:
        mistake: The bug, as `Settings.mistake` names it.
    """
    if mistake != "target-shape":
        yield []
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default", UserWarning)  # once for each text
        yield caught


def texts(caught: Sequence[warnings.WarningMessage]) -> list[str]:
    """The warnings in torch's own words; each size of a batch makes another text, and a few say it."""
    said = (" ".join(str(each.message).split()) for each in caught)
    return list(dict.fromkeys(said))[:MOST_WARNINGS]
