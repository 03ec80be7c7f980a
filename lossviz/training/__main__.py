"""Train from the command line: `python -m lossviz.training --loss CrossEntropyLoss --model cnn`."""

from __future__ import annotations

import argparse
import os
import queue
import secrets
import signal
import sys
from collections.abc import Sequence
from dataclasses import fields
from types import FrameType
from typing import Any

from lossviz.losses.link import quoted
from lossviz.losses.typed_number import LISTS, TypedNumberError, read_number
from lossviz.training import settings as allowed
from lossviz.training.child_process import PREPARE, WORKER_ALONE, ChildProcess
from lossviz.training.events import DataReady, Event, Failed, Finished, Started, Stopped, Waiting, to_line
from lossviz.training.home import HomeError, home
from lossviz.training.link import checked_argument
from lossviz.training.objectives import catalogue
from lossviz.training.presets import ALL_PRESETS
from lossviz.training.settings import Settings, SettingsError
from lossviz.training.worker_pool import how_it_ended

_HELP = """\
Train a network on FashionMNIST, or on drawn garments where FashionMNIST is not to be had, and tell how it goes:
one JSON object a line on standard output, "started" first and "finished" last.

--task says what for: to tell the ten classes apart, to reconstruct images through a bottleneck, or to embed them on
a plane. A loss without a task takes the first that it trains in.

FashionMNIST comes from the folder in LOSSVIZ_DATA, the cache, or a download. LOSSVIZ_HOME is where lossviz keeps
its cache and its runs. --validation-share of the --train-size images is held out and not trained on: of all
60,000, 6,000 by default. The official 10,000 test images are measured once, at the end.

It takes all cores; on a machine that is busy with something else, OMP_NUM_THREADS=1 is often faster.

Ctrl-C stops a run and keeps what it learned. Exit status: 0 finished, 1 failed, 2 bad argument, 130 stopped.
"""

_WORDS = {
    "data": "where the images come from",
    "task": "what to train for (default: the first that the loss trains in)",
    "loss": "name of the loss, as PyTorch spells it (default: the first of the task, to classify CrossEntropyLoss)",
    "mistake": "a bug to train with on purpose",
    "label_smoothing": "share of the target spread evenly, CrossEntropyLoss and LinearCrossEntropyLoss only",
    "model": "network",
    "optimizer": "optimiser",
    "learning_rate": "learning rate; with the one-cycle schedule, its peak (default: by optimiser, Adam 0.005)",
    "schedule": "how the learning rate moves",
    "batch_size": "images a step",
    "epochs": "passes over the training images",
    "train_size": "images used, of the 60,000; the validation share of them is held out",
    "validation_share": "share of --train-size held out",
    "seed": "picks images, first weights and order of batches",
    "device": "where to compute",
    **{name: f"{text[0].lower()}{text[1:-1]}" for name, text in allowed.MEANINGS.items()},
}
_CHOICES = {
    "data": allowed.DATA,
    "task": allowed.TASKS,
    "mistake": allowed.MISTAKES,
    "model": allowed.MODELS,
    "optimizer": allowed.OPTIMIZERS,
    "schedule": allowed.SCHEDULES,
    "device": allowed.DEVICES,
}
_TEXT = ("loss",)

FINISHED, FAILED, BAD_ARGUMENT, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what the command line asks for.

    Args:
        arguments: The command line after the program's name; None for this process's own.

    Returns:
        Exit status: 0 finished, 1 failed, 130 stopped by Ctrl-C. A bad argument leaves with status 2.
    """
    settings = _settings(arguments)
    try:
        folder = home()
    except HomeError as error:
        return _tell_failure(Failed(str(error), "Then train again."))
    run = _Run()
    signal.signal(signal.SIGINT, run.interrupt)
    worker = ChildProcess(
        WORKER_ALONE, run.take, run.lost, quiet=False
    )  # torch loads while the data is found
    preparing = ChildProcess([*PREPARE, settings.data], run.take, run.lost)
    try:
        return run.follow(worker, settings, str(folder / "runs"))
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    finally:
        for child in (preparing, worker):
            child.end()
            if not child.join(2.0):
                child.kill()


def _settings(arguments: Sequence[str] | None) -> Settings:
    """The settings asked for; leaves with status 2 where they cannot be trained with."""
    parser = argparse.ArgumentParser(
        prog="python -m lossviz.training",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    titles = ", ".join(f"{preset.key} ({preset.title})" for preset in ALL_PRESETS)
    parser.add_argument(
        "--preset",
        choices=[preset.key for preset in ALL_PRESETS],
        help=f"start from: {titles.replace('%', '%%')}",
    )
    for field in fields(Settings):
        if field.name == "arguments":
            continue
        words = _WORDS[field.name]
        if field.name in allowed.SWITCHES:
            parser.add_argument(
                f"--{field.name.replace('_', '-')}",
                action=argparse.BooleanOptionalAction,
                default=argparse.SUPPRESS,
                help=words,
            )
            continue
        kind = str if field.name in (*_CHOICES, *_TEXT) else _number
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=kind,
            choices=_CHOICES.get(field.name),
            default=argparse.SUPPRESS,
            help=words if "default" in words else f"{words} (default: {field.default})",
        )
    _add_loss_arguments(parser)
    asked = vars(parser.parse_args(arguments))
    chosen = asked.pop("preset")
    base = next((preset.settings.as_dict() for preset in ALL_PRESETS if preset.key == chosen), {})
    if "optimizer" in asked:
        base.pop("learning_rate", None)  # the preset's rate was chosen for its own optimiser
    if "loss" in asked or "task" in asked:
        for name in ("loss", "task", "arguments", "label_smoothing", "mistake"):
            base.pop(name, None)  # and so were these
    values, problems = _with_loss_arguments({**base, **asked})
    try:
        settings = Settings.parse(values)
    except SettingsError as error:
        problems += error.problems
    if problems:
        parser.exit(BAD_ARGUMENT, "".join(f"{parser.prog}: {problem}\n" for problem in problems))
    return settings


def _add_loss_arguments(parser: argparse.ArgumentParser) -> None:
    """An option for every argument that some loss has; which loss takes which is the settings' to say."""
    group = parser.add_argument_group(
        "arguments of the losses", f"numbers; true or false; ten numbers, {LISTS}"
    )
    for name in catalogue.argument_names():
        owners = dict.fromkeys(
            spec.name for known in catalogue.TASKS.values() for spec in known.values() if spec.argument(name)
        )
        group.add_argument(
            f"--{name.replace('_', '-')}", dest=name, default=argparse.SUPPRESS, help=", ".join(owners)
        )


def _with_loss_arguments(asked: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Move the losses' arguments into one setting, each read as its loss reads it, and say which cannot be read."""
    texts = {name: asked[name] for name in catalogue.argument_names() if name in asked}
    others = {name: value for name, value in asked.items() if name not in texts}
    if not texts:
        return others, []
    task = asked.get("task") or next(iter(catalogue.tasks_of(asked.get("loss", ""))), Settings().task)
    loss = asked.get("loss") or catalogue.losses(task)[0]
    read: dict[str, object] = {}
    problems: list[str] = []
    for name, text in texts.items():
        argument = catalogue.argument(task, loss, name)
        value, problem = checked_argument(argument, text) if argument else (text, None)
        if problem is None:
            read[name] = value
        else:
            problems.append(problem)
    return {**others, "arguments": {**asked.get("arguments", {}), **read}}, problems


def _number(text: str) -> float:
    """A number of the command line; a whole one as an int, as messages show it."""
    try:
        number = read_number(text)
    except TypedNumberError as error:
        raise argparse.ArgumentTypeError(f"{quoted(text)} {error.why}") from None
    return int(number) if number.is_integer() else number


class _Run:
    """One run, followed from its events and from Ctrl-C, which come through one queue so that none is lost."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()

    def take(self, _child: ChildProcess, event: Event) -> None:
        self._events.put(event)

    def lost(self, _child: ChildProcess, status: int, errors: str) -> None:
        if status != 0:
            self._events.put(Failed(how_it_ended(status, errors), "Train again."))

    def interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        self._events.put(None)

    def follow(self, worker: ChildProcess, settings: Settings, runs: str) -> int:
        run = secrets.token_urlsafe(8)
        learning = False
        while True:
            event = self._events.get()
            if event is None:
                if not learning:
                    return INTERRUPTED  # nothing has been learned yet, or it is the second Ctrl-C
                learning = False
                worker.send({"order": "stop", "run": run})
            elif isinstance(event, DataReady):
                for note in event.notes:
                    print(note, file=sys.stderr, flush=True)  # noqa: T201 - the command's own output
                worker.send(
                    {
                        "order": "train",
                        "run": run,
                        "settings": settings.as_dict(),
                        "folder": event.folder,
                        "origin": event.origin,
                        "runs": runs,
                    }
                )
            elif isinstance(event, Failed):
                return _tell_failure(event)
            elif not isinstance(event, Waiting):
                _tell(event)
                learning = learning or isinstance(event, Started)
                if isinstance(event, Finished | Stopped):
                    return FINISHED if isinstance(event, Finished) else INTERRUPTED


def _tell(event: Event) -> None:
    print(to_line(event), flush=True)  # noqa: T201 - the command's own output


def _tell_failure(failed: Failed) -> int:
    _tell(failed)
    print(f"{failed.message} {failed.advice}", file=sys.stderr)  # noqa: T201 - the command's own output
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
