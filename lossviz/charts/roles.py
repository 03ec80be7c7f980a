"""Who wears which colour and dash: the same thing looks the same on every page.

A chart names a role; the theme's categorical colours (``.streamlit/config.toml``, from Okabe and Ito) give it
its colour, in light and in dark. Dashes and shapes repeat what the colour says.
"""

from __future__ import annotations

from lossviz.charts.altair_when_drawn import alt
from lossviz.losses.catalogue import in_category
from lossviz.losses.entry import LossEntry

LOSS, GRADIENT, TARGET, INK = "loss", "gradient", "target", "ink"
_SIBLINGS = tuple(f"sibling {place}" for place in range(1, 6))
ROLES = (LOSS, GRADIENT, TARGET, INK, *_SIBLINGS)
"""In the order of the theme's categorical colours. Ink is for what belongs to no curve: words and zero lines."""

TRAIN_BY_STEP, TRAIN_DURING, TRAIN_AFTER, VALIDATION = _SIBLINGS[3], _SIBLINGS[2], LOSS, _SIBLINGS[0]
"""The lines of a training run. The loss of the network as it now stands keeps the colour of a loss."""

_DASHES = ((8, 3), (2, 3), (8, 3, 2, 3), (12, 4), (4, 2))


def wear(chart: alt.Chart, role: str, legend: alt.Legend | None = None) -> alt.Chart:
    """A chart whose marks have the colour of a role.

    Args:
        chart: The chart.
        role: One of `ROLES`.
        legend: The legend of the whole picture, if it has one: every layer must name the same.

    Raises:
        ValueError: If there is no such role.
    """
    if role not in ROLES:
        raise ValueError(f"no role {role!r}")
    return chart.transform_calculate(role=f"'{role}'").encode(colour(legend=legend))


def colour(field: str = "role", legend: alt.Legend | None = None) -> alt.Color:
    """The colour of the role that a field of the rows names.

    Args:
        field: The field.
        legend: The legend of the whole picture, if it has one: every layer must name the same.
    """
    return alt.Color(f"{field}:N", scale=alt.Scale(domain=list(ROLES)), legend=legend)


def overlay_role(entry: LossEntry, name: str) -> str:
    """The role of a loss that is laid over another."""
    return _SIBLINGS[_places(entry)[name]]


def overlay_dash(entry: LossEntry, name: str) -> list[int]:
    """The dash of a loss that is laid over another, in pixels on and off."""
    return list(_DASHES[_places(entry)[name]])


def _places(entry: LossEntry) -> dict[str, int]:
    """A place for every overlay: its own in its category, or the next that is free in this picture."""
    order = [other.name for other in in_category(entry.category)]
    taken: dict[str, int] = {}
    for name in entry.overlays:
        wanted = order.index(name) if name in order else len(order)
        tries = ((wanted + step) % len(_SIBLINGS) for step in range(len(_SIBLINGS)))
        taken[name] = next((place for place in tries if place not in taken.values()), wanted % len(_SIBLINGS))
    return taken
