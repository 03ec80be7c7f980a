"""Stand-ins for the processes that train and prepare, which obey at once, and how tests wait for a manager."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from lossviz.training.jobs import JobManager, RunSnapshot
from lossviz.training.limits import Limits
from lossviz.training.settings import Settings
from tests.patience import PATIENCE

FAKE_WORKER = """
import json, os, signal, sys
from lossviz.training.events import *

def tell(event):
    print(to_line(event), flush=True)

def outcome(kind, step):
    return kind(0, step, 1.0, 1.0, 1.0, 0.5, 10, None, None, 100.0, {"predictions": None})

print("a library says hello")
tell(Waiting())
run = None
for line in sys.stdin:
    order = json.loads(line)
    if order["order"] == "train":
        run, todo = order["run"], order["settings"]["seed"]
        tell(Started(run, order["settings"], "FashionMNIST", order["origin"], "cpu", "cpu", 1, 1, [], 90, 10, 10,
                     90, 2, 8, 2.3))
        tell(Initial(2.3, 0.1, 2.3, 0.1, 90, 10))
        tell(Steps(1, [2.0, float("nan")], 100.0, 30.0))
        if todo == 0:
            tell(outcome(Finished, 2))
        elif todo == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        elif todo == 2:
            tell(Failed("It broke.", "Mend it."))
        elif todo == 3:
            sys.exit("a last word")
    elif order["order"] == "stop" and order["run"] == run and todo != 9:
        tell(outcome(Stopped, 2))
"""
FINISHES, IS_KILLED, FAILS, EXITS, GOES_ON, IGNORES_STOP = 0, 1, 2, 3, 8, 9

FAKE_PREPARE = """
import os, sys
from lossviz.training.events import *
way, folder = sys.argv[1:3]
with open(folder + "/asked", "a") as file:
    file.write("x")
if way == "fails" or (way == "fails once" and os.path.getsize(folder + "/asked") == 1):
    print(to_line(Failed("No data.", "Get some.")), flush=True)
elif way == "dies":
    sys.exit("a last word")
else:
    print(to_line(Preparing("Fetching.", 1, 4)), flush=True)
    if way == "waits":
        sys.stdin.read()
        sys.exit()
    open(folder + "/about.json", "w").close()
    print(to_line(DataReady(folder, "FashionMNIST", "From a test.", ["A note."], way == "offline")), flush=True)
"""

T = TypeVar("T")


def until(look: Callable[[], T]) -> T:
    """What `look` gives as soon as that is something."""
    deadline, pause = time.monotonic() + PATIENCE, threading.Event()
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(0.005)
    return found


def lay_out(folder: Path) -> None:
    """Put the stand-ins into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "worker.py").write_text(FAKE_WORKER)
    (folder / "prepare.py").write_text(FAKE_PREPARE)
    (folder / "data").mkdir(exist_ok=True)


def manager_of(folder: Path, home: Path, limits: Limits | None = None, way: str = "ready") -> JobManager:
    """A manager with the stand-ins of a folder for its child processes."""
    return JobManager(
        home=home,
        limits=limits or Limits(),
        worker_command=[sys.executable, str(folder / "worker.py")],
        prepare_command=[sys.executable, str(folder / "prepare.py"), way, str(folder / "data")],
    )


def doing(what: int) -> Settings:
    """Settings that have the stand-in do something."""
    return Settings(seed=what, train_size=100, epochs=4)


def ended(manager: JobManager, run: str) -> RunSnapshot:
    """The run, once it has ended."""

    def look() -> RunSnapshot | None:
        snapshot = manager.snapshot(run)
        assert snapshot is not None
        return snapshot if snapshot.ended else None

    found = until(look)
    assert found is not None
    return found


def reaches(manager: JobManager, run: str, state: str) -> RunSnapshot:
    """The run, once it is in a state."""

    def look() -> RunSnapshot | None:
        snapshot = manager.snapshot(run)
        assert snapshot is not None
        assert snapshot.state == state or not snapshot.ended, snapshot
        return snapshot if snapshot.state == state else None

    found = until(look)
    assert found is not None
    return found


def children() -> list[int]:
    """Process ids of this process's children that have not ended."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it ended while we looked
        if int(parent) == os.getpid() and state != "Z":
            found.append(int(status.parent.name))
    return found
