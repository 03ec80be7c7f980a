"""What the tests of the pages share."""

from __future__ import annotations

import pytest

from lossviz.ui import loss_panel


@pytest.fixture(autouse=True)
def no_browser_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """No browser paints here."""
    monkeypatch.setattr(loss_panel, "PAINT_FIRST_SECONDS", 0.0)
