"""Training in lossviz against skorch, Lightning, fastai and Keras, as ratios: `python -m benchmarks.frameworks`.

The frameworks are no dependency of lossviz. Install them into an environment outside the repository:

    python3 -m venv ../frameworks
    ../frameworks/bin/pip install -r requirements.txt -r benchmarks/frameworks-requirements.txt
    LOSSVIZ_DATA=... ../frameworks/bin/python -m benchmarks.frameworks

One that is not installed is left out. Equal for all: the network (the CNN and the MLP of lossviz, channels-last),
FashionMNIST (LOSSVIZ_DATA), batches of 64, cross-entropy, fused Adam (Keras has its own), threads, and a process
environment that keeps freed memory. lossviz trains in its worker process, and every event that it tells is read here,
as the server does; the frameworks have their images in memory as float32, normalised ahead, and everything optional
off (`benchmarks/framework_loops.py`). They take short turns, each in a process of its own, so that what else the
machine does hits all of them. Only training steps are timed. Ratios are medians over the turns of ratios within a turn.
On a machine that is busy with something else, `--processor-time` takes one thread and counts the processor's time.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from benchmarks.framework_loops import FRAMEWORKS, RATE, installed
from lossviz.training.child_process import WORKER_ALONE, ChildProcess, environment
from lossviz.training.data.dataset import open_dataset
from lossviz.training.data.locate import Search
from lossviz.training.events import DataReady, Event, Failed, Finished
from lossviz.training.settings import Settings

OURS = "lossviz"
BATCH = 64
IMAGES = {"mlp": 16_000, "cnn": 5_000}
HELD_OUT = 0.02
PROCESSOR_TIME_WORKER = (
    sys.executable,
    "-c",
    "import time; time.perf_counter = time.process_time; from lossviz.training.worker import main; main()",
    "--alone",
)

Turn = Callable[[str], float]
"""A network's name; to images per second of a turn."""


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=9, help="turns of each (default: 9)")
    parser.add_argument("--model", choices=list(IMAGES), help="this network only")
    parser.add_argument("--threads", type=int, help="so many threads (default: as many as there are cores)")
    parser.add_argument(
        "--processor-time", action="store_true", help="one thread, its processor time: for a busy machine"
    )
    parser.add_argument("--contender", choices=list(FRAMEWORKS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.contender:
        if asked.processor_time:
            time.perf_counter = time.process_time
        take_turns(asked.contender, asked.folder)
        return
    names = installed()
    for name in FRAMEWORKS:
        if name not in names:
            print(f"{name} is not installed and left out")
    if asked.threads or asked.processor_time:
        os.environ["OMP_NUM_THREADS"] = "1" if asked.processor_time else str(asked.threads)
    options = ["--processor-time"] if asked.processor_time else []
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        found = Search(Path(home)).find("fashion-mnist")
        print(found.origin)
        worker = PROCESSOR_TIME_WORKER if asked.processor_time else WORKER_ALONE
        contenders = {OURS: our_worker(worker, found, Path(home) / "runs", stack)}
        options += ["--folder", found.folder]
        contenders |= {name: framework(name, options, stack) for name in names}
        for model in [asked.model] if asked.model else list(IMAGES):
            compare(model, contenders, asked.turns)


def compare(model: str, contenders: Mapping[str, Turn], turns: int) -> None:
    """Let the contenders take turns, and print what came of it."""
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(-1, turns):
        for name in sorted(contenders, reverse=bool(number % 2)):
            speeds[name].append(contenders[name](model))
    speeds = {name: each[1:] for name, each in speeds.items()}  # the first warms up
    print(f"{model}, {turns} turns, medians: ", end="")
    print(", ".join(f"{name} {statistics.median(each):,.0f} images/s" for name, each in speeds.items()))
    for name in list(speeds)[1:]:
        ratios = [ours / theirs for ours, theirs in zip(speeds[OURS], speeds[name], strict=True)]
        print(
            f"{model}: lossviz / {name} = {statistics.median(ratios):.2f}"
            f"  (turns from {min(ratios):.2f} to {max(ratios):.2f})",
            flush=True,
        )


def our_worker(command: Sequence[str], data: DataReady, runs: Path, stack: ExitStack) -> Turn:
    """The process that trains, with the reading of its events in this one.

    Args:
        command: How it is started.
        data: What it trains on.
        runs: Where its runs are kept.
        stack: Ends it.
    """
    told: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
    child = ChildProcess(command, lambda _, event: told.put(event), lambda *_: told.put(None), quiet=False)
    stack.callback(child.join, 10)
    stack.callback(child.end)
    (runs / OURS).mkdir(parents=True)

    def turn(model: str) -> float:
        settings = Settings(
            model=model,
            batch_size=BATCH,
            learning_rate=RATE,
            schedule="constant",
            epochs=1,
            train_size=IMAGES[model],
            validation_share=HELD_OUT,
        )
        child.send(
            {
                "order": "train",
                "run": OURS,
                "settings": settings.as_dict(),
                "folder": data.folder,
                "origin": data.origin,
                "runs": str(runs),
            }
        )
        while True:
            event = told.get()
            if isinstance(event, Finished):
                return event.images_per_second
            if event is None or isinstance(event, Failed):
                raise RuntimeError(f"the run failed: {event}")

    return turn


def framework(name: str, options: Sequence[str], stack: ExitStack) -> Turn:
    """A framework in a process of its own.

    Args:
        name: Which.
        options: What it is told beside its name.
        stack: Ends it.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.frameworks", *options, "--contender", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(quiet=False),
    )
    stack.callback(process.communicate)

    def turn(model: str) -> float:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        process.stdin.write(f"{model}\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{name} ended too soon")
        return float(json.loads(line))

    return turn


def take_turns(name: str, folder: Path) -> None:
    """Train as often as standard input says: one line, one network, one turn."""
    output = own_output()
    import numpy as np
    import torch

    from lossviz.training import devices, models

    dataset = open_dataset(folder)
    for line in sys.stdin:
        model = line.strip()
        torch.set_num_threads(devices.threads(model, beside_page=False))
        count = round(IMAGES[model] * (1 - HELD_OUT))
        pixels = torch.from_numpy(np.array(dataset.train_images[:count])).unsqueeze(1)
        images = pixels.div(255).sub(dataset.mean).div(dataset.std)
        labels = torch.from_numpy(dataset.train_labels[:count].astype(np.int64))
        network = models.build(model).to(memory_format=torch.channels_last)
        seconds = FRAMEWORKS[name](
            network, images.contiguous(memory_format=torch.channels_last), labels, BATCH
        )
        print(json.dumps(count / seconds), file=output, flush=True)


def own_output() -> TextIO:
    """The real standard output; what else prints, goes to standard error."""
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return output


if __name__ == "__main__":
    main()
