"""The doctor at a run's bed: from its events to what its curves mean. Knows no torch."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence

from lossviz.training.diagnosis import Curve, Diagnosis, Thresholds, diagnose
from lossviz.training.events import Epoch, Event, Initial, Started, Steps
from lossviz.training.settings import Settings
from lossviz.training.snapshots import RunSnapshot


def diagnose_run(snapshot: RunSnapshot, thresholds: Thresholds | None = None) -> Diagnosis | None:
    """What a run's curves mean, so far.

    Args:
        snapshot: The run, at any moment.
        thresholds: Where one verdict ends and the next begins; the defaults if None.

    Returns:
        The diagnosis; None before the first point, and for a range test, which trains nothing.
    """
    if snapshot.started is None or snapshot.initial is None:
        return None
    return _diagnose(
        snapshot.settings,
        snapshot.started,
        snapshot.initial,
        snapshot.epochs,
        snapshot.step_losses,
        thresholds,
    )


def diagnose_events(
    settings: Settings, events: Iterable[Event], thresholds: Thresholds | None = None
) -> Diagnosis | None:
    """The same from the events that a run has told.

    Args:
        settings: What was asked for.
        events: Its events so far, in order.
        thresholds: As for `diagnose_run`.

    Returns:
        As for `diagnose_run`.
    """
    started: Started | None = None
    initial: Initial | None = None
    epochs, steps = list[Epoch](), list[float]()
    for event in events:
        if isinstance(event, Started):
            started = event
        elif isinstance(event, Initial):
            initial = event
        elif isinstance(event, Epoch):
            epochs.append(event)
        elif isinstance(event, Steps):
            steps.extend(event.losses)
    if started is None or initial is None:
        return None
    return _diagnose(settings, started, initial, epochs, steps, thresholds)


def _curve(
    settings: Settings, started: Started, initial: Initial, epochs: Sequence[Epoch], steps: Sequence[float]
) -> Curve:
    """What the doctor looks at.

    Args:
        settings: What was asked for.
        started: The run's `Started`.
        initial: Its point before the first step.
        epochs: Its epochs so far.
        steps: The loss of each step so far.

    Returns:
        The curve. Where the loss has no lowest value, none to guess by either: a share of the way says nothing.
    """
    known = math.isfinite(started.chance_loss) and math.isfinite(started.floor_loss)
    right = epochs[-1].train_accuracy if epochs and started.task == "classify" else math.nan
    return Curve(
        initial.train_loss,
        [epoch.train_loss for epoch in epochs],
        [epoch.validation_loss for epoch in epochs],
        started.chance_loss if known else None,
        right if math.isfinite(right) else None,
        steps,
        started.floor_loss if known else 0.0,
        logits="softmax-first" in settings.spec.mistakes,
    )


def _diagnose(
    settings: Settings,
    started: Started,
    initial: Initial,
    epochs: Sequence[Epoch],
    steps: Sequence[float],
    thresholds: Thresholds | None,
) -> Diagnosis | None:
    if settings.range_test:
        return None
    said = diagnose(_curve(settings, started, initial, epochs, steps), thresholds)
    if said.verdict in ("diverged", "too early"):
        return said
    return _with_warning(_with_memory(said, started, epochs[-1]), epochs[-1])


def _with_warning(said: Diagnosis, last: Epoch) -> Diagnosis:
    """Add the warning of torch's, the best evidence of why a run learns nothing."""
    if not last.warnings or said.verdict == "healthy":
        return said
    return dataclasses.replace(
        said,
        headline=f"{said.headline.partition(':')[0]}, and torch has warned of the reason.",
        evidence=(*said.evidence, f"torch: {last.warnings[0]}"),
        advice="Heed the warning first: give the target the shape of the network's output.",
    )


def _with_memory(said: Diagnosis, started: Started, last: Epoch) -> Diagnosis:
    memorised = last.memorised
    if memorised is None:
        return said
    note = (
        f"{started.wrong_labels:,} training labels are wrong; the network answers {memorised:.0%} of those images "
        "with the wrong label that they were given."
    )
    return dataclasses.replace(said, evidence=(*said.evidence, note))
