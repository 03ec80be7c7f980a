"""What a server does once, when its first visitor comes."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from lossviz.charts.kept_specs import Shelf, keep_in
from lossviz.losses.computed_once import computed_once
from lossviz.training.child_process import ChildProcess
from lossviz.training.home import HomeError, home
from lossviz.ui.garbage import collect_in_quiet_moments

SPECS = "specs"
"""Where in lossviz's home the specs are kept."""

SPECS_AHEAD = "lossviz.ui.specs_ahead"
"""The program that writes them ahead; it is not imported, for it loads what draws every picture."""

_LOG = logging.getLogger(__name__)


@computed_once()
def start_server() -> None:
    """Collect garbage in quiet moments, keep specs where the next start finds them, write those that are missing."""
    collect_in_quiet_moments()
    try:
        folder = home() / SPECS
    except HomeError:
        return  # the training page says so; the pictures need no folder
    keep_in(folder)
    write_ahead(folder)


def write_ahead(folder: Path) -> ChildProcess | None:
    """Start to write the specs that a server will need, if it has not got them yet.

    Args:
        folder: Where they are kept, as `keep_in` was told.

    Returns:
        The process, which ends when all is written, or with this one. None where there is none: all is written
        already, or no process can be started, and each spec is written when it is first asked for.
    """
    if Shelf(folder).complete:
        return None
    command = (sys.executable, "-m", SPECS_AHEAD, str(folder))
    try:
        return ChildProcess(command, on_event=lambda *_: None, on_end=_ended)
    except OSError as error:
        _LOG.warning("No picture is drawn ahead; each is drawn when it is first shown: %s", error)
        return None


def _ended(_: ChildProcess, status: int, errors: str) -> None:
    if status:
        _LOG.warning(
            "Not every picture was drawn ahead; the others are drawn when they are first shown. %s", errors
        )
