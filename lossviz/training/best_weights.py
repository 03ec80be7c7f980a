"""Early stopping: the best epoch's weights are kept, and a run ends that has not improved for a while."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from lossviz.training.measure import Measured


class BestWeights:
    """The weights of the epoch with the lowest validation loss.

    Args:
        modules: What is trained.
        patience: Epochs without a lower validation loss after which it is enough; 0 for never, and then no weights
            are kept.

    Attributes:
        epoch: The best epoch so far, from 1; None before the first, or while no loss was finite.
        measured: What was measured on the validation images then.
        enough: Whether the patience is at its end.
    """

    def __init__(self, modules: Sequence[nn.Module], patience: int) -> None:
        self._modules = modules
        self._patience = patience
        self._kept: list[dict[str, Tensor]] = []
        self._last = 0
        self.epoch: int | None = None
        self.measured: Measured | None = None

    def take(self, epoch: int, measured: Measured) -> None:
        """An epoch is over."""
        if not self._patience:
            return
        self._last = epoch
        if self.measured is None or measured.loss < self.measured.loss:
            if measured.loss != measured.loss:  # not a number
                return
            self.epoch, self.measured = epoch, measured
            self._kept = [
                {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}
                for module in self._modules
            ]

    @property
    def enough(self) -> bool:
        """Whether it has not improved for as many epochs as the patience allows."""
        return bool(self._patience) and self._last - (self.epoch or 0) >= self._patience

    def restore(self) -> Measured | None:
        """Put the best weights back; returns what was measured with them, None where none were kept."""
        for module, kept in zip(self._modules, self._kept, strict=False):
            module.load_state_dict(kept)
        return self.measured
