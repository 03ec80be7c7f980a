"""What a run's curves mean, in plain words with their evidence. Knows no torch.

The rules are lossviz's own, made for curves that are measured after each epoch in eval mode with the same loss on
train and validation images. Naive rules cry wolf: a gap of ten per cent opens in every healthy run within three
epochs, and "validation rose while train fell" happens at least once in most. The thresholds are teaching defaults,
tuned on a few runs on FashionMNIST, and can be moved.

Sources: Prechelt 1998, "Early Stopping - But When?", for measuring the rise over the best epoch so far; CS231n,
"Neural Networks Part 3", for the gap and for the loss at chance.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Literal

Verdict = Literal[
    "too early", "diverged", "diverging", "overfitting", "underfitting", "wrong goal", "plateau", "healthy"
]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where one verdict ends and the next begins.

    Attributes:
        diverging_above: Diverging if the train loss stays above this multiple of the larger of its first value and
            the loss at chance.
        overfitting_rise: Overfitting if the validation loss has risen by this share over its best epoch.
        overfitting_epochs: How many epochs the best one must lie back.
        underfitting_level: Underfitting if the train loss is above this share of the way from the lowest possible loss
            to the loss at chance,
        underfitting_gap: and validation lies above train by less than this share.
        wrong_goal_level: A wrong goal if the train loss is below this share of that way,
        wrong_goal_accuracy: and fewer than this share of the train images are right.
        improving: A run still improves if its train loss falls by more than this share an epoch.
        plateau: A plateau if the best validation loss of the last epochs is better by less than this share,
        plateau_epochs: over so many epochs.
        noise: Noisy if validation jumps about its running median by more than this share. Healthy runs at a constant
            rate with 1,000 validation images reach 0.043; a batch of 8 at four times a good rate 0.06 to 0.20.
    """

    diverging_above: float = 1.05
    overfitting_rise: float = 0.10
    overfitting_epochs: int = 3
    underfitting_level: float = 0.5
    underfitting_gap: float = 0.10
    wrong_goal_level: float = 0.25
    wrong_goal_accuracy: float = 0.3
    improving: float = 0.01
    plateau: float = 0.01
    plateau_epochs: int = 5
    noise: float = 0.05


@dataclass(frozen=True, slots=True)
class Curve:
    """What the doctor looks at.

    Attributes:
        initial: Train loss before the first step.
        train: Train loss after each epoch, eval mode.
        validation: Validation loss after each epoch.
        chance: The loss of guessing without looking, if the task has one; None otherwise.
        accuracy: Train accuracy after the last epoch, 0 to 1; None where the task has none.
        steps: The loss of each step's batch, for a run that diverges within an epoch.
        floor: The lowest loss there is without learning single images by heart: 0, but for targets that are spread
            out.
        logits: Whether the loss takes logits and has a softmax of its own, which may have been applied before it.
    """

    initial: float
    train: Sequence[float]
    validation: Sequence[float]
    chance: float | None = None
    accuracy: float | None = None
    steps: Sequence[float] = ()
    floor: float = 0.0
    logits: bool = False

    def towards_guessing(self, share: float) -> float:
        """The loss at this share of the way from the lowest there is to guessing; NaN where guessing has none."""
        return self.floor + share * (self.chance - self.floor) if self.chance is not None else math.nan


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a curve means.

    Attributes:
        verdict: The one that applies.
        headline: One sentence for the page.
        evidence: The numbers that speak for it, a sentence each.
        advice: What to try; empty if nothing is wrong.
        since: The epoch from which it holds, from 1; None if it holds of the whole run.
        noisy: Whether validation also jumps more than it should.
    """

    verdict: Verdict
    headline: str
    evidence: tuple[str, ...]
    advice: str = ""
    since: int | None = None
    noisy: bool = False


def diagnose(curve: Curve, thresholds: Thresholds | None = None) -> Diagnosis:
    """Look at a run's curves.

    Args:
        curve: The curves so far.
        thresholds: Where one verdict ends and the next begins; the defaults if None.

    Returns:
        The first verdict that applies, from the gravest on.
    """
    limits = thresholds or Thresholds()
    rules = (_diverged, _too_early, _diverging, _overfitting, _underfitting, _wrong_goal, _plateau)
    found = next((said for rule in rules if (said := rule(curve, limits)) is not None), None)
    said = found or _healthy(curve, limits)
    if said.verdict in ("diverged", "too early"):
        return said
    jumps = _jumpiness(curve.validation)
    if jumps is None or jumps <= limits.noise:
        return said
    note = (
        f"Validation jumps about its own median by {jumps:.1%} on average (noisy above {limits.noise:.0%})."
    )
    calmer = "A smaller learning rate, a larger batch or more validation images would calm it."
    return Diagnosis(
        said.verdict,
        said.headline,
        (*said.evidence, note),
        f"{said.advice} {calmer}".strip(),
        said.since,
        noisy=True,
    )


def _diverged(curve: Curve, _: Thresholds) -> Diagnosis | None:
    for place, value in enumerate(curve.steps, start=1):
        if not math.isfinite(value):
            return _not_finite(f"The loss of step {place:,} was {value}.")
    for name, values in (("train", curve.train), ("validation", curve.validation)):
        for epoch, value in enumerate(values, start=1):
            if not math.isfinite(value):
                return _not_finite(f"The {name} loss after epoch {epoch} was {value}.")
    return None


def _not_finite(evidence: str) -> Diagnosis:
    return Diagnosis(
        "diverged",
        "Diverged: the loss is not a finite number any more, and nothing can be learned from there on.",
        (evidence,),
        "Take a smaller learning rate, a tenth for a start.",
    )


def _too_early(curve: Curve, _: Thresholds) -> Diagnosis | None:
    epochs = min(len(curve.train), len(curve.validation))
    if epochs >= 2:
        return None
    return Diagnosis("too early", "Too early to say: the doctor needs two epochs.", (f"{epochs} so far.",))


def _diverging(curve: Curve, limits: Thresholds) -> Diagnosis | None:
    # Where the loss can be negative, a share of it says nothing: then only the rise counts.
    start = max(curve.initial, curve.chance or curve.initial)
    last = median(curve.train[-2:])
    if start > 0 and last > limits.diverging_above * start:
        return Diagnosis(
            "diverging",
            "Diverging: the train loss is above where it began.",
            (f"The last two epochs' train loss is {last:.4g}; it began at {start:.4g}.",),
            "Take a smaller learning rate.",
        )
    scale = abs(curve.chance if curve.chance is not None else curve.initial)
    tail = curve.train[-4:]
    rising = len(tail) == 4 and all(a < b for a, b in itertools.pairwise(tail))
    if rising and tail[-1] - min(curve.train) > 0.25 * scale:
        return Diagnosis(
            "diverging",
            "Diverging: the train loss has risen three epochs in a row.",
            (f"From {min(curve.train):.4g} at its best to {tail[-1]:.4g}.",),
            "Take a smaller learning rate.",
        )
    return None


def _overfitting(curve: Curve, limits: Thresholds) -> Diagnosis | None:
    best = min(range(len(curve.validation)), key=curve.validation.__getitem__)
    since = len(curve.validation) - 1 - best
    lowest, last = curve.validation[best], median(curve.validation[-3:])
    rise = _share(last - lowest, lowest)
    train_then, train_now = curve.train[best], median(curve.train[-3:])
    if since < limits.overfitting_epochs or rise <= limits.overfitting_rise or train_now >= train_then:
        return None
    return Diagnosis(
        "overfitting",
        f"Overfitting since epoch {best + 1}: it goes on learning its images by heart.",
        (
            f"Validation loss was best after epoch {best + 1}, {lowest:.4g}.",
            f"The median of the last three is {last:.4g}, {rise:.0%} higher (limit {limits.overfitting_rise:.0%}).",
            f"Meanwhile the train loss fell from {train_then:.4g} to {train_now:.4g}.",
        ),
        "Stop there, take more images, a smaller network, dropout or label smoothing. So far: it may fall again.",
        since=best + 1,
    )


def _underfitting(curve: Curve, limits: Thresholds) -> Diagnosis | None:
    if curve.chance is None:
        return None
    train, validation = curve.train[-1], curve.validation[-1]
    gap = _share(validation - train, train)
    # Smoothed labels have a loss of their own that no network can undercut: it says nothing against a run.
    high = curve.towards_guessing(limits.underfitting_level)
    if train <= high or gap >= limits.underfitting_gap:
        return None
    way = (
        f"more than {limits.underfitting_level:.0%} of the way from the lowest possible ({curve.floor:.4g}) to guessing"
        if curve.floor
        else f"more than {limits.underfitting_level:.0%} of guessing"
    )
    evidence = (
        f"The train loss is {train:.4g}, {way} ({curve.chance:.4g}).",
        f"Validation is {abs(gap):.0%} {'above' if gap >= 0 else 'below'} it: the gap is small.",
    )
    if curve.logits and curve.accuracy is not None and curve.accuracy > 0.7:
        return Diagnosis(
            "underfitting",
            "High loss, yet many right: are the network's outputs already probabilities?",
            (*evidence, f"{curve.accuracy:.0%} of the train images are classified rightly."),
            "A softmax before cross-entropy squeezes the loss into a narrow band. Give it the raw logits.",
        )
    # The fall of the first epoch says nothing of how it goes on, once there are others.
    before = [*curve.train[-6:]] if len(curve.train) > 2 else [curve.initial, *curve.train]
    each = _share(before[0] - before[-1], before[0]) / (len(before) - 1)
    if each > limits.improving:
        return Diagnosis(
            "underfitting",
            "Underfitting, still improving: it has not learned enough yet.",
            (*evidence, f"The train loss still falls by {each:.1%} an epoch."),
            "Train longer, or raise the learning rate.",
        )
    return Diagnosis(
        "underfitting",
        "Underfitting, and flat: longer training will not help.",
        (*evidence, f"The train loss falls by only {each:.1%} an epoch."),
        "Take a larger network or another learning rate, and check what the loss is given.",
    )


def _wrong_goal(curve: Curve, limits: Thresholds) -> Diagnosis | None:
    if curve.chance is None or curve.accuracy is None or curve.accuracy >= limits.wrong_goal_accuracy:
        return None
    train = curve.train[-1]
    if train >= curve.towards_guessing(limits.wrong_goal_level):
        return None
    way = f"{limits.wrong_goal_level:.0%} of the way from the lowest possible ({curve.floor:.4g})"
    return Diagnosis(
        "wrong goal",
        "A low loss, yet few right: the loss asks for something else than right answers.",
        (
            f"The train loss is {train:.4g}, less than {way} to guessing ({curve.chance:.4g}).",
            f"Yet only {curve.accuracy:.0%} of the train images are classified rightly.",
        ),
        "Look at the weights of the classes and at the confusion matrix: which classes does the loss look at?",
    )


def _plateau(curve: Curve, limits: Thresholds) -> Diagnosis | None:
    epochs = limits.plateau_epochs
    if len(curve.validation) <= epochs:
        return None
    before, now = min(curve.validation[:-epochs]), min(curve.validation)
    better = _share(before - now, before)
    if better >= limits.plateau:
        return None
    return Diagnosis(
        "plateau",
        f"A plateau: validation has hardly improved in {epochs} epochs.",
        (
            f"Best validation loss {now:.4g}, {better:.1%} better than {epochs} epochs ago.",
            f"Less than {limits.plateau:.0%} counts as a plateau.",
        ),
        "More epochs like these will not help. A lower learning rate, or one that falls, may.",
        since=len(curve.validation) - epochs,
    )


def _healthy(curve: Curve, _: Thresholds) -> Diagnosis:
    train, validation = curve.train[-1], curve.validation[-1]
    gap = _share(validation - train, train)
    return Diagnosis(
        "healthy",
        "Healthy so far.",
        (
            f"Train loss {train:.4g}, validation {validation:.4g}: a gap of {gap:.0%}. A gap alone is no illness.",
        ),
    )


def _jumpiness(values: Sequence[float]) -> float | None:
    """How far validation strays from its running median of three, as a share; None with fewer than six epochs."""
    if len(values) < 6:
        return None
    last = values[-8:]
    # Not the two ends, which have one neighbour: there even a steady fall would look like a jump.
    inner = last[1:-1]
    running = [median(last[i : i + 3]) for i in range(len(inner))]
    level = median(last)
    return (
        mean(abs(value - middle) for value, middle in zip(inner, running, strict=True)) / abs(level)
        if level
        else None
    )


def _share(difference: float, of: float) -> float:
    """A difference as a share of the size of a value that may be negative."""
    return difference / abs(of) if of else math.inf if difference else 0.0
