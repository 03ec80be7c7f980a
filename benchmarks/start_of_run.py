"""Seconds from pressing Train to the first point of the curves: `python -m benchmarks.start_of_run`.

As on a training page that has been open for a while: a worker has loaded torch and waits, and the data is there. For
each task a fresh server's manager, so that the first of its runs is the first that the worker trains; then two more
runs by the same worker. Timed is `JobManager.submit` until a snapshot holds the first point (`Initial`), asked for
every hundredth of a second; a page looks every half second. FashionMNIST comes from LOSSVIZ_DATA; all 60,000 images
are trained on. Exit status 1 if a run takes longer than three seconds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lossviz.training.cores import cores
from lossviz.training.jobs import JobManager
from lossviz.training.objectives import catalogue
from lossviz.training.settings import MODELS, Settings

SECONDS = 3.0
OWNER = "benchmark"
WAIT_SECONDS = 120.0


def main() -> None:
    """Print the seconds of each task's runs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--open-seconds", type=float, default=15.0, help="how long the page is open (default: 15)"
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of each worker (default: 3)")
    parser.add_argument("--model", choices=MODELS, default="cnn", help="the network (default: cnn)")
    asked = parser.parse_args()
    print(f"{cores()} cores, {asked.model}, page open for {asked.open_seconds:g} s")
    firsts, all_runs = [], []
    with tempfile.TemporaryDirectory() as home:
        for task in catalogue.TASKS:
            loss = next(iter(catalogue.losses(task)))
            settings = Settings(task=task, loss=loss, model=asked.model, train_size=60_000)
            taken = first_points(Path(home), settings, asked.runs, asked.open_seconds)
            firsts.append(taken[0])
            all_runs += taken
            print(f"{task} {loss}: " + ", ".join(f"{seconds:.2f}" for seconds in taken) + " s", flush=True)
    print(f"slowest {max(all_runs):.2f} s; first run of a worker, median {statistics.median(firsts):.2f} s")
    sys.exit(0 if max(all_runs) <= SECONDS else 1)


def first_points(home: Path, settings: Settings, runs: int, open_seconds: float) -> list[float]:
    """Train with a worker that has been waiting, and stop at the first point.

    Args:
        home: Where runs and data are kept.
        settings: What to train.
        runs: How many runs, one after the other.
        open_seconds: How long the worker has waited before, its data ready.

    Returns:
        Seconds from the order to the first point, of each run.
    """
    jobs = JobManager(home=home)
    try:
        jobs.warm_up()
        jobs.prepare_data(settings.data)
        wait(lambda: jobs.data_status(settings.data).state == "ready", "the data is not ready")
        time.sleep(open_seconds)
        taken = []
        for _ in range(runs):
            start = time.perf_counter()
            run = jobs.submit(settings, OWNER)
            wait(partial(has_begun, jobs, run), "the run does not begin")
            taken.append(time.perf_counter() - start)
            jobs.stop(run, OWNER)
            wait(partial(has_ended, jobs, run), "the run does not end")
            time.sleep(1)
    finally:
        jobs.close()
    return taken


def has_begun(jobs: JobManager, run: str) -> bool:
    """Whether a run has its first point.

    Raises:
        RuntimeError: It has failed.
    """
    snapshot = jobs.snapshot(run)
    if snapshot is not None and snapshot.failure is not None:
        raise RuntimeError(snapshot.failure.message)
    return snapshot is not None and snapshot.initial is not None


def has_ended(jobs: JobManager, run: str) -> bool:
    """Whether a run has ended."""
    snapshot = jobs.snapshot(run)
    return snapshot is None or snapshot.ended


def wait(until: Callable[[], bool], otherwise: str) -> None:
    """Look every hundredth of a second.

    Raises:
        RuntimeError: It does not come within two minutes.
    """
    last = time.monotonic() + WAIT_SECONDS
    while not until():
        if time.monotonic() > last:
            raise RuntimeError(otherwise)
        time.sleep(0.01)


if __name__ == "__main__":
    main()
