"""The files that a run leaves: its predictions and its weights."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from torch import nn

from lossviz.training import weights
from lossviz.training.data.dataset import Dataset
from lossviz.training.results import Predictions, save_predictions
from lossviz.training.settings import Settings

PREDICTIONS = "predictions.npz"


class LeftFiles:
    """Where a run leaves its files; one that has been trained is not lost for want of room on the disk.

    Args:
        folder: The run's folder; None for nowhere.

    Attributes:
        notes: A sentence for each file that could not be kept: why, and what to do.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.notes: list[str] = []

    def predictions(self, made: Predictions | None) -> str | None:
        """Leave the predictions, if some were made; returns the path where they are, if they are."""
        if made is None:
            return None
        return self._leave(PREDICTIONS, "predictions", lambda path: save_predictions(made, path))

    def weights(
        self, model: nn.Sequential, head: nn.Module | None, settings: Settings, dataset: Dataset
    ) -> str | None:
        """Leave the weights of the network and of the loss's own layer; returns the path, if they are kept."""
        return self._leave(
            weights.FILE,
            "weights",
            lambda path: weights.save_weights(model, head, settings, dataset, path),
        )

    def _leave(self, name: str, what: str, save: Callable[[Path], None]) -> str | None:
        if self._folder is None:
            return None
        path = self._folder / name
        try:
            save(path)
        except OSError as error:
            for part in path.parent.glob(f"{path.stem}.part*"):
                with suppress(OSError):
                    part.unlink()
            why = error.strerror or type(error).__name__
            self.notes.append(
                f"The {what} could not be kept ({why}). Make room on the disk, or set LOSSVIZ_HOME."
            )
            return None
        return str(path)
