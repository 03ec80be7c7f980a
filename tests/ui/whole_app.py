"""The app as a visitor finds it: opened through its entry point, at home."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.live_server import ROOT
from tests.patience import PATIENCE


def whole_app() -> AppTest:
    """The app, opened and run once. A script may take as long as a busy machine needs."""
    return AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PATIENCE).run()
