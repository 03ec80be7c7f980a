"""What a run can find beside its curves: a test of learning rates, the loss around the weights. Knows no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd  # the processes that tell events have no use for it

LANDSCAPE_CAVEAT = (
    "A slice is not the landscape: it shows two random directions of very many, and another pair may look otherwise. "
    "Compare its shape with that of another run of the same network, not with a picture of all there is."
)


@dataclass(frozen=True, slots=True)
class RangeTest:
    """What a learning-rate range test found.

    Attributes:
        rates: The learning rate of each step, rising by a constant factor.
        losses: The loss of each step's batch, before the step was taken.
        smoothed: The same, as a running mean of the loss that forgets; not finite from where the loss is not.
        suggestion: The rate at which the smoothed loss falls most steeply; None where it does not fall.
        lowest: The rate at which the smoothed loss is lowest; None where it does not fall.
        diverges: The first rate after that at which the smoothed loss is back above its first value or not finite;
            None where that does not happen.
    """

    rates: list[float]
    losses: list[float]
    smoothed: list[float]
    suggestion: float | None = None
    lowest: float | None = None
    diverges: float | None = None

    def table(self) -> pd.DataFrame:
        """A row a step: step (from 1), rate, loss, smoothed."""
        import pandas as pd

        return pd.DataFrame(
            {
                "step": range(1, len(self.rates) + 1),
                "rate": self.rates,
                "loss": self.losses,
                "smoothed": self.smoothed,
            }
        )


@dataclass(frozen=True, slots=True)
class Landscape:
    """The loss around the trained weights, on a square of two random directions.

    Attributes:
        span: How far it reaches from the centre in each direction; at 1 every filter has moved by its own length.
        side: Points on a side; odd, so that the centre is one of them.
        images: How many training images it was measured on: a fixed sample.
        centre: The loss of the trained weights on those images.
        losses: `side` squared losses, row by row, from -span to span; the second direction counts the rows. Not
            finite where the loss is not, or where the time did not suffice.
        seconds: What it took.
        seed: What drew the directions.
    """

    span: float
    side: int
    images: int
    centre: float
    losses: list[float] = field(repr=False)
    seconds: float = 0.0
    seed: int = 0

    def grid(self) -> NDArray[np.float64]:
        """The losses, shape (side, side): rows the second direction, columns the first."""
        return np.asarray(self.losses, dtype=np.float64).reshape(self.side, self.side)

    def axis(self) -> NDArray[np.float64]:
        """Where the points lie along either direction, shape (side,)."""
        return np.linspace(-self.span, self.span, self.side)

    def table(self) -> pd.DataFrame:
        """A row a point: first, second (where it lies along the two directions), loss."""
        import pandas as pd

        first, second = np.meshgrid(self.axis(), self.axis())
        return pd.DataFrame({"first": first.ravel(), "second": second.ravel(), "loss": self.losses})
