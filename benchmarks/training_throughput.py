"""How fast the engine trains, as ratios: `python -m benchmarks.training_throughput [--quick] [--preset]`.

`--task embed` or `--loss HuberLoss` measure one task's or one loss's, `--every-loss` all of them in turn; only the
engine and the loop by hand take part then. `--model` and `--turns` make it shorter. On a machine that is busy with
something else, `--processor-time` takes one thread and counts the processor's time instead of the clock's.

Three contenders train the same network on FashionMNIST (LOSSVIZ_DATA) with batches of 64 and Adam:

- engine: lossviz.training.engine, events told to another process included;
- by hand: the best loop we know: uint8 in memory, batch by index, normalised on the fly, channels-last, pooling
  before ReLU, fused Adam, no losses kept;
- tutorial: torchvision's FashionMNIST, ToTensor and Normalize, a shuffling DataLoader, Adam as it comes.

Equal for all: the network, batch size, device (CPU), threads, and the environment of the process (an allocator
that keeps its memory; threads as on the command line, or with --beside-page as in the app). Each has a process of
its own; they take turns, so that what else the machine does hits all of them. Only training steps are timed, not
loading or measuring. Ratios are medians over the turns of ratios within a turn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lossviz.training import devices
from lossviz.training.child_process import environment
from lossviz.training.data.locate import Search
from lossviz.training.objectives import catalogue

CONTENDERS = ("engine", "by hand", "tutorial")
DEFAULT = ("classify", "CrossEntropyLoss")
BATCH = 64
IMAGES = {"mlp": 16_000, "cnn": 5_000}
TUTORIAL_IMAGES = {"mlp": 1_920, "cnn": 960}


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="nine turns instead of thirty-one")
    parser.add_argument(
        "--beside-page", action="store_true", help="one thread fewer, waiting quietly, as in the app"
    )
    parser.add_argument("--preset", action="store_true", help='train the preset "90 %% in half a minute" too')
    parser.add_argument("--task", choices=list(catalogue.TASKS), help="measure the losses of this task")
    parser.add_argument("--loss", help="measure this loss, in every task that it trains in or in --task")
    parser.add_argument("--every-loss", action="store_true", help="measure every loss of every task")
    parser.add_argument("--model", choices=list(IMAGES), help="measure this network only")
    parser.add_argument("--turns", type=int, help="so many turns")
    parser.add_argument(
        "--processor-time", action="store_true", help="one thread, its processor time: for a busy machine"
    )
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.contender:
        if asked.processor_time:
            time.perf_counter = time.process_time  # the engine's clock too
        take_turns(asked.contender, asked.folder)
        return
    with tempfile.TemporaryDirectory() as home:
        found = Search(Path(home)).find("fashion-mnist")
        print(found.origin)
        compare(
            found.folder,
            jobs(asked.task, asked.loss, every_loss=asked.every_loss),
            models=[asked.model] if asked.model else list(IMAGES),
            turns=asked.turns or (9 if asked.quick else 31),
            beside_page=asked.beside_page,
            processor_time=asked.processor_time,
        )
        if asked.preset:
            train_preset(home)


def jobs(task: str | None, loss: str | None, *, every_loss: bool) -> list[tuple[str, str]]:
    """The tasks and losses to measure."""
    if not (task or loss or every_loss):
        return [DEFAULT]
    known = [(each, name) for each in catalogue.TASKS for name in catalogue.losses(each)]
    found = [job for job in known if task in (None, job[0]) and loss in (None, job[1])]
    if not found:
        sys.exit(f"{loss} does not train in {'any task' if task is None else task}.")
    return found


def compare(
    folder: str,
    measured: list[tuple[str, str]],
    models: list[str],
    turns: int,
    *,
    beside_page: bool,
    processor_time: bool = False,
) -> None:
    """Let the contenders take turns, and print what came of it."""
    command = [sys.executable, __file__, "--folder", folder, "--contender"]
    variables = environment(quiet=beside_page)
    if beside_page:
        variables["OMP_NUM_THREADS"] = str(max(1, devices.cores() - 1))
    if processor_time:
        variables["OMP_NUM_THREADS"] = "1"
        command.insert(2, "--processor-time")
    contenders = CONTENDERS if measured == [DEFAULT] else CONTENDERS[:2]
    processes = {
        name: subprocess.Popen(
            [*command, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=variables
        )
        for name in contenders
    }
    place = "in the app" if beside_page else "on the command line"
    print(f"{turns} turns, batch {BATCH}, threads as {place}; medians")
    worst: tuple[float, str] = (float("inf"), "")
    for task, loss in measured:
        for model in models:
            speeds: dict[str, list[float]] = {name: [] for name in contenders}
            for number in range(-1, turns):
                for name in contenders if number % 2 else reversed(contenders):
                    images = TUTORIAL_IMAGES[model] if name == "tutorial" else IMAGES[model]
                    speeds[name].append(turn(processes[name], (task, loss, model), images))
            title = model if measured == [DEFAULT] else f"{task} {loss} {model}"
            ratio = report(title, {name: each[1:] for name, each in speeds.items()})  # the first warms up
            worst = min(worst, (ratio, title))
    if len(measured) > 1:
        print(f"lowest: {worst[0]:.2f} ({worst[1]})")
    for process in processes.values():
        process.communicate()


def turn(process: subprocess.Popen[str], job: tuple[str, str, str], images: int) -> float:
    """Have a contender train once; returns images per second."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a process without pipes")
    process.stdin.write(json.dumps([*job, images]) + "\n")
    process.stdin.flush()
    for line in process.stdout:
        told = json.loads(line)
        if "images_per_second_timed" in told:
            return float(told["images_per_second_timed"])
    raise RuntimeError("a contender ended too soon")


def report(title: str, speeds: dict[str, list[float]]) -> float:
    """Print medians and ratios; returns the engine's to the loop by hand."""
    print(
        f"{title}: "
        + ", ".join(f"{name} {statistics.median(each):,.0f} img/s" for name, each in speeds.items())
    )
    medians = {}
    for other in list(speeds)[1:]:
        ratios = sorted(ours / theirs for ours, theirs in zip(speeds["engine"], speeds[other], strict=True))
        medians[other] = statistics.median(ratios)
        print(
            f"{title}: engine / {other} = {medians[other]:.2f}"
            f"  (turns from {ratios[0]:.2f} to {ratios[-1]:.2f})",
            flush=True,
        )
    return medians["by hand"]


def train_preset(home: str) -> None:
    """Train the preset from the command line and print its accuracy and its time."""
    variables = {**environment(quiet=False), "LOSSVIZ_HOME": home}
    command = [sys.executable, "-m", "lossviz.training", "--preset", "ninety-percent"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=variables)
    finished = json.loads(done.stdout.splitlines()[-1])
    print(
        f"90 % in half a minute: {finished['test_accuracy']:.2%} of the official test images after "
        f"{finished['training_seconds']:.1f} s of training, {finished['seconds']:.1f} s with measuring"
    )


def take_turns(name: str, folder: Path) -> None:
    """Train as often as standard input says: one line, one turn."""
    train = {"engine": engine, "by hand": by_hand, "tutorial": tutorial}[name](folder)
    for line in sys.stdin:
        task, loss, model, images = json.loads(line)
        print(json.dumps({"images_per_second_timed": train(task, loss, model, images)}), flush=True)


Trainer = Callable[[str, str, str, int], float]


def engine(folder: Path) -> Trainer:
    """Our own engine, its events told on standard output."""
    from lossviz.training import engine as lossviz_engine
    from lossviz.training.data.dataset import open_dataset
    from lossviz.training.events import Event, to_line
    from lossviz.training.settings import Settings

    lossviz_engine.warm_up()
    dataset = open_dataset(folder)

    def emit(event: Event) -> None:
        print(to_line(event), flush=True)

    def train(task: str, loss: str, model: str, images: int) -> float:
        settings = Settings(
            task=task,
            loss=loss,
            model=model,
            batch_size=BATCH,
            epochs=1,
            train_size=images,
            validation_share=0.02,
        )
        return lossviz_engine.train(settings, dataset, emit).images_per_second

    return train


def by_hand(folder: Path) -> Trainer:
    """The best loop we can write by hand."""
    import numpy as np
    import torch

    from benchmarks.hand_written_losses import step
    from lossviz.training import models
    from lossviz.training.data.dataset import open_dataset
    from lossviz.training.settings import Settings
    from lossviz.training.tasks.tasks import TASKS

    dataset = open_dataset(folder)
    mean, scale = dataset.mean * 255, 1 / (dataset.std * 255)

    def train(task: str, loss: str, model: str, count: int) -> float:
        images = torch.from_numpy(np.array(dataset.train_images[:count])).unsqueeze(1)
        labels = torch.from_numpy(dataset.train_labels[:count].astype(np.int64))
        network = TASKS[task].network(Settings(task=task, loss=loss, model=model))
        network = network.to(memory_format=torch.channels_last)
        criterion, head = step(task, loss, models.FEATURES[model])
        learned = [*network.parameters(), *(head.parameters() if head is not None else ())]
        optimizer = torch.optim.Adam(learned, lr=1e-3, fused=True)
        draws = task == "reconstruct"
        start = time.perf_counter()
        for batch in torch.split(torch.randperm(count), BATCH):
            pixels = images[batch]
            output = network(pixels.sub(mean).mul_(scale))
            value = criterion(output, pixels.mul(1 / 255) if draws else labels[batch])
            optimizer.zero_grad()
            torch.autograd.backward(value)
            optimizer.step()
        return count / (time.perf_counter() - start)

    return train


def tutorial(folder: Path) -> Trainer:
    """What torchvision's and PyTorch's tutorials show."""
    import torch
    import torchvision
    from torch.utils.data import DataLoader, Subset
    from torchvision import transforms

    from lossviz.training import models
    from lossviz.training.data.fashion_mnist import find

    root = folder.parent / "torchvision"
    raw = root / "FashionMNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for path in find(Path(os.environ["LOSSVIZ_DATA"]))[0].values():
        (raw / path.name).symlink_to(path.absolute())
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.286], [0.353])])
    data = torchvision.datasets.FashionMNIST(root, train=True, transform=transform, download=True)

    def train(_task: str, _loss: str, model: str, count: int) -> float:
        loader = DataLoader(Subset(data, range(count)), batch_size=BATCH, shuffle=True)
        network = models.build(model)
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
        criterion = torch.nn.CrossEntropyLoss()
        start = time.perf_counter()
        for images, labels in loader:
            loss = criterion(network(images), labels)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
        return count / (time.perf_counter() - start)

    return train


if __name__ == "__main__":
    main()
