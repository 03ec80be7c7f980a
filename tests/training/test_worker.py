"""The worker leaves when whoever started it is gone, whatever it is doing."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from lossviz.training.child_process import PREPARE, WORKER, environment
from lossviz.training.settings import Settings
from tests.patience import PATIENCE


def test_a_worker_leaves_when_its_input_ends_in_the_middle_of_training(
    data_folder: Path, tmp_path: Path
) -> None:
    settings = Settings(train_size=10_000, epochs=50)
    order = {"order": "train", "run": "r", "settings": settings.as_dict(), "folder": str(data_folder)}
    with subprocess.Popen(WORKER, stdin=PIPE, stdout=PIPE, env=environment(), text=True) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(json.dumps({**order, "runs": str(tmp_path)}) + "\n")
        worker.stdin.flush()
        assert any(json.loads(line)["event"] == "steps" for line in worker.stdout)
        worker.stdin.close()
        assert worker.wait(timeout=PATIENCE) == 0


@pytest.mark.parametrize("command", [WORKER, (*PREPARE, "drawn-garments")], ids=["worker", "prepare"])
def test_a_child_leaves_while_it_is_starting(command: tuple[str, ...], tmp_path: Path) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False,
        env={**environment(), "LOSSVIZ_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0
    assert b"finished" not in done.stdout
    assert not (tmp_path / "datasets" / "drawn-garments").exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["terminated", "killed"])
def test_a_server_that_is_gone_leaves_no_worker(how: signal.Signals, tmp_path: Path) -> None:
    server = (
        "import threading\n"
        "from lossviz.training.jobs import JobManager\n"
        "manager = JobManager()\n"
        "manager.warm_up()\n"
        "print('warming', flush=True)\n"
        "threading.Event().wait()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", server],
        stdout=PIPE,
        text=True,
        env={**environment(), "LOSSVIZ_HOME": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "warming\n"
        [worker] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        pidfd = os.pidfd_open(int(worker))
        process.send_signal(how)
        process.wait(timeout=PATIENCE)
    ended, _, _ = select.select([pidfd], [], [], PATIENCE)
    os.close(pidfd)
    assert ended, "the worker is still there"


def test_a_child_process_keeps_its_memory_and_waits_quietly() -> None:
    variables = environment({"PYTHONPATH": "elsewhere"})
    assert variables["OMP_WAIT_POLICY"] == "PASSIVE"
    assert int(variables["MALLOC_MMAP_THRESHOLD_"]) == 32 * 2**20
    assert variables["PYTHONPATH"].endswith(os.pathsep + "elsewhere")
    assert "OMP_WAIT_POLICY" not in environment({}, quiet=False)
