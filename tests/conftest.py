"""What several rings of tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lossviz.ui.server_start import SPECS
from tests.live_server import ROOT, LiveServer, live_server

_ARCHIVES = ROOT.parent / "shared" / "fashion-mnist"


@pytest.fixture(scope="session")
def data_environment() -> dict[str, str]:
    """Where FashionMNIST is, for processes that the tests start; empty where there is none.

    Then lossviz trains on drawn garments, and the tests hold for those.
    """
    given = os.environ.get("LOSSVIZ_TEST_DATA", str(_ARCHIVES))
    return {"LOSSVIZ_DATA": given} if Path(given).is_dir() else {}


@pytest.fixture(scope="session")
def drawn_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the servers of all tests keep the specs of their pictures: drawing them takes each some 20 seconds."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / SPECS
    folder.mkdir(exist_ok=True)
    return folder


def with_specs(home: Path, drawn_before: Path) -> Path:
    """Let a home have the specs that all servers share; returns the home."""
    (home / SPECS).symlink_to(drawn_before)
    return home


@pytest.fixture
def server_home(tmp_path: Path, drawn_before: Path) -> Path:
    """A home for a server of a test's own, which finds the specs and nothing else."""
    return with_specs(tmp_path, drawn_before)


@pytest.fixture(scope="session")
def app_server(
    tmp_path_factory: pytest.TempPathFactory, data_environment: dict[str, str], drawn_before: Path
) -> Iterator[LiveServer]:
    """The app on a real server, shared by the tests that leave nothing behind.

    What a test that fails leaves running is nobody's soon, and out of the way of those after it.
    """
    env = {**data_environment, "LOSSVIZ_ABANDONED_SECONDS": "60"}
    home = with_specs(tmp_path_factory.mktemp("home"), drawn_before)
    with live_server(home, env=env) as server:
        yield server
    # Whatever reached the screen or not: no script of any page may have failed.
    assert not [line for line in server.output if "Uncaught app" in line], "\n".join(server.output)


@pytest.fixture(scope="session")
def app_url(app_server: LiveServer) -> str:
    """The address of the app."""
    return app_server.url
