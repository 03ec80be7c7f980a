"""What the tests of the pages share."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.ui import paint_first
from tests.ui.fake_jobs import FakeJobs
from tests.ui.whole_app import whole_app


@pytest.fixture(autouse=True)
def no_browser_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """No browser paints here."""
    monkeypatch.setattr(paint_first, "PAINT_FIRST_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def no_process_that_writes_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """No app under test leaves anything in this process: each spec is written when it is first asked for."""
    monkeypatch.setattr("lossviz.ui.server_start.ChildProcess", lambda *_, **__: None)
    monkeypatch.setattr("lossviz.ui.server_start.collect_in_quiet_moments", lambda: None)
    monkeypatch.setattr("lossviz.charts.kept_specs._shelf", None)


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeJobs:
    """The job manager that the page finds, its data at hand."""
    fake = FakeJobs(tmp_path)
    fake.ready()
    monkeypatch.setattr("lossviz.ui.training.page.manager", lambda: fake)
    return fake


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app as it opens, with a home of its own."""
    monkeypatch.setenv("LOSSVIZ_HOME", str(tmp_path))
    return whole_app()
