"""Classic bugs that a run can be given on purpose, and what they do to it. Knows no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

NONE: Final = "none"

ONE_CLASS_WEIGHTS: Final[tuple[float, ...]] = (1.0, *(1e-6,) * 9)
"""All weight on the first class. Not 0 for the others: a batch without the first class would be 0 / 0."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A bug to train with.

    Attributes:
        key: Its value in `Settings.mistake`.
        title: What a switch says.
        bug: What is done wrong.
        outcome: What to expect, and how to see it in the run's numbers.
    """

    key: str
    title: str
    bug: str
    outcome: str


MISTAKES: Final[Mapping[str, Mistake]] = MappingProxyType(
    {
        mistake.key: mistake
        for mistake in (
            Mistake(
                "softmax-first",
                "Softmax before cross-entropy",
                "The network ends with a softmax, and CrossEntropyLoss takes the softmax of that once more.",
                "The loss cannot fall below 1.461 (ln(e + 9) − 1) nor rise above 2.461, however good the network is: "
                "it "
                "stays near 1.5 while the accuracy looks almost healthy. Where the network is sure and wrong, hardly "
                "any gradient is left.",
            ),
            Mistake(
                "sum",
                "Sum instead of mean",
                "reduction='sum': the losses of a batch are added up instead of averaged.",
                "The loss and its gradient are larger by as many times as a mean has terms. With SGD the steps are as "
                "many times longer: a learning rate that suits the mean diverges. Adam divides the scale out again: "
                "there only the numbers on the curve grow. The last, smaller batch of an epoch counts less.",
            ),
            Mistake(
                "one-class-weights",
                "All weight on one class",
                "The class weights are 1 for T-shirt/top and a millionth for the nine others.",
                "The loss falls close to 0 and the accuracy towards 10 %: the network answers T-shirt/top whatever it "
                "sees, and the loss hardly looks at anything else. Only a batch without any T-shirt/top is learned "
                "from "
                "as usual, because the mean divides by the batch's own weights: batches of 32 have one in thirty so.",
            ),
            Mistake(
                "target-shape",
                "A target of another shape",
                "The target has a dimension too many or too few, so that torch broadcasts: every output is compared "
                "with the target of every image of the batch instead of its own.",
                "torch warns once and goes on. The best that the network can do is the mean of all targets, the same "
                "for every image: the loss comes to rest at the spread of the targets, and nothing is learned about "
                "the "
                "single image.",
            ),
        )
    }
)
"""The bugs by their keys."""
