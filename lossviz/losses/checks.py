"""What lossviz checks before it lets torch run, because torch does not.

torch reads outside its memory for a CTC label that is no class, and gives whatever lay in memory for an empty batch
of a multi-margin loss. Boxes whose corners are in the wrong order give a number without a warning.
"""

from __future__ import annotations

from collections.abc import Sequence


def ctc_targets(targets: Sequence[Sequence[int]], classes: int, blank: int = 0) -> None:
    """Refuse CTC targets that are no classes, or that are the blank.

    Args:
        targets: The labels of every sample, without padding.
        classes: How many classes ``log_probs`` has, the blank among them.
        blank: The class that is the blank.

    Raises:
        ValueError: If a label lies outside the classes or is the blank.
    """
    for sample, labels in enumerate(targets):
        for label in labels:
            if not 0 <= label < classes:
                raise ValueError(
                    f"The target of sample {sample} has the label {label}, but log_probs has the classes 0 to "
                    f"{classes - 1}. torch does not check this and reads outside its memory. Take labels from 0 "
                    f"to {classes - 1}, or give log_probs a column for every label."
                )
            if label == blank:
                raise ValueError(
                    f"The target of sample {sample} has the label {label}, which is the blank. Leave blanks out of "
                    "the target: CTC puts them in itself. What only fills up a row goes behind its target length."
                )


def not_empty(rows: int, loss: str) -> None:
    """Refuse an empty batch.

    Args:
        rows: How many samples the batch has.
        loss: The loss that it is for, for the message.

    Raises:
        ValueError: If there is none.
    """
    if rows < 1:
        raise ValueError(
            f"The batch is empty. {loss} does not check this and returns whatever lay in memory. Skip empty batches."
        )


def boxes_ordered(boxes: Sequence[Sequence[float]]) -> None:
    """Refuse boxes that are not given as x1, y1, x2, y2 with x1 < x2 and y1 < y2.

    Args:
        boxes: The boxes, four numbers each.

    Raises:
        ValueError: If a box has another number of numbers, or its corners are in the wrong order.
    """
    for place, box in enumerate(boxes):
        if len(box) != 4:
            raise ValueError(
                f"Box {place} has {len(box)} numbers. Give a box as x1, y1, x2, y2: its upper left corner, then its "
                "lower right one."
            )
        x1, y1, x2, y2 = box
        for axis, low, high in (("x", x1, x2), ("y", y1, y2)):
            # Written so that a NaN is refused too.
            if not low < high:
                raise ValueError(
                    f"Box {place} has {axis}1 = {low:g} and {axis}2 = {high:g}. torchvision does not check this and "
                    f"computes a number that means nothing. Give the corners in order, {axis}1 < {axis}2."
                )
