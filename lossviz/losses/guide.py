"""The way from "What do you predict?" to a loss, as a tree of questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Advice:
    """A loss and why it fits.

    Attributes:
        loss: Its name in the catalogue.
        why: The reason, in a few words that follow its name and a colon.
    """

    loss: str
    why: str


@dataclass(frozen=True)
class Answer:
    """An answer, and what follows from it: another question, or advice.

    Attributes:
        label: The answer, as a button says it.
        question: What to ask next, if anything.
        answers: The answers to that.
        advice: The losses that fit, the first choice first; empty if there is a question.
    """

    label: str
    question: str = ""
    answers: tuple[Answer, ...] = ()
    advice: tuple[Advice, ...] = ()


def leaves(answer: Answer) -> Iterator[Answer]:
    """Every answer below that gives advice."""
    if answer.advice:
        yield answer
    for below in answer.answers:
        yield from leaves(below)


GUIDE = Answer(
    "",
    "What do you predict?",
    (
        Answer(
            "a number",
            "What are the numbers like?",
            (
                Answer(
                    "ordinary",
                    advice=(
                        Advice("MSELoss", "the fit is the mean; large errors count most"),
                        Advice("SmoothL1Loss", "the same near the target, gentler with large errors"),
                    ),
                ),
                Answer(
                    "with outliers",
                    advice=(
                        Advice("HuberLoss", "squared for small errors, bounded pull for large ones"),
                        Advice("SmoothL1Loss", "Huber divided by its threshold"),
                        Advice("L1Loss", "the fit is the median; every error pulls alike"),
                    ),
                ),
                Answer(
                    "counts",
                    advice=(
                        Advice("PoissonNLLLoss", "0, 1, 2 ... events, whose spread grows with their mean"),
                    ),
                ),
                Answer(
                    "with their uncertainty",
                    advice=(Advice("GaussianNLLLoss", "the network says a mean and a variance"),),
                ),
            ),
        ),
        Answer(
            "one of several classes",
            "How many classes, and how balanced?",
            (
                Answer(
                    "a few, balanced or weighted",
                    advice=(
                        Advice("CrossEntropyLoss", "from logits, no softmax before it; takes class weights"),
                        Advice("NLLLoss", "if the network already ends with log_softmax"),
                        Advice("MultiMarginLoss", "if a margin is enough and no probability is needed"),
                    ),
                ),
                Answer(
                    "yes or no",
                    advice=(
                        Advice("BCEWithLogitsLoss", "one logit, stable however large it is"),
                        Advice("BCELoss", "if the network already ends with a sigmoid"),
                        Advice("SoftMarginLoss", "the same curve, for targets −1 and 1"),
                    ),
                ),
                Answer(
                    "yes or no, and one is rare",
                    advice=(
                        Advice(
                            "sigmoid_focal_loss",
                            "easy samples count little, as for the background in detection",
                        ),
                        Advice("BCEWithLogitsLoss", "with pos_weight for the rare side"),
                    ),
                ),
                Answer(
                    "thousands",
                    advice=(
                        Advice("AdaptiveLogSoftmaxWithLoss", "rare classes share small heads"),
                        Advice(
                            "LinearCrossEntropyLoss",
                            "the last layer and cross-entropy in one, to save memory",
                        ),
                    ),
                ),
            ),
        ),
        Answer(
            "several labels at once",
            "What do you need from it?",
            (
                Answer(
                    "a probability for each",
                    advice=(
                        Advice("BCEWithLogitsLoss", "a yes or no for every label; takes pos_weight"),
                        Advice("MultiLabelSoftMarginLoss", "the same, averaged over the labels"),
                        Advice("sigmoid_focal_loss", "if almost all labels are absent"),
                    ),
                ),
                Answer(
                    "the right ones on top",
                    advice=(
                        Advice("MultiLabelMarginLoss", "every true label should beat every other one by 1"),
                    ),
                ),
            ),
        ),
        Answer(
            "which is nearer, or better",
            "What does one sample hold?",
            (
                Answer(
                    "an anchor, a match, a mismatch",
                    advice=(
                        Advice("TripletMarginLoss", "the match should be nearer by a margin"),
                        Advice("TripletMarginWithDistanceLoss", "the same with a distance of your own"),
                    ),
                ),
                Answer(
                    "two things, alike or not",
                    advice=(
                        Advice("CosineEmbeddingLoss", "compares directions, not lengths"),
                        Advice("HingeEmbeddingLoss", "if you have their distance"),
                    ),
                ),
                Answer(
                    "two scores to be ordered",
                    advice=(Advice("MarginRankingLoss", "the better one should lead by a margin"),),
                ),
            ),
        ),
        Answer(
            "a distribution",
            advice=(
                Advice("KLDivLoss", "how far two distributions are apart, in one direction"),
                Advice("CrossEntropyLoss", "takes probabilities as targets too"),
            ),
        ),
        Answer(
            "a sequence",
            "Do you know which step belongs to which label?",
            (
                Answer(
                    "no: speech, handwriting",
                    advice=(Advice("CTCLoss", "sums over all ways to align the labels with the steps"),),
                ),
                Answer(
                    "yes: text, token by token",
                    advice=(
                        Advice("CrossEntropyLoss", "one class for every step; ignore_index for the padding"),
                        Advice("LinearCrossEntropyLoss", "for a large vocabulary, to save memory"),
                        Advice("AdaptiveLogSoftmaxWithLoss", "if most words are rare"),
                    ),
                ),
            ),
        ),
        Answer(
            "a box",
            "What goes wrong?",
            (
                Answer(
                    "boxes do not overlap yet",
                    advice=(
                        Advice("generalized_box_iou_loss", "pulls without overlap"),
                        Advice("distance_box_iou_loss", "pulls straight to the centre"),
                    ),
                ),
                Answer(
                    "the place is off",
                    advice=(
                        Advice("distance_box_iou_loss", "the distance of the centres counts"),
                        Advice("SmoothL1Loss", "on the coordinates themselves"),
                    ),
                ),
                Answer(
                    "the shape is off",
                    advice=(Advice("complete_box_iou_loss", "the aspect ratio counts as well"),),
                ),
            ),
        ),
    ),
)
