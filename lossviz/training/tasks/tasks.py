"""The tasks by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lossviz.training.tasks.classify import CLASSIFY
from lossviz.training.tasks.embed import EMBED
from lossviz.training.tasks.reconstruct import RECONSTRUCT
from lossviz.training.tasks.task import Task

TASKS: Final[Mapping[str, Task]] = MappingProxyType(
    {"classify": CLASSIFY, "reconstruct": RECONSTRUCT, "embed": EMBED}
)
"""What the engine trains for, by the name in `Settings.task`."""
