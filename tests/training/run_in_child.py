"""Runs trained by a real worker, one after the other in one process, as the server has them trained."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lossviz.training.events import Epoch, Failed, Finished, Initial, Started, Stopped, from_line
from lossviz.training.settings import Settings
from lossviz.training.snapshots import RunSnapshot
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


def train_all(wanted: Sequence[Settings], data: Path, runs: Path) -> list[RunSnapshot]:
    """Train in a worker with one thread.

    Args:
        wanted: What to train.
        data: An array folder.
        runs: Where the runs leave their files; the run of place 2 in the folder "run-2".

    Returns:
        Each run as it ended, with its predictions.
    """
    worker = subprocess.Popen(
        [sys.executable, "-m", "lossviz.training.worker"],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        found = []
        for place, settings in enumerate(wanted):
            order = {
                "order": "train",
                "run": f"run-{place}",
                "settings": settings.as_dict(),
                "folder": str(data),
                "runs": str(runs),
            }
            worker.stdin.write(json.dumps(order) + "\n")
            worker.stdin.flush()
            found.append(_follow(f"run-{place}", settings, iter(worker.stdout.readline, "")))
        return found
    finally:
        worker.stdin.close()
        worker.stdout.close()
        worker.wait(timeout=PATIENCE)


def _follow(run: str, settings: Settings, lines: Iterator[str]) -> RunSnapshot:
    started, initial, epochs = None, None, []
    for line in lines:
        event = from_line(line)
        assert not isinstance(event, Failed), event
        if isinstance(event, Started):
            started = event
        elif isinstance(event, Initial):
            initial = event
        elif isinstance(event, Epoch):
            epochs.append(event)
        elif isinstance(event, Finished | Stopped):
            left = event.artefacts["predictions"]
            return RunSnapshot(
                run,
                settings,
                "finished",
                started=started,
                initial=initial,
                epochs=tuple(epochs),
                result=event,
                predictions=Path(left) if left else None,
            )
    raise AssertionError("the worker ended")
