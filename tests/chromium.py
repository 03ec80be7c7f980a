"""Where Chromium is and how it is started, for the browser tests and the benchmarks."""

from __future__ import annotations

import os
import shutil

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "no Chromium: install it, or name it in LOSSVIZ_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The browser that LOSSVIZ_CHROMIUM names, or the first on the path; None where there is none."""
    return os.environ.get("LOSSVIZ_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
