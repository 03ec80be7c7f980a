"""What a server allows its students, in one place. Knows no torch and no Streamlit.

Whoever runs the server may set each limit with an environment variable: `LOSSVIZ_` and the limit's name in
capitals, for instance `LOSSVIZ_MOST_EPOCHS=10`. A value that cannot be used leaves the limit as it is here, and a
sentence says so.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass

from lossviz.training.settings import RANGES, Settings

_LEAST_IMAGES, _MOST_IMAGES = (int(end) for end in RANGES["train_size"])
_MOST_EPOCHS = int(RANGES["epochs"][1])


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server.

    Attributes:
        most_epochs: Epochs a run may ask for (`LOSSVIZ_MOST_EPOCHS`).
        most_images: Images a run may ask for (`LOSSVIZ_MOST_IMAGES`).
        longest_seconds: How long a run may take from the moment it leaves the queue. In a class, the next ones are
            waiting. It is stopped then and keeps what it learned (`LOSSVIZ_LONGEST_SECONDS`).
        abandoned_seconds: A run that nobody has looked at for so long is stopped and keeps what it learned. A page
            in a background tab looks once a minute only, so not less than that (`LOSSVIZ_ABANDONED_SECONDS`).
        idle_seconds: How long a warmed worker waits for an order before it ends (`LOSSVIZ_IDLE_SECONDS`).
        runs_at_once: How many runs train at the same time, sharing the processors; two on one small machine only
            take each other's (`LOSSVIZ_RUNS_AT_ONCE`).
        most_queued: How many runs may wait (`LOSSVIZ_MOST_QUEUED`).
        race_runs: How many runs a browser may ask for at once, for a race (`LOSSVIZ_RACE_RUNS`).
        runs_kept: How many runs the store keeps; the oldest that is not pinned goes first (`LOSSVIZ_RUNS_KEPT`).
        runs_kept_each: How many of them may be one browser's, so that none drives the others' out
            (`LOSSVIZ_RUNS_KEPT_EACH`).
        megabytes_kept: How much they may take on the disk, files included (`LOSSVIZ_MEGABYTES_KEPT`).
        pins_each: How many runs a browser may pin. All pins together may take half of what is kept
            (`LOSSVIZ_PINS_EACH`).
        file_megabytes: How large a file that a run leaves may be; a larger one is not kept
            (`LOSSVIZ_FILE_MEGABYTES`).
    """

    most_epochs: int = _MOST_EPOCHS
    most_images: int = _MOST_IMAGES
    longest_seconds: float = 1800.0
    abandoned_seconds: float = 300.0
    idle_seconds: float = 600.0
    runs_at_once: int = 1
    most_queued: int = 60
    race_runs: int = 4
    runs_kept: int = 500
    runs_kept_each: int = 60
    megabytes_kept: int = 300
    pins_each: int = 10
    file_megabytes: int = 16

    def problems(self, settings: Settings) -> list[str]:
        """Why this server does not train with settings that are otherwise right.

        Args:
            settings: Checked settings.

        Returns:
            A sentence for each problem; empty where there is none.
        """
        found = []
        if settings.epochs > self.most_epochs:
            found.append(f"epochs is {settings.epochs}; this server allows at most {self.most_epochs}.")
        if settings.train_size > self.most_images:
            found.append(
                f"train_size is {settings.train_size:,}; this server allows at most {self.most_images:,} images."
            )
        return found


VARIABLES: Mapping[str, tuple[str, float, float]] = {
    name: (f"LOSSVIZ_{name.upper()}", low, high)
    for name, low, high in (
        ("most_epochs", 1, _MOST_EPOCHS),
        ("most_images", _LEAST_IMAGES, _MOST_IMAGES),
        ("longest_seconds", 10, 86_400),
        ("abandoned_seconds", 60, 86_400),
        ("idle_seconds", 1, 86_400),
        ("runs_at_once", 1, 64),
        ("most_queued", 0, 1000),
        ("race_runs", 1, 16),
        ("runs_kept", 1, 100_000),
        ("runs_kept_each", 1, 100_000),
        ("megabytes_kept", 1, 100_000),
        ("pins_each", 0, 1000),
        ("file_megabytes", 1, 1000),
    )
}
"""For each limit the environment variable that sets it, the smallest and the largest value it takes."""


def read_limits(environ: Mapping[str, str] = os.environ) -> tuple[Limits, list[str]]:
    """The limits as the environment sets them.

    Args:
        environ: Environment variables.

    Returns:
        The limits, and a sentence for each value that could not be used and was left at its default.
    """
    asked: dict[str, float] = {}
    problems = []
    for field in dataclasses.fields(Limits):
        variable, low, high = VARIABLES[field.name]
        text = environ.get(variable, "").strip()
        if not text:
            continue
        whole = isinstance(field.default, int)
        value = _number(text, whole=whole)
        if value is None or not low <= value <= high:
            kind = "a whole number" if whole else "a number"
            shown = repr(text if len(text) <= 40 else text[:37] + "...")
            problems.append(
                f"{variable} is {shown}; it must be {kind} from {low:,.0f} to {high:,.0f}. "
                f"It was left at {field.default:,g}."
            )
        else:
            asked[field.name] = value
    return dataclasses.replace(Limits(), **asked), problems  # type: ignore[arg-type]  # whole where they must be


def _number(text: str, *, whole: bool) -> float | None:
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
