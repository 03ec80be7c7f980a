"""What several rings of tests share."""

from __future__ import annotations

import os
import subprocess
import sys
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
def shared_home(tmp_path_factory: pytest.TempPathFactory, data_environment: dict[str, str]) -> Path:
    """A home with what takes long to make, for the servers of all tests: specs of pictures, and the data.

    Each server would draw its specs for some 20 seconds. It would prepare its data with what processor time others
    leave, which on a busy machine is nearly none; here that is done once, and before a page waits for it.
    """
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared_home"
    (home / SPECS).mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "lossviz.training.data.prepare", "--keep-going"],
        cwd=ROOT,
        env={**os.environ, **data_environment, "LOSSVIZ_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return home


def with_what_is_shared(home: Path, shared_home: Path) -> Path:
    """Let a home have what all servers share; returns the home."""
    for part in (SPECS, "datasets"):
        (home / part).symlink_to(shared_home / part)
    return home


@pytest.fixture
def server_home(tmp_path: Path, shared_home: Path) -> Path:
    """A home for a server of a test's own, which finds what all share and nothing else."""
    return with_what_is_shared(tmp_path, shared_home)


@pytest.fixture(scope="session")
def app_server(
    tmp_path_factory: pytest.TempPathFactory, data_environment: dict[str, str], shared_home: Path
) -> Iterator[LiveServer]:
    """The app on a real server, shared by the tests that leave nothing behind.

    What a test that fails leaves running is nobody's soon, and out of the way of those after it.
    """
    env = {**data_environment, "LOSSVIZ_ABANDONED_SECONDS": "60"}
    home = with_what_is_shared(tmp_path_factory.mktemp("home"), shared_home)
    with live_server(home, env=env) as server:
        yield server
    # Whatever reached the screen or not: no script of any page may have failed.
    assert not [line for line in server.output if "Uncaught app" in line], "\n".join(server.output)


@pytest.fixture(scope="session")
def app_url(app_server: LiveServer) -> str:
    """The address of the app."""
    return app_server.url
