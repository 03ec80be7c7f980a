"""Chromium and a live server for the benchmarks of the pages."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from lossviz.ui.server_start import SPECS, SPECS_AHEAD
from tests.chromium import FLAGS, MISSING, find
from tests.live_server import LiveServer, live_server

MINIMAL = Path(__file__).with_name("minimal_app.py")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; LOSSVIZ_CHROMIUM names another than the one on the path.

    Raises:
        SystemExit: If there is none.
    """
    found = find()
    if found is None:
        raise SystemExit(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def server(script: Path | None = None, home: Path | None = None) -> Iterator[LiveServer]:
    """The app, or another script, on a server with the home given, or with one of its own."""
    with tempfile.TemporaryDirectory() as fresh, live_server(home or Path(fresh), script=script) as live:
        yield live


@contextmanager
def home_with_specs() -> Iterator[Path]:
    """A home of which a server started before: after an install the first start draws all pictures for a minute."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / SPECS
        # It ends with its parent, which it knows by its standard input.
        with subprocess.Popen(
            [sys.executable, "-m", SPECS_AHEAD, str(folder)], stdin=subprocess.PIPE
        ) as drawing:
            drawing.wait()
        yield Path(home)


def spread(values: Sequence[float], digits: int = 2) -> str:
    """A median with the smallest and the largest value."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"
