"""What a run left: the class probabilities of its validation images. Reads them without torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossviz.training.classes import CLASS_NAMES


class ResultsError(ValueError):
    """A predictions file that is not there or cannot be read; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """The network's answers on validation images.

    Attributes:
        indices: Positions of the images in the data set's train split, int64, shape (N,).
        labels: True classes, 0 to 9, int64, shape (N,).
        probabilities: Class probabilities, float32, shape (N, 10); each row adds to 1.
    """

    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The most probable class of each image, shape (N,)."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)


def save_predictions(predictions: Predictions, path: Path) -> None:
    """Write predictions as a compressed .npz file, whole or not at all.

    Args:
        predictions: What to write.
        path: The file; its folder is made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.stem}.part.npz")
    np.savez(
        part,
        indices=predictions.indices,
        labels=predictions.labels,
        probabilities=predictions.probabilities,
    )
    part.replace(path)


def load_predictions(path: Path) -> Predictions:
    """Read a run's predictions.

    Args:
        path: The file, as `RunSnapshot.predictions` names it.

    Returns:
        The predictions, of matching lengths.

    Raises:
        ResultsError: The file is not there, or is not a predictions file.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            indices, labels = file["indices"].astype(np.int64), file["labels"].astype(np.int64)
            probabilities = file["probabilities"].astype(np.float32)
    except (OSError, ValueError, KeyError, BadZipFile, EOFError) as error:
        raise ResultsError(f"The predictions in {path} cannot be read ({error}). Train again.") from error
    if labels.shape != indices.shape or probabilities.shape != (len(labels), len(CLASS_NAMES)):
        raise ResultsError(f"The predictions in {path} do not fit together. Train again.")
    return Predictions(indices, labels, probabilities)


def confusion(predictions: Predictions) -> pd.DataFrame:
    """How many images of each true class were given each class.

    Args:
        predictions: The network's answers.

    Returns:
        Counts, 10 x 10: true class in the rows ("true"), predicted class in the columns ("predicted").
    """
    size = len(CLASS_NAMES)
    counts = np.bincount(predictions.labels * size + predictions.predicted, minlength=size * size)
    return pd.DataFrame(
        counts.reshape(size, size),
        index=pd.Index(CLASS_NAMES, name="true"),
        columns=pd.Index(CLASS_NAMES, name="predicted"),
    )


def by_class(predictions: Predictions) -> pd.DataFrame:
    """How well each class is told apart.

    Args:
        predictions: The network's answers.

    Returns:
        A row a class ("class" is the index): images, right, recall (right / images of the class), precision
        (right / images called the class); NaN where there was no such image.
    """
    counts = confusion(predictions).to_numpy()
    right, images, called = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    return pd.DataFrame(
        {
            "images": images,
            "right": right,
            "recall": np.divide(right, images, out=np.full(len(right), np.nan), where=images > 0),
            "precision": np.divide(right, called, out=np.full(len(right), np.nan), where=called > 0),
        },
        index=pd.Index(CLASS_NAMES, name="class"),
    )


def worst_mistakes(predictions: Predictions, count: int = 12) -> pd.DataFrame:
    """The images whose true class the network thought least likely, among those it got wrong.

    Args:
        predictions: The network's answers.
        count: How many at most.

    Returns:
        A row an image, worst first: index (position in the train split), label, predicted (class numbers),
        true_class, predicted_class (names), true_probability, predicted_probability (0 to 1), loss (cross
        entropy, -ln of the true class's probability; inf where that is 0).
    """
    probabilities = predictions.probabilities.astype(np.float64)
    rows = np.arange(len(probabilities))
    true, predicted = probabilities[rows, predictions.labels], predictions.predicted
    wrong = np.flatnonzero(predicted != predictions.labels)
    worst = wrong[np.argsort(true[wrong], kind="stable")][:count]
    with np.errstate(divide="ignore"):
        loss = -np.log(true[worst])
    return pd.DataFrame(
        {
            "index": predictions.indices[worst],
            "label": predictions.labels[worst],
            "predicted": predicted[worst],
            "true_class": [CLASS_NAMES[label] for label in predictions.labels[worst]],
            "predicted_class": [CLASS_NAMES[label] for label in predicted[worst]],
            "true_probability": true[worst],
            "predicted_probability": probabilities[worst, predicted[worst]],
            "loss": loss,
        }
    )
