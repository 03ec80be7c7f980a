"""The training loop: images in memory as bytes, batches by index, nothing between the steps but the steps."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from lossviz.training import devices, models
from lossviz.training.data.dataset import Dataset
from lossviz.training.events import Epoch, Event, Finished, Initial, Started, Stopped
from lossviz.training.measure import Measured, Sample, measure, normalise
from lossviz.training.objective import Objective, objective
from lossviz.training.optimizers import learning_rates, optimizer
from lossviz.training.pulse import Pulse
from lossviz.training.results import Predictions, save_predictions
from lossviz.training.settings import Settings
from lossviz.training.split import Split, split

CLASSES = 10
TRAIN_MEASURED_AT_MOST = 5_000
"""Train images on which the train loss is re-measured: a fixed sample, so that measuring stays cheap."""
INITIAL_MEASURED_AT_MOST = 1_000
"""Images of each part measured before the first step, so that the first point comes at once."""
STOPPED_MEASURING_SECONDS = 0.4
"""How long a stopped run may measure before it answers."""

PREDICTIONS = "predictions.npz"


def train(
    settings: Settings,
    dataset: Dataset,
    emit: Callable[[Event], None],
    should_stop: Callable[[], bool] = lambda: False,
    *,
    run: str = "",
    folder: Path | None = None,
) -> Finished | Stopped:
    """Train a network and tell how it goes.

    On the CPU, equal settings give equal losses.

    Args:
        settings: What to train.
        dataset: What to train it on.
        emit: Told `Started`, `Initial`, `Steps` about four times a second, an `Epoch` after each epoch, and
            last the outcome. It is called in the loop: it must not take long.
        should_stop: Asked before every step and while measuring.
        run: The run's id, for `Started`.
        folder: Where to leave the predictions on the validation images; None for nowhere.

    Returns:
        `Finished`, with the official test images measured; or `Stopped`, with validation images measured as far
        as 0.4 s go, so that a stop is answered within a second.

    Raises:
        TrainingError: The device asked for is not there, or the data has too few images.
    """
    device = devices.pick(settings.device)
    picked = split(settings, len(dataset.train_labels))
    torch.manual_seed(settings.seed)
    model = models.build(settings.model)
    layers = models.layers(model)
    model = model.to(device).to(memory_format=torch.channels_last)
    emit(
        Started(
            run=run,
            settings=settings.as_dict(),
            data_name=dataset.name,
            data_origin=dataset.origin,
            device=str(device),
            device_name=devices.name(device),
            threads=torch.get_num_threads(),
            parameters=sum(layer.parameters for layer in layers),
            layers=layers,
            train_images=settings.train_images,
            validation_images=settings.validation_images,
            test_images=len(dataset.test_labels),
            train_measured_on=min(settings.train_images, TRAIN_MEASURED_AT_MOST),
            steps_per_epoch=settings.steps_per_epoch,
            steps_total=settings.steps_total,
            chance_loss=math.log(CLASSES),
        )
    )
    trainer = _Run(settings, dataset, picked, model, emit, should_stop)
    outcome = trainer.run(folder)
    emit(outcome)
    return outcome


class _Run:
    """One run: what its steps and its measurings share."""

    def __init__(
        self,
        settings: Settings,
        dataset: Dataset,
        picked: Split,
        model: nn.Module,
        emit: Callable[[Event], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self.settings = settings
        self.dataset = dataset
        self.picked = picked
        self.model = model
        self.device = next(model.parameters()).device
        self.objective: Objective = objective(settings)
        self.emit = emit
        self.should_stop = should_stop
        self.train_sample = self._sample(dataset.train_images, dataset.train_labels, picked.train)
        self.validation_sample = self._sample(dataset.train_images, dataset.train_labels, picked.validation)
        self.rates = learning_rates(settings)
        self.order = torch.Generator().manual_seed(settings.seed)
        self.training_seconds = 0.0
        self.validation: Measured | None = None

    def run(self, folder: Path | None) -> Finished | Stopped:
        settings = self.settings
        start = time.perf_counter()
        measuring_rate = self._initial()
        per_epoch = min(settings.train_images, TRAIN_MEASURED_AT_MOST) + settings.validation_images
        pulse = Pulse(
            self.emit,
            settings.steps_total,
            settings.batch_size,
            steps_per_epoch=settings.steps_per_epoch,
            seconds_between=per_epoch / measuring_rate,
            seconds_at_end=len(self.dataset.test_labels) / measuring_rate,
        )
        self.optimizer = optimizer(settings, self.model.parameters())
        epoch = 0
        while epoch < settings.epochs and self._epoch(epoch + 1, pulse):
            epoch += 1
        validation, test = self._last_measuring(finished=epoch == settings.epochs)
        outcome = {
            "epochs": epoch,
            "step": pulse.steps,
            "seconds": time.perf_counter() - start,
            "training_seconds": self.training_seconds,
            "validation_loss": validation.loss,
            "validation_accuracy": validation.accuracy,
            "validation_measured_on": validation.images,
            "test_loss": test.loss if test else None,
            "test_accuracy": test.accuracy if test else None,
            "images_per_second": pulse.images / self.training_seconds if self.training_seconds else 0.0,
            "artefacts": {"predictions": self._leave_predictions(folder, validation)},
        }
        return Finished(**outcome) if test else Stopped(**outcome)  # type: ignore[arg-type]  # one dict, all fields

    def _initial(self) -> float:
        """Measure the network before its first step; returns images measured a second."""
        train = measure(self.model, self.objective, self.train_sample.first(INITIAL_MEASURED_AT_MOST))
        held_out = measure(self.model, self.objective, self.validation_sample.first(INITIAL_MEASURED_AT_MOST))
        self.emit(
            Initial(
                train.loss, train.accuracy, held_out.loss, held_out.accuracy, train.images, held_out.images
            )
        )
        return max(1.0, (train.images + held_out.images) / max(train.seconds + held_out.seconds, 1e-6))

    def _epoch(self, number: int, pulse: Pulse) -> bool:
        """Train and measure one epoch; returns whether it was not stopped."""
        start = time.perf_counter()
        pulse.rest()
        whole = self._steps((number - 1) * self.settings.steps_per_epoch, pulse)
        pulse.beat()
        seconds = time.perf_counter() - start
        self.training_seconds += seconds
        if not whole:
            return False
        train = measure(
            self.model,
            self.objective,
            self.train_sample.first(TRAIN_MEASURED_AT_MOST),
            enough=self.should_stop,
        )
        held_out = measure(
            self.model,
            self.objective,
            self.validation_sample,
            enough=self.should_stop,
            keep_probabilities=True,
        )
        self.validation = held_out
        self.emit(
            Epoch(
                epoch=number,
                running_train_loss=pulse.epoch_loss(),
                train_loss=train.loss,
                train_accuracy=train.accuracy,
                train_measured_on=train.images,
                validation_loss=held_out.loss,
                validation_accuracy=held_out.accuracy,
                validation_measured_on=held_out.images,
                images_per_second=self.settings.train_images / seconds,
                seconds=time.perf_counter() - start,
            )
        )
        return True

    def _steps(self, first: int, pulse: Pulse) -> bool:
        """The hot loop: one epoch of steps; returns whether it was not stopped."""
        # Everything is a local name here: at 600 steps a second each attribute looked up is time lost.
        images, labels = self.train_sample.images, self.train_sample.labels
        mean, std = self.train_sample.mean, self.train_sample.std
        model, loss_of, should_stop, add = self.model, self.objective, self.should_stop, pulse.add
        step, zero_grad, groups = self.optimizer.step, self.optimizer.zero_grad, self.optimizer.param_groups
        rates, order = self.rates, torch.randperm(len(labels), generator=self.order).to(self.device)
        for number, batch in enumerate(torch.split(order, self.settings.batch_size), start=first):
            if should_stop():
                return False
            for group in groups:
                group["lr"] = rates[number]
            loss = loss_of(model(normalise(images[batch], mean, std)), labels[batch])
            zero_grad()
            torch.autograd.backward(loss)
            step()
            add(loss.detach(), len(batch))
        return True

    def _last_measuring(self, *, finished: bool) -> tuple[Measured, Measured | None]:
        """Validation, and the test images if the run finished and is not stopped while they are measured."""
        if finished and self.validation is not None and not self.should_stop():
            test = measure(self.model, self.objective, self._test_sample(), enough=self.should_stop)
            if test.images == len(self.dataset.test_labels):
                return self.validation, test
            return self.validation, None
        deadline = time.perf_counter() + STOPPED_MEASURING_SECONDS
        return (
            measure(
                self.model,
                self.objective,
                self.validation_sample,
                enough=lambda: time.perf_counter() > deadline,
                keep_probabilities=True,
            ),
            None,
        )

    def _leave_predictions(self, folder: Path | None, validation: Measured) -> str | None:
        if folder is None or validation.probabilities is None:
            return None
        path = folder / PREDICTIONS
        count = validation.images
        save_predictions(
            Predictions(
                self.picked.validation[:count].numpy(),
                self.validation_sample.labels[:count].cpu().numpy(),
                validation.probabilities.numpy(),
            ),
            path,
        )
        return str(path)

    def _test_sample(self) -> Sample:
        everything = torch.arange(len(self.dataset.test_labels))
        return self._sample(self.dataset.test_images, self.dataset.test_labels, everything)

    def _sample(self, images: np.ndarray, labels: np.ndarray, picked: Tensor) -> Sample:
        """Copy picked images from the map into memory, as bytes, onto the device."""
        pixels = torch.from_numpy(images[picked.numpy()]).unsqueeze(1)
        classes = torch.from_numpy(labels[picked.numpy()].astype(np.int64))
        return Sample(
            pixels.to(self.device), classes.to(self.device), self.dataset.mean * 255, self.dataset.std * 255
        )


def use_threads(settings: Settings, *, beside_page: bool) -> None:
    """Have torch compute with the threads that suit a run (`lossviz.training.devices.threads`)."""
    torch.set_num_threads(devices.threads(settings.model, beside_page=beside_page))


def warm_up() -> None:
    """Load what a first run loads: the first optimiser alone imports about 900 modules."""
    settings = Settings(epochs=1, train_size=100, validation_share=0.5)
    model = models.build(settings.model).to(memory_format=torch.channels_last)
    stepper = optimizer(settings, model.parameters())
    images = torch.zeros(settings.batch_size, 1, models.PIXELS, models.PIXELS, dtype=torch.uint8)
    labels = torch.zeros(settings.batch_size, dtype=torch.int64)
    torch.autograd.backward(objective(settings)(model(normalise(images, 0.0, 1.0)), labels))
    stepper.step()
