"""Memory of a server with thirty open pages and one run on all 60,000 images: `python -m benchmarks.memory`.

The pages are sessions of a real server, over its agent API: twenty of losses, one a loss and as many categories as
there are, ten of training, one of which trains the CNN and is looked at twice a second. Counted are the server, its
worker and whatever else it has started, pages of memory that they share once; a browser is not counted. At rest
means before the run, the worker waiting; the peak is the largest of samples four times a second, until the run has
been measured on the test images and its page has shown the outcome. Linux only; FashionMNIST comes from LOSSVIZ_DATA.
Exit status 1 above the limit: 2.0 GB with a CUDA build of torch, 1.3 GB with a CPU build.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from benchmarks.process_memory import family, resident
from lossviz.losses.catalogue import CATEGORIES, catalogue
from lossviz.losses.entry import LossEntry
from tests.live_server import LiveServer, live_server

PAGES = 30
TRAINING_PAGES = 10
LIMITS = {"CUDA": 2000, "CPU": 1300}
RUN_KEY = "training/train"


def main() -> None:
    """Print what is held at each stage."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=1, help="epochs of the run (default: 1)")
    parser.add_argument("--pages", type=int, default=PAGES, help=f"open pages (default: {PAGES})")
    parser.add_argument(
        "--save", type=Path, help="a file for the samples: seconds, MB, MB of the server alone"
    )
    asked = parser.parse_args()
    build = torch_build()
    with tempfile.TemporaryDirectory() as home, live_server(Path(home)) as server:
        watch = Watch(server.process.pid)
        watch.say("server started")
        open_losses(server, asked.pages - TRAINING_PAGES)
        watch.say(f"{asked.pages - TRAINING_PAGES} pages of losses")
        sessions = open_training(server, TRAINING_PAGES, asked.epochs)
        wait_for_rest(server.process.pid)
        rest = watch.say(f"and {TRAINING_PAGES} of training, at rest")
        train(server, sessions[0])
        watch.say("after the run")
        peak = watch.peak
        watch.end()
    if asked.save:
        asked.save.write_text("".join(f"{t:.2f} {a:.0f} {b:.0f}\n" for t, a, b in watch.samples))
    limit = LIMITS[build]
    print(f"{build} build of torch: at rest {rest:.0f} MB, peak {peak:.0f} MB, limit {limit} MB")
    sys.exit(0 if peak <= limit else 1)


def torch_build() -> str:
    """Which build of torch is installed, by its files: this process need not load it."""
    import importlib.util

    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        sys.exit("torch is not installed")
    return "CUDA" if any((Path(found.origin).parent / "lib").glob("*torch_cuda*")) else "CPU"


def losses_in_turn() -> Iterator[LossEntry]:
    """Every loss, a category after the other in turn."""
    by_category = [[e for e in catalogue().values() if e.category == category] for category in CATEGORIES]
    return (entry for entry in chain.from_iterable(zip_longest(*by_category)) if entry is not None)


def open_losses(server: LiveServer, count: int) -> None:
    """Open pages of losses, each with another loss as far as there are."""
    for entry, _ in zip(losses_in_turn(), range(count), strict=False):
        answer(server, page=entry.category, query_params={"loss": [entry.name]})


def open_training(server: LiveServer, count: int, epochs: int) -> list[str]:
    """Open training pages with a CNN on all images; returns their sessions."""
    asked = {"model": ["cnn"], "train_size": ["60000"], "epochs": [str(epochs)]}
    return [answer(server, page="training", query_params=asked)["session_id"] for _ in range(count)]


def wait_for_rest(root: int) -> None:
    """Wait until the data is prepared and the worker alone is left of the server's children, and has loaded torch.

    Raises:
        RuntimeError: That takes longer than five minutes.
    """
    resting, last = 0, time.monotonic() + 300
    while resting < 15:
        if time.monotonic() > last:
            raise RuntimeError("the server does not come to rest")
        resting = resting + 1 if len(family(root)) == 2 else 0
        time.sleep(1)


def train(server: LiveServer, session: str) -> None:
    """Press Train and look until the run has ended.

    Raises:
        RuntimeError: The page says that it failed.
    """
    shown = answer(server, session_id=session, trigger={"key": RUN_KEY})
    while not any(word in str(shown) for word in ("Finished", "Failed")):
        time.sleep(0.5)
        shown = answer(server, session_id=session)
    if "Failed" in str(shown):
        raise RuntimeError("the run failed")


def answer(server: LiveServer, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON, as the API takes it
    """A step of a session that must go well.

    Raises:
        RuntimeError: The page did not.
    """
    said = server.interact(**request)
    if said["status"] != "ready":
        raise RuntimeError(f"{request}: {said['status']}")
    return said


class Watch:
    """Samples what a server and its children hold.

    Args:
        root: The server's process id.

    Attributes:
        samples: Seconds since the start, MB in all, MB of the server alone.
    """

    def __init__(self, root: int) -> None:
        self.samples: list[tuple[float, float, float]] = []
        self._root = root
        self._start = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    @property
    def peak(self) -> float:
        """The most so far, in MB."""
        return max(whole for _, whole, _ in self.samples)

    def say(self, stage: str) -> float:
        """Print what is held now; returns it in MB."""
        whole, alone = self._sample()
        print(f"{stage}: {whole:.0f} MB, server alone {alone:.0f}, peak so far {self.peak:.0f}", flush=True)
        return whole

    def end(self) -> None:
        """Take no more samples."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.25):
            self._sample()

    def _sample(self) -> tuple[float, float]:
        processes = family(self._root)
        whole, alone = resident(processes) / 1e6, resident(processes[:1]) / 1e6
        self.samples.append((time.monotonic() - self._start, whole, alone))
        return whole, alone


if __name__ == "__main__":
    main()
