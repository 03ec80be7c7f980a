"""The real Streamlit server, started as a user starts it, on a free port of the loopback address."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class LiveServer:
    """A running server.

    Attributes:
        url: Where it listens, without a slash at the end.
        process: The server's process.
        output: The lines that it has printed.
    """

    url: str
    process: subprocess.Popen[str]
    output: list[str] = field(default_factory=list)

    def interact(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON, as the API takes it
        """One step of a session over HTTP: open a page, set widgets, press a button."""
        asked = urllib.request.Request(  # noqa: S310 - a loopback address
            f"{self.url}/_stcore/agent/interact",
            data=json.dumps(request).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=PATIENCE) as response:  # noqa: S310 - as above
            answer: dict[str, Any] = json.load(response)
        return answer


@contextmanager
def live_server(
    home: Path, *, script: Path | None = None, env: Mapping[str, str] | None = None
) -> Iterator[LiveServer]:
    """Start a server and stop it at the end.

    Args:
        home: The folder for lossviz's cache and runs.
        script: What to run instead of the app.
        env: Environment variables beside those of this process.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.enableAgentApi": "true",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script or ROOT / "streamlit_app.py")]
        + [f"--{flag}={value}" for flag, value in flags.items()],
        cwd=ROOT,
        env={**os.environ, "LOSSVIZ_HOME": str(home), "PYTHONUNBUFFERED": "1", **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    server = LiveServer(f"http://127.0.0.1:{port}", process)
    listening = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            server.output.append(line)
            if "You can now view" in line or "URL:" in line:
                listening.set()
        listening.set()  # it has ended, and will not listen any more

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert listening.wait(PATIENCE)
        assert process.poll() is None, f"the server did not start: {''.join(server.output)}"
        yield server
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
        reader.join(timeout=PATIENCE)
        assert process.stdout is not None
        process.stdout.close()


def elements(tree: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """Every element of a kind in a snapshot's tree, in the order of the page."""
    found = [dict(tree)] if tree.get("type") == kind else []
    for child in tree.get("children", []):
        found += elements(child, kind)
    return found
