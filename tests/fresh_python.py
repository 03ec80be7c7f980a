"""A program run by a Python of its own, which has loaded nothing that the tests have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.live_server import ROOT
from tests.patience import PATIENCE


def run_alone(code: str, *, cwd: Path = ROOT, new_session: bool = False) -> str:
    """Run a program; what it says of an error is shown with the test's own output.

    Args:
        code: The program.
        cwd: The folder it is started in.
        new_session: Whether it gets a session of its own, as lossviz's children do.

    Returns:
        What it has printed.

    Raises:
        subprocess.CalledProcessError: It has not ended with status 0.
        subprocess.TimeoutExpired: It has not ended in time.
    """
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        start_new_session=new_session,
    ).stdout
