"""The catalogue: every entry, found in :mod:`lossviz.losses.entries`, in the order of the pages."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from lossviz.losses import entries
from lossviz.losses.entry import LossEntry

CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "regression": "Regression",
        "classification": "Classification",
        "ranking": "Ranking",
        "distribution": "Distribution",
        "sequence": "Sequence",
        "boxes": "Boxes",
    }
)
"""The key of every category, which is also its page, and its title; in the order of the navigation."""

HEADINGS: Mapping[str, str] = MappingProxyType(
    {key: f"{title} losses" for key, title in CATEGORIES.items()}
    | {"sequence": "Sequences and large outputs", "boxes": "Box losses"}
)
"""What stands above each page."""


@functools.cache
def catalogue() -> Mapping[str, LossEntry]:
    """Every loss by the name that PyTorch gives it.

    >>> list(catalogue())[:2]
    ['L1Loss', 'MSELoss']
    """
    modules = (
        importlib.import_module(f"{entries.__name__}.{m.name}")
        for m in pkgutil.iter_modules(entries.__path__)
    )
    found: list[LossEntry] = [module.ENTRY for module in modules]
    order = list(CATEGORIES)
    found.sort(key=lambda entry: (order.index(entry.category), entry.rank))
    return MappingProxyType({entry.name: entry for entry in found})


def in_category(category: str) -> tuple[LossEntry, ...]:
    """The losses of a page, in order.

    Raises:
        KeyError: If there is no such category.
    """
    if category not in CATEGORIES:
        raise KeyError(category)
    return tuple(entry for entry in catalogue().values() if entry.category == category)
