"""The training loop: images in memory as bytes, batches by index, nothing between the steps but the steps."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lossviz.training import devices, landscape, models, range_test, torch_warnings, weights
from lossviz.training.best_weights import BestWeights
from lossviz.training.data.dataset import Dataset
from lossviz.training.events import Epoch, Event, Finished, Initial, Layer, Started, Steps, Stopped
from lossviz.training.floor import floor_loss
from lossviz.training.gradient_norms import gradient_norms
from lossviz.training.left_files import LeftFiles
from lossviz.training.looking_inside import Landscape, RangeTest
from lossviz.training.measure import Measured, Sample, measure, normalise
from lossviz.training.objective import Objective, objective
from lossviz.training.optimizers import learning_rates, optimizer
from lossviz.training.pulse import Pulse
from lossviz.training.results import Predictions
from lossviz.training.same_start import batches_digest, weights_digest
from lossviz.training.samples import samples, test_sample
from lossviz.training.settings import Settings
from lossviz.training.split import Split, split
from lossviz.training.tasks.looks import Pictures, Plane
from lossviz.training.tasks.task import Task
from lossviz.training.tasks.tasks import TASKS
from lossviz.training.torch_warnings import caught_warnings

TRAIN_MEASURED_AT_MOST = 5_000
"""Train images on which the train loss is re-measured: a fixed sample, so that measuring stays cheap."""
INITIAL_MEASURED_AT_MOST = 1_000
"""Images of each part measured before the first step, so that the first point comes at once."""
STOPPED_MEASURING_SECONDS = 0.4
"""How long a stopped run may measure before it answers."""


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
        folder: Where to leave the predictions on the validation images and the weights; None for nowhere.

    Returns:
        `Finished`, with the official test images measured; or `Stopped`, with validation images measured as far
        as 0.4 s go, so that a stop is answered within a second.

    Raises:
        TrainingError: The device asked for is not there, or the data has too few images.
    """
    device = devices.pick(settings.device)
    picked = split(settings, len(dataset.train_labels))
    task = TASKS[settings.task]
    torch.manual_seed(settings.seed)
    model = task.network(settings)
    # After the network: the loss may own a layer, whose first weights come next.
    loss = objective(settings, models.FEATURES[settings.model], device)
    layers = models.layers(model, loss.head)
    own = [] if loss.head is None else [each.cpu() for each in loss.head.parameters()]
    first = [*model.parameters(), *own]
    # Below the last layer, which the loss may own.
    body = [*model.parameters()] if loss.head is not None else [*model[:-1].parameters()]
    digests = {"weights_digest": weights_digest(first), "body_digest": weights_digest(body)}
    model = model.to(device).to(memory_format=torch.channels_last)
    with caught_warnings(settings.mistake) as caught:
        trainer = _Run(settings, dataset, picked, task, model, loss, layers, emit, should_stop, caught)
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
                chance_loss=trainer.baseline(),
                baseline=settings.spec.baseline,
                task=settings.task,
                batches_digest=trainer.batches_digest(),
                floor_loss=trainer.floor(),
                wrong_labels=trainer.samples.wrong_labels,
                **digests,
            )
        )
        outcome = trainer.run_range_test() if settings.range_test else trainer.run(folder)
    emit(outcome)
    return outcome


class _Run:
    """One run: what its steps and its measurings share."""

    def __init__(
        self,
        settings: Settings,
        dataset: Dataset,
        picked: Split,
        task: Task,
        model: nn.Sequential,
        loss: Objective,
        layers: list[Layer],
        emit: Callable[[Event], None],
        should_stop: Callable[[], bool],
        caught: list[warnings.WarningMessage],
    ) -> None:
        self.settings = settings
        self.dataset = dataset
        self.picked = picked
        self.task = task
        self.model = model
        self.device = devices.pick(settings.device)
        self.objective = loss
        self.layers = layers
        self.caught = caught
        self.emit = emit
        self.should_stop = should_stop
        self.samples = samples(settings, dataset, picked, self.device)
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
            seconds_at_end=len(self.dataset.test_labels) / measuring_rate
            + landscape.SECONDS * settings.landscape,
        )
        self._ready()
        best = BestWeights(self._modules(), settings.early_stopping)
        epoch = 0
        while epoch < settings.epochs and not best.enough and self._epoch(epoch + 1, pulse):
            epoch += 1
            if self.validation is not None:
                best.take(epoch, self.validation)
        finished = epoch == settings.epochs or best.enough
        self.validation = best.restore() or self.validation
        validation, test = self._last_measuring(finished=finished)
        around = self._landscape() if test and settings.landscape else None
        left = LeftFiles(folder)
        outcome: dict[str, Any] = {
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
            "artefacts": {
                "predictions": left.predictions(self._predictions(validation)),
                weights.ARTEFACT: left.weights(self.model, self.objective.head, settings, self.dataset),
            },
            "metrics": dict(validation.metrics),
            "test_metrics": dict(test.metrics) if test else {},
            "warnings": torch_warnings.texts(self.caught),
            "notes": left.notes,
            "best_epoch": best.epoch,
            "stopped_early": epoch if epoch < settings.epochs and best.enough and test else None,
            "landscape": around,
        }
        return Finished(**outcome) if test else Stopped(**outcome)

    def run_range_test(self) -> Finished | Stopped:
        """Take steps at rising learning rates, and read what their losses say."""
        settings, start, losses = self.settings, time.perf_counter(), list[float]()
        self._initial()

        def emit(event: Event) -> None:
            if isinstance(event, Steps):
                losses.extend(event.losses)
            self.emit(event)

        pulse = Pulse(
            emit,
            settings.steps_total,
            settings.batch_size,
            steps_per_epoch=settings.steps_total,
            seconds_between=0.0,
            seconds_at_end=0.0,
        )
        self._ready()
        pulse.rest()
        begun, done = time.perf_counter(), 0
        while done < settings.steps_total and self._steps(done, pulse, settings.steps_total - done):
            done += min(settings.steps_per_epoch, settings.steps_total - done)
        pulse.beat()
        training = time.perf_counter() - begun
        first = self.initial
        kind = Finished if done == settings.steps_total else Stopped
        return kind(
            epochs=0,
            step=pulse.steps,
            seconds=time.perf_counter() - start,
            training_seconds=training,
            validation_loss=first.loss,
            validation_accuracy=first.accuracy,
            validation_measured_on=first.images,
            test_loss=None,
            test_accuracy=None,
            images_per_second=pulse.images / training if training else 0.0,
            artefacts={"predictions": None, weights.ARTEFACT: None},
            metrics=dict(first.metrics),
            warnings=torch_warnings.texts(self.caught),
            range_test=self._read_range_test(losses),
        )

    def _read_range_test(self, losses: list[float]) -> RangeTest | None:
        return range_test.read(self.rates, losses) if losses else None

    def _ready(self) -> None:
        """Make the optimiser; let dropout leave out the same units whatever layers the loss has drawn before."""
        self.optimizer = optimizer(
            self.settings, chain.from_iterable(each.parameters() for each in self._modules())
        )
        if self.settings.dropout:
            torch.manual_seed(self.settings.seed)

    def _modules(self) -> list[nn.Module]:
        """What is trained: the network, and the loss's own layers."""
        head = self.objective.head
        return [self.model] if head is None else [self.model, head]

    def _initial(self) -> float:
        """Measure the network before its first step; returns images measured a second."""
        train = self._measure(self.samples.train.first(INITIAL_MEASURED_AT_MOST))
        held_out = self._measure(self.samples.validation.first(INITIAL_MEASURED_AT_MOST))
        self.initial = held_out
        self.emit(
            Initial(
                train.loss,
                train.accuracy,
                held_out.loss,
                held_out.accuracy,
                train.images,
                held_out.images,
                dict(held_out.metrics),
                gradient_norms=self._gradient_norms(),
                **self._look(held_out),
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
        train = self._measure(self.samples.train.first(TRAIN_MEASURED_AT_MOST), self.should_stop)
        held_out = self._measure(self.samples.validation, self.should_stop, keep_probabilities=True)
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
                metrics=dict(held_out.metrics),
                warnings=torch_warnings.texts(self.caught),
                gradient_norms=self._gradient_norms(),
                memorised=self._memorised(),
                **self._look(held_out),
            )
        )
        return True

    def _gradient_norms(self) -> dict[str, float]:
        batch = self.samples.train.first(self.settings.batch_size)
        return gradient_norms(self.model, self.objective, batch, self.task, self.layers)

    def _memorised(self) -> float | None:
        if self.samples.wrong is None or self.settings.task != "classify":
            return None
        return self._measure(self.samples.wrong, self.should_stop).accuracy

    def _landscape(self) -> Landscape | None:
        """The loss around the weights, on the first training images."""
        most = min(landscape.MOST_IMAGES, len(self.samples.train))
        learned = [each for module in self._modules() for each in module.parameters()]
        return landscape.landscape(
            learned,
            lambda images: self._measure(self.samples.train.first(images)).loss,
            seed=self.settings.seed,
            images=most,
            should_stop=self.should_stop,
        )

    def _steps(self, first: int, pulse: Pulse, most: int | None = None) -> bool:
        """The hot loop: one epoch of steps, or the first ones of it; returns whether it was not stopped."""
        # Everything is a local name here: at 600 steps a second each attribute looked up is time lost.
        images, labels = self.samples.train.images, self.samples.train.labels
        mean, std = self.samples.train.mean, self.samples.train.std
        model, should_stop, add, target = self.model, self.should_stop, pulse.add, self.task.target
        tensors, call = self.objective.tensors, self.objective.call
        step, zero_grad, groups = self.optimizer.step, self.optimizer.zero_grad, self.optimizer.param_groups
        rates, order = self.rates, torch.randperm(len(labels), generator=self.order).to(self.device)
        batches = torch.split(order, self.settings.batch_size)[:most]
        for number, batch in enumerate(batches, start=first):
            if should_stop():
                return False
            for group in groups:
                group["lr"] = rates[number]
            pixels = images[batch]
            output = model(normalise(pixels, mean, std))
            loss = call(*tensors(output, target(pixels, labels, batch)))
            zero_grad()
            torch.autograd.backward(loss)
            step()
            add(loss.detach(), len(batch))
        return True

    def _last_measuring(self, *, finished: bool) -> tuple[Measured, Measured | None]:
        """Validation, and the test images if the run finished and is not stopped while they are measured."""
        if finished and self.validation is not None and not self.should_stop():
            test = self._measure(test_sample(self.dataset, self.device), self.should_stop)
            if test.images == len(self.dataset.test_labels):
                return self.validation, test
            return self.validation, None
        deadline = time.perf_counter() + STOPPED_MEASURING_SECONDS
        validation = self._measure(
            self.samples.validation, lambda: time.perf_counter() > deadline, keep_probabilities=True
        )
        return validation, None

    def _measure(
        self, sample: Sample, enough: Callable[[], bool] = lambda: False, *, keep_probabilities: bool = False
    ) -> Measured:
        return measure(
            self.model,
            self.objective,
            sample,
            task=self.task,
            enough=enough,
            keep_probabilities=keep_probabilities,
        )

    def _look(self, measured: Measured) -> dict[str, Any]:
        """What the validation images measured look like, as `Initial` and `Epoch` carry it."""
        if measured.shown is None:
            return {}
        shown, count = measured.shown.numpy(), len(measured.shown)
        indices = self.picked.validation[:count].tolist()
        labels = self.samples.validation.labels[:count].tolist()
        if self.settings.task == "embed":
            return {"plane": Plane.pack(indices, labels, shown)}
        originals = self.samples.validation.images[:count, 0].cpu().numpy()
        return {"pictures": Pictures.pack(indices, labels, originals, shown)}

    def baseline(self) -> float:
        """The loss of a network that has learned nothing about the single image."""
        with torch.no_grad():
            return self.task.baseline(self.objective, self.settings.batch_size, self.samples.train.images)

    def batches_digest(self) -> str:
        """A digest of the first epoch's batches."""
        settings = self.settings
        labels = self.samples.train.labels.cpu()
        return batches_digest(
            self.picked.train, labels, settings.seed, settings.batch_size, self.dataset.name
        )

    def floor(self) -> float:
        """The lowest loss that there is; not a number where there is none."""
        lowest = floor_loss(self.settings, self.samples.train.images)
        return math.nan if lowest is None else lowest

    def _predictions(self, validation: Measured) -> Predictions | None:
        """What the network answers on the validation images measured, where answers are kept."""
        if validation.probabilities is None:
            return None
        count = validation.images
        return Predictions(
            self.picked.validation[:count].numpy(),
            self.samples.validation.labels[:count].cpu().numpy(),
            validation.probabilities.numpy(),
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
