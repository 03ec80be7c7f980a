"""What the tests of the pages share."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossviz.ui import loss_panel
from tests.ui.fake_jobs import FakeJobs


@pytest.fixture(autouse=True)
def no_browser_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """No browser paints here."""
    monkeypatch.setattr(loss_panel, "PAINT_FIRST_SECONDS", 0.0)


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeJobs:
    """The job manager that the page finds, its data at hand."""
    fake = FakeJobs(tmp_path)
    fake.ready()
    monkeypatch.setattr("lossviz.ui.training.page.manager", lambda: fake)
    return fake
