"""What a server does once, when its first visitor comes."""

from __future__ import annotations

from lossviz.charts.kept_specs import keep_in
from lossviz.losses.computed_once import computed_once
from lossviz.training.child_process import ChildProcess
from lossviz.training.home import HomeError, home
from lossviz.ui.garbage import Collector
from lossviz.ui.specs_ahead import write_ahead

SPECS = "specs"
"""Where in lossviz's home the specs are kept."""


@computed_once()
def start_server() -> tuple[Collector, ChildProcess | None]:
    """Collect garbage in quiet moments, keep specs where the next start finds them, write those that are missing.

    Returns:
        What does so beside the pages. The process that writes specs ends when nobody holds it any more.
    """
    return Collector(), _write_specs()


def _write_specs() -> ChildProcess | None:
    try:
        folder = home() / SPECS
    except HomeError:
        return None  # the training page says so; the pictures need no folder
    keep_in(folder)
    return write_ahead(folder)
