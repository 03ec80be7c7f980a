"""Runs every preset and prints what the doctor says: `python -m benchmarks.presets [key ...]`.

For each: seconds of the clock and of the processor, the whole run; final numbers, the doctor's verdict after the
last epoch, which verdicts it gave on the way, and whether that is what the preset is there to show. FashionMNIST
comes from LOSSVIZ_DATA. Exit status 1 if a verdict is not the expected one, or a run takes more than half a minute
of one processor: on a machine that is busy with something else the clock says little.
Threads as in the app, one core left to the page; --threads takes another number.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lossviz.training.data.locate import Search
from lossviz.training.events import Epoch, Event, Initial
from lossviz.training.presets import ALL_PRESETS, TrainingPreset
from lossviz.training.run_diagnosis import diagnose_events

SECONDS = 30.0


def main() -> None:
    """Print a line or two a preset."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("keys", nargs="*", help="presets to run (default: all)")
    parser.add_argument("--threads", type=int, help="threads of torch")
    parser.add_argument("--seed", type=int, default=0, help="the seed of all runs (default: 0)")
    parser.add_argument("--curves", action="store_true", help="print every epoch too")
    asked = parser.parse_args()
    chosen = [preset for preset in ALL_PRESETS if not asked.keys or preset.key in asked.keys]
    with tempfile.TemporaryDirectory() as home:
        found = Search(Path(home)).find("fashion-mnist")
        print(found.origin)
        good = [
            run(preset, Path(found.folder), asked.seed, asked.threads, curves=asked.curves)
            for preset in chosen
        ]
    sys.exit(0 if all(good) else 1)


def run(preset: TrainingPreset, folder: Path, seed: int, threads: int | None, *, curves: bool) -> bool:
    """Run a preset and print what came of it; returns whether it is as it should be."""
    from dataclasses import replace

    import torch

    from lossviz.training import engine
    from lossviz.training.data.dataset import open_dataset

    settings = replace(preset.settings, seed=seed)
    engine.use_threads(settings, beside_page=True)
    if threads:
        torch.set_num_threads(threads)
    events: list[Event] = []
    start, worked = time.perf_counter(), time.process_time()
    outcome = engine.train(settings, open_dataset(folder), events.append)
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    on_the_way = []
    for number, event in enumerate(events):
        if isinstance(event, Epoch):
            said = diagnose_events(settings, events[: number + 1])
            on_the_way.append(said.verdict if said else "-")
        if curves and isinstance(event, Initial | Epoch):
            print(f"    {event.train_loss:.4g} {event.validation_loss:.4g} {event.validation_accuracy:.3f}")
    diagnosis = diagnose_events(settings, events)
    verdict = diagnosis.verdict if diagnosis else None
    good = verdict == preset.verdict and worked < SECONDS
    test = "-" if outcome.test_accuracy is None else f"{outcome.test_accuracy:.4f}"
    shortened = ", ".join(f"{name} x{len(list(group))}" for name, group in itertools.groupby(on_the_way))
    print(
        f"{'ok ' if good else 'BAD'} {preset.key}: {seconds:.1f} s ({worked:.1f} s of a processor), "
        f"validation loss {outcome.validation_loss:.4g}, "
        f"accuracy {outcome.validation_accuracy:.3f}, test accuracy {test}, verdict {verdict} "
        f"(expected {preset.verdict}); by epoch: {shortened}"
    )
    if diagnosis:
        print(f"    {diagnosis.headline} {' '.join(diagnosis.evidence)}")
    if outcome.range_test:
        found = outcome.range_test
        print(f"    suggestion {found.suggestion}, lowest {found.lowest}, diverges {found.diverges}")
    sys.stdout.flush()
    return good


if __name__ == "__main__":
    main()
