"""Telling the steps: their losses gathered and told about four times a second, their speed, the time left."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor

from lossviz.training.events import Event, Steps

BEAT_SECONDS = 0.25


class Pulse:
    """Gathers the losses of steps and tells them now and then.

    A loss stays on its device until it is told: reading it after every step would make a GPU wait.

    Args:
        emit: Told a `Steps` event about four times a second.
        steps_total: Steps of the whole run.
        batch_size: Images of a whole batch.
        steps_per_epoch: Steps of an epoch.
        seconds_between: Estimate of what measuring after an epoch takes.
        seconds_at_end: Estimate of what the last measuring takes.

    Attributes:
        steps: Steps told so far.
        images: Images trained on so far.
    """

    def __init__(
        self,
        emit: Callable[[Event], None],
        steps_total: int,
        batch_size: int,
        *,
        steps_per_epoch: int,
        seconds_between: float,
        seconds_at_end: float,
    ) -> None:
        self._emit = emit
        self._steps_total = steps_total
        self._batch_size = batch_size
        self._steps_per_epoch = steps_per_epoch
        self._seconds_between = seconds_between
        self._seconds_at_end = seconds_at_end
        self._waiting: list[Tensor] = []
        self._waiting_images: list[int] = []
        self._last_beat = time.perf_counter()
        self._next_beat = 0.0  # the first step is told at once
        self._epoch_sum = 0.0
        self._epoch_images = 0
        self.steps = 0
        self.images = 0

    def add(self, loss: Tensor, images: int) -> None:
        """Take a step's loss, a detached scalar, and how many images its batch had."""
        self._waiting.append(loss)
        self._waiting_images.append(images)
        if time.perf_counter() > self._next_beat:
            self.beat()

    def beat(self) -> None:
        """Tell what is waiting."""
        if not self._waiting:
            return
        losses = torch.stack(self._waiting).tolist()
        images = sum(self._waiting_images)
        self._epoch_sum += sum(loss * count for loss, count in zip(losses, self._waiting_images, strict=True))
        self._epoch_images += images
        first = self.steps + 1
        self.steps += len(losses)
        self.images += images
        self._waiting.clear()
        self._waiting_images.clear()
        now = time.perf_counter()
        speed = images / max(now - self._last_beat, 1e-9)
        self._last_beat = now
        self._next_beat = now + BEAT_SECONDS
        self._emit(Steps(first, losses, speed, self._seconds_left(speed)))

    def epoch_loss(self) -> float:
        """Mean loss over the images since this was last asked, each image counting the same."""
        mean = self._epoch_sum / self._epoch_images
        self._epoch_sum, self._epoch_images = 0.0, 0
        return mean

    def rest(self) -> None:
        """Start the clock again after a pause that was not training."""
        self._last_beat = time.perf_counter()

    def _seconds_left(self, speed: float) -> float:
        left = self._steps_total - self.steps
        measurings = -(-left // self._steps_per_epoch)
        return left * self._batch_size / speed + measurings * self._seconds_between + self._seconds_at_end
