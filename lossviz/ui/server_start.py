"""What a server does once, when its first visitor comes."""

from __future__ import annotations

from lossviz.charts.kept_specs import keep_in
from lossviz.losses.computed_once import computed_once
from lossviz.training.home import HomeError, home
from lossviz.ui.garbage import Collector
from lossviz.ui.specs_ahead import write_ahead

SPECS = "specs"
"""Where in lossviz's home the specs are kept."""


@computed_once()
def start_server() -> None:
    """Collect garbage in quiet moments, keep specs where the next start finds them, write those that are missing."""
    Collector()
    try:
        folder = home() / SPECS
    except HomeError:
        return  # the training page says so; the pictures need no folder
    keep_in(folder)
    write_ahead(folder)
