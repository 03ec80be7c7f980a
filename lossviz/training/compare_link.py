"""The runs that a link names together, and back: ``?compare=<id>,<id>``. Knows no torch and no Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lossviz.losses.link import quoted
from lossviz.training.race import MOST_RUNS

COMPARE = "compare"
_MOST_CHARACTERS = 1000


def to_link(run_ids: Sequence[str]) -> dict[str, str]:
    """The query parameter that names runs; none where there are no runs.

    >>> to_link(["a", "b"]), to_link([])
    ({'compare': 'a,b'}, {})
    """
    return {COMPARE: ",".join(run_ids)} if run_ids else {}


def from_link(text: str, known: Callable[[str], bool]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The runs that a link names.

    Args:
        text: The query parameter.
        known: Whether a run of this id is known.

    Returns:
        The ids of those that are known, at most four, each once; and what could not be used, a sentence each.
    """
    named = dict.fromkeys(part.strip() for part in text[:_MOST_CHARACTERS].split(","))
    ids = [part for part in named if part]
    found = [part for part in ids if known(part)]
    problems = [
        f"No run {quoted(part)} is known here: it was removed, or made room for newer ones. It is left out."
        for part in ids
        if part not in found
    ][:MOST_RUNS]
    if len(found) > MOST_RUNS:
        problems.append(f"The link names {len(found)} runs; the first {MOST_RUNS} are compared.")
    if len(found) == 1:
        problems.append("To compare takes two runs; the one that is known is shown alone.")
    return tuple(found[:MOST_RUNS]), tuple(problems)
