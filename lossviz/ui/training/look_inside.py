"""What a run learned, looked at from inside: each view is computed when its tab is opened, and not before."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Literal

import numpy as np
import pandas as pd
import streamlit as st

from lossviz.charts import confusion as confusion_chart
from lossviz.charts import embedding_plane, loss_histogram, reliability
from lossviz.charts import gradient_norms as gradient_chart
from lossviz.charts import landscape as landscape_chart
from lossviz.charts.pictures import sheet
from lossviz.training.calibration import BINS, expected_calibration_error, sample_losses
from lossviz.training.calibration import reliability as reliability_table
from lossviz.training.classes import CLASS_NAMES
from lossviz.training.confidence import confidence
from lossviz.training.data.dataset import Dataset
from lossviz.training.jobs import RunSnapshot
from lossviz.training.looking_inside import LANDSCAPE_CAVEAT
from lossviz.training.results import Predictions, by_class, confusion, worst_mistakes
from lossviz.training.tasks.looks import Pictures, Plane
from lossviz.ui.messages import plain
from lossviz.ui.training import wording
from lossviz.ui.training.run_view import title

Views = Mapping[str, Callable[[], None]]

LARGEST_SHARE: Final = 0.05
"""The share of the images with the largest loss that is spoken of."""

_SURE: Final = 0.005
"""Confidence and accuracy that are nearer than this count as one."""

_NOT_HERE: Final[Mapping[str, str]] = {
    "classify": "",
    "reconstruct": "There is no confusion matrix, reliability diagram or loss by image here: an autoencoder calls "
    "nothing by a class and gives no probabilities.",
    "embed": "There is no confusion matrix, reliability diagram or loss by image here: an embedding gives places, no "
    "classes and no probabilities, and its loss belongs to a pair or a triplet.",
}


def views(snapshot: RunSnapshot, predictions: Predictions | None) -> Views:
    """What there is to see of a run that has ended, by the names of the tabs.

    Args:
        snapshot: The run.
        predictions: Its answers on the validation images, if it left some.
    """
    found: dict[str, Callable[[], None]] = {}
    task = snapshot.settings.task
    if predictions is not None:
        for name, show in (
            ("Confusion", _confusion),
            ("Calibration", _calibration),
            ("Loss by image", _loss_by_image),
        ):
            found[name] = partial(show, snapshot, predictions) if answers(predictions) else no_answers
    if task == "reconstruct":
        found["Reconstructions"] = partial(_reconstructions, snapshot)
    if task == "embed":
        found["Plane"] = partial(_plane, snapshot)
    if not snapshot.settings.range_test:
        found["Gradients"] = partial(_gradients, snapshot)
        found["Landscape"] = partial(_landscape, snapshot)
    return found


def not_here(snapshot: RunSnapshot) -> str:
    """Why the views are missing that other tasks have, in one sentence; empty where none is missing."""
    if snapshot.settings.range_test:
        return "A range test trains no network to look into: it takes 150 steps to try out learning rates."
    return _NOT_HERE[snapshot.settings.task]


def answers(predictions: Predictions) -> bool:
    """Whether the network still says something: a diverged one gives no finite probabilities."""
    return bool(np.isfinite(predictions.probabilities).all())


def no_answers() -> None:
    """Say that a diverged network has nothing to show."""
    st.info(
        "The network has diverged: its probabilities are not finite numbers, so it names no class. Take a smaller "
        "learning rate, and train again."
    )


def worst(predictions: Predictions, dataset: Dataset) -> None:
    """The validation images whose true class the network thought least likely."""
    mistakes = worst_mistakes(predictions)
    if not len(mistakes):
        st.markdown("No mistakes on the validation images.")
        return
    st.markdown(
        f"The validation images ({plain(dataset.name)}) whose true class the network thought least likely."
    )
    rows = mistakes.to_dict("records")
    st.image(
        [sheet(dataset.train_images[row["index"]][None], 1, times=8, gap=14) for row in rows],
        caption=[
            f"is {row['true_class']}: {wording.percent(row['true_probability'])}, "
            f"called {row['predicted_class']}: {wording.percent(row['predicted_probability'])}"
            for row in rows
        ],
        width=150,
        alt=[
            f"{row['true_class']}, {dataset.name}, validation image number {row['index']}, "
            f"called {row['predicted_class']}"
            for row in rows
        ],
    )


def _about(snapshot: RunSnapshot, predictions: Predictions) -> str:
    return f"{title(snapshot)}, {len(predictions.labels):,} validation images"


def _confusion(snapshot: RunSnapshot, predictions: Predictions) -> None:
    counts = confusion(predictions)
    picture, words = st.columns([3, 2], gap="medium")
    with picture:
        st.vega_lite_chart(
            None,
            {
                **confusion_chart.spec(CLASS_NAMES),
                "datasets": confusion_chart.datasets(counts, _about(snapshot, predictions)),
            },
            width="stretch",
            alt=confusion_chart.ALT,
        )
    with words:
        classes = by_class(predictions)
        table = pd.DataFrame(
            {
                "class": classes.index,
                "images": classes["images"].map("{:,}".format),
                "recall": [wording.percent(value) for value in classes["recall"]],
                "precision": [wording.percent(value) for value in classes["precision"]],
            }
        )
        st.table(
            table,
            hide_index=True,
            border="horizontal",
            alt="For each class: how many validation images it has, which share of them was recognised (recall), and "
            "which share of the images called by its name belong to it (precision).",
        )
        st.caption(
            "Recall: of the images of the class, how many were called so. Precision: of those called so, how many are."
        )
    with st.expander("The matrix as a table"):
        st.dataframe(
            counts, alt="The confusion matrix as numbers: true classes in the rows, predicted in the columns."
        )


def _calibration(snapshot: RunSnapshot, predictions: Predictions) -> None:
    picture, words = st.columns([3, 2], gap="medium")
    table = reliability_table(predictions)
    with picture:
        st.vega_lite_chart(
            None,
            {**reliability.spec(), "datasets": reliability.datasets({"this run": table})},
            width="stretch",
            alt=reliability.ALT,
        )
        st.caption(f"{plain(_about(snapshot, predictions))}. A larger dot stands for more images.")
    with words:
        st.markdown(calibration_words(predictions))
        _what_they_are(snapshot)
        st.caption(
            f"Expected calibration error: the distance between confidence and accuracy, averaged over {BINS} bins of "
            "the confidence, each weighted by its images (Guo et al. 2017). Confidence: the probability of the class "
            "that the network names. A bin with few images jumps about."
        )


def calibration_words(predictions: Predictions) -> str:
    """What the reliability diagram says, by the run's own numbers, in Markdown."""
    error = expected_calibration_error(predictions)
    if not math.isfinite(error):
        return "There are no validation images to judge by."
    confidence = float(predictions.probabilities.max(axis=1).mean())
    right = float((predictions.predicted == predictions.labels).mean())
    if abs(confidence - right) < _SURE:
        verdict = "On the whole it is as sure as it is right"
    elif confidence > right:
        verdict = "It is **too sure of itself**"
    else:
        verdict = "It is **not sure enough**"
    return (
        f"{verdict}: its mean confidence is {wording.percent(confidence)}, and {wording.percent(right)} are right.\n\n"
        f"Confidence and accuracy differ by {error * 100:.1f} percentage points on average: an expected calibration "
        f"error of {error:.3f}."
    )


def _loss_by_image(snapshot: RunSnapshot, predictions: Predictions) -> None:
    losses = sample_losses(predictions)
    picture, words = st.columns([3, 2], gap="medium")
    with picture:
        st.vega_lite_chart(
            None,
            {
                **loss_histogram.spec(),
                "datasets": loss_histogram.datasets(losses, _about(snapshot, predictions)),
            },
            width="stretch",
            alt=loss_histogram.ALT,
        )
    with words:
        st.markdown(loss_words(losses))
        _what_they_are(snapshot)
        st.caption(
            "The loss of an image is here the cross-entropy of these probabilities, minus the logarithm of the true "
            "class's, whatever the run was trained with: so runs with different losses can be looked at alike. The "
            "number of images is drawn on a square-root axis: otherwise the few with a large loss would not be seen."
        )


def _what_they_are(snapshot: RunSnapshot) -> None:
    """Say how the probabilities came about: not every loss makes some."""
    said = confidence(snapshot.settings)
    if said is None:
        return
    if said.kind == "scores":
        st.warning(said.sentence, icon=":material/warning:")
    else:
        st.caption(said.sentence)


def loss_words(losses: pd.DataFrame) -> str:
    """How much of the mean the images with the largest loss carry, by the run's own numbers, in Markdown.

    Args:
        losses: What `sample_losses` gives.
    """
    if not len(losses):
        return "There are no validation images to judge by."
    infinite = int((~np.isfinite(losses["loss"])).sum())
    if infinite:
        return (
            f"{wording.count(infinite, 'image has', 'images have')} an infinite loss: the network gave the true "
            "class a probability of 0. The mean over all images is infinite, whatever the others are."
        )
    count = max(1, math.ceil(LARGEST_SHARE * len(losses)))
    carried = float(losses["carried"].iloc[count - 1])
    if not math.isfinite(carried):
        return "Every image has a loss of 0."
    wrong = int((~losses["right"].iloc[:count].astype(bool)).sum())
    median = float(losses["loss"].median())
    mean = float(losses["loss"].mean())
    return (
        f"The **{_whole(count / len(losses))} of images with the largest loss carry {_whole(carried)} of the mean**: "
        f"{wording.count(count, 'image', 'images')}, {wrong:,} of them classified wrongly.\n\n"
        f"The mean is {mean:.3f}, the median {median:.3f}: half of the images have a loss below that."
    )


def _whole(share: float) -> str:
    """A share as a whole percentage, or below one per cent with a digit."""
    return f"{share * 100:.0f} %" if share >= 0.0095 else f"{share * 100:.1f} %"


def _gradients(snapshot: RunSnapshot) -> None:
    table = gradient_table(snapshot)
    if not len(table):
        st.info("This run did not measure its gradients: it is of an older version, or ended too soon.")
        return
    picture, words = st.columns([3, 2], gap="medium")
    with picture:
        st.vega_lite_chart(
            None,
            {
                **gradient_chart.spec(),
                "datasets": gradient_chart.datasets(table, snapshot.settings.epochs, title(snapshot)),
            },
            width="stretch",
            alt=gradient_chart.ALT,
        )
    with words:
        st.markdown(gradient_words(table))
        st.caption(
            "The Euclidean norm over all weights and biases of a layer, of the loss on one fixed batch of training "
            "images, in eval mode. Before the first step it stands at epoch 0. Vanishing: from the last layer to the "
            "first each is shorter than the next by a large factor. Exploding: it grows from epoch to epoch without "
            "end."
        )
    with st.expander("The norms as a table"):
        st.dataframe(
            table.pivot_table(index="epoch", columns="layer", values="norm", sort=False),
            alt="The norm of the gradient in each layer, a row for each epoch.",
        )


def gradient_table(snapshot: RunSnapshot) -> pd.DataFrame:
    """The norm of the gradient by epoch and layer; no row where the run did not measure it.

    Returns:
        A row an epoch and layer, first layer first: epoch (0 before the first step), layer ("layer 1, Conv2d 1 → 16,
        3x3"), norm.
    """
    measured = [(epoch.epoch, epoch.gradient_norms) for epoch in snapshot.epochs]
    if snapshot.initial is not None:
        measured.insert(0, (0, snapshot.initial.gradient_norms))
    rows = [
        # "1 Conv2d 1 → 16" has three numbers, and the first is the layer's own.
        (epoch, f"layer {name.replace(' ', ', ', 1)}", norm)
        for epoch, norms in measured
        for name, norm in norms.items()
    ]
    return pd.DataFrame(rows, columns=pd.Index(["epoch", "layer", "norm"])).astype(
        {"epoch": int, "layer": object, "norm": float}
    )


def gradient_words(table: pd.DataFrame) -> str:
    """Where the gradient is longest and shortest after the last epoch, in Markdown.

    Args:
        table: As `gradient_table` gives it, not empty.
    """
    last = table.loc[table["epoch"] == table["epoch"].max()]
    epoch = int(last["epoch"].iloc[0])
    when = "Before the first step" if epoch == 0 else f"After epoch {epoch}"
    if not np.isfinite(last["norm"]).all():
        return f"{when} the gradient is **not finite**: from there on nothing can be learned."
    longest, shortest = last.loc[last["norm"].idxmax()], last.loc[last["norm"].idxmin()]
    silent = [plain(str(name)) for name in last.loc[last["norm"] == 0, "layer"]]
    if silent:
        return f"{when} the gradient is **exactly 0** in {', '.join(silent)}: nothing is learned there."
    if len(last) == 1:
        return f"{when} the gradient of {plain(str(longest['layer']))} has a norm of {longest['norm']:.3g}."
    factor = longest["norm"] / shortest["norm"]
    start = table.loc[table["epoch"] == table["epoch"].min()]
    whole = [math.sqrt(float((part["norm"] ** 2).sum())) for part in (start, last)]
    course = (
        f"\n\nOver all layers its norm went from {whole[0]:.3g} to {whole[1]:.3g}."
        if len(table) > len(last)
        else ""
    )
    return (
        f"{when} the gradient is longest in {plain(str(longest['layer']))} ({longest['norm']:.3g}) and shortest in "
        f"{plain(str(shortest['layer']))} ({shortest['norm']:.3g}): a factor of {factor:.3g} between them.{course}"
    )


def _landscape(snapshot: RunSnapshot) -> None:
    found = snapshot.result.landscape if snapshot.result is not None else None
    if found is None:
        why = (
            "This run did not measure it: it was stopped, or ended before."
            if snapshot.settings.landscape
            else "This run did not measure it. Switch on the loss landscape in the training settings, and train again."
        )
        st.info(why)
        return
    picture, words = st.columns([3, 2], gap="medium")
    grid = found.grid()
    with picture:
        st.vega_lite_chart(
            None,
            {
                **landscape_chart.spec(),
                "datasets": landscape_chart.datasets(
                    grid, found.axis(), found.centre, f"{title(snapshot)}, {found.images:,} training images"
                ),
            },
            width="stretch",
            alt=landscape_chart.ALT,
        )
    with words:
        st.markdown(landscape_words(grid, found.centre))
        st.caption(LANDSCAPE_CAVEAT)
        st.caption(
            f"{found.side} × {found.side} points, each the mean loss on the same {found.images:,} training images; "
            "between the points it is interpolated. At 1 every filter has moved by its own length (Li et al. 2018); "
            f"biases stay. It took {wording.duration(found.seconds)}."
        )


def landscape_words(grid: np.ndarray[tuple[int, ...], np.dtype[np.float64]], centre: float) -> str:
    """What the slice shows, by its own numbers, in Markdown.

    Args:
        grid: The losses, shape (side, side).
        centre: The loss of the trained weights.
    """
    finite = grid[np.isfinite(grid)]
    if not len(finite) or not math.isfinite(centre):
        return "The loss is not finite there: there is nothing to see."
    lowest, highest = float(finite.min()), float(finite.max())
    sentences = [
        f"The trained weights lie at **{centre:.3g}**, the highest point of the slice at {highest:.3g}."
    ]
    if lowest < centre - max(1e-6, abs(centre) * 1e-3):
        sentences.append(
            f"Its lowest point is {lowest:.3g}, below the trained weights: they are no minimum of this slice."
        )
    else:
        sentences.append("No point of the slice is lower: along these two directions they lie in a minimum.")
    infinite = int(np.isposinf(grid).sum())
    missing = int(np.isnan(grid).sum())
    if infinite:
        sentences.append(f"At {wording.count(infinite, 'point', 'points')} the loss is not finite.")
    if missing:
        sentences.append(
            f"{wording.count(missing, 'point was', 'points were')} not measured: the time did not suffice."
        )
    return " ".join(sentences)


def _reconstructions(snapshot: RunSnapshot) -> None:
    looks = _looks(snapshot, "pictures")
    found = looks.get(epoch := _moment(snapshot, looks))
    if not isinstance(found, Pictures) or not len(found.indices):
        st.info("This run left no reconstructions: it ended before the first was made.")
        return
    errors = reconstruction_errors(found)
    order = np.argsort(-errors, kind="stable")
    metrics = _metrics(snapshot)
    with st.container(horizontal=True):
        for name in ("mean squared error", "mean absolute error"):
            if epoch == max(looks) and name in metrics:
                st.metric(f"{name}, validation", f"{metrics[name]:.4f}", width="content")
    st.markdown(
        f"Validation images ({plain(title(snapshot))}) above, what the network draws of them below; the worst first, "
        f"of the {wording.count(len(order), 'image', 'images')} that a run keeps."
    )
    pairs = np.concatenate([found.originals, found.reconstructions], axis=1)
    st.image(
        [sheet(pairs[place][None], 1, times=5, gap=10) for place in order],
        caption=[f"{CLASS_NAMES[found.labels[place]]}: error {errors[place]:.4f}" for place in order],
        width=150,
        alt=[
            f"{CLASS_NAMES[found.labels[place]]}, {title(snapshot)}, validation image number {found.indices[place]}, "
            "above its reconstruction"
            for place in order
        ],
    )
    st.caption(
        "Error: the mean squared error of the pixels, on the scale from 0 (black) to 1 (white), whatever the loss was."
    )


def reconstruction_errors(pictures: Pictures) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The mean squared error of each picture, pixels from 0 to 1, shape (N,)."""
    difference = (pictures.originals.astype(np.float64) - pictures.reconstructions.astype(np.float64)) / 255
    return np.asarray((difference**2).mean(axis=(1, 2)))


def _plane(snapshot: RunSnapshot) -> None:
    looks = _looks(snapshot, "plane")
    found = looks.get(epoch := _moment(snapshot, looks))
    if not isinstance(found, Plane):
        st.info("This run left no plane: it ended before the first was made.")
        return
    when = "before the first step" if epoch == 0 else f"after epoch {epoch} of {snapshot.settings.epochs}"
    # All moments, the chosen one last: so the axes stay while another is chosen.
    planes = [each.points for each in [*looks.values(), found] if isinstance(each, Plane)]
    picture, words = st.columns([3, 2], gap="medium")
    with picture:
        st.vega_lite_chart(
            None,
            {
                **embedding_plane.spec(CLASS_NAMES),
                "datasets": embedding_plane.datasets(
                    CLASS_NAMES, planes, found.labels, title(snapshot), when
                ),
            },
            width="stretch",
            alt=embedding_plane.ALT,
        )
    metrics = _metrics(snapshot)
    accuracy = _accuracy(snapshot)
    active = metrics.get("active share")
    still = (
        f" {wording.percent(active)} of the validation triplets or pairs still have a loss."
        if active is not None
        else ""
    )
    with words:
        st.markdown(
            f"At the end the nearest neighbour of **{wording.percent(accuracy)}** of the validation images is of the "
            f"same class; guessing among ten classes would give about 10 %.{still}"
        )


def _accuracy(snapshot: RunSnapshot) -> float:
    if snapshot.result is not None:
        return snapshot.result.validation_accuracy
    return snapshot.epochs[-1].validation_accuracy if snapshot.epochs else math.nan


def _metrics(snapshot: RunSnapshot) -> Mapping[str, float]:
    if snapshot.result is not None and snapshot.result.metrics:
        return snapshot.result.metrics
    return snapshot.epochs[-1].metrics if snapshot.epochs else {}


def _looks(snapshot: RunSnapshot, name: Literal["pictures", "plane"]) -> dict[int, Pictures | Plane]:
    """What the run looked like after each epoch; 0 is before the first step."""
    points = [(epoch.epoch, getattr(epoch, name)) for epoch in snapshot.epochs]
    if snapshot.initial is not None:
        points.insert(0, (0, getattr(snapshot.initial, name)))
    return {epoch: look for epoch, look in points if look is not None}


def _moment(snapshot: RunSnapshot, looks: Mapping[int, Pictures | Plane]) -> int:
    """The epoch that is looked at: the last, unless another is chosen."""
    if len(looks) < 2:
        return max(looks, default=0)
    key = f"training/look/epoch/{snapshot.run_id}"
    return st.select_slider(
        "After epoch (0: before the first step)", sorted(looks), value=max(looks), key=key, width=420
    )
