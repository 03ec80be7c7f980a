"""The loops of four frameworks, each as its documentation recommends for speed, everything optional off.

Each is given the same network of torch (Keras: the same layers of its own), on images that are in memory as float32,
normalised already, and batches by index (`DataLoader(batch_size=None, sampler=BatchSampler(...))`, what torch's
documentation recommends where a batch can be read at once; without it a DataLoader gathers a batch image by image).
Timed is an epoch of steps, by the framework's own hooks; not what it does before and after.
"""

from __future__ import annotations

import importlib.util
import os
import time
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn
    from torch.utils.data import DataLoader

RATE = 1e-3

Epoch = Callable[["nn.Sequential", "Tensor", "Tensor", int], float]
"""A network, images (N, 1, 28, 28) and classes (N,) to learn from, images a batch; to the seconds of one epoch."""


class Clock:
    """Seconds from the beginning of an epoch of steps to its end."""

    def __init__(self) -> None:
        self._begun = 0.0
        self.seconds = 0.0

    def begin(self) -> None:
        """The steps begin."""
        self._begun = time.perf_counter()

    def end(self) -> None:
        """The steps are done."""
        self.seconds = time.perf_counter() - self._begun


def batches(images: Tensor, labels: Tensor, size: int) -> DataLoader[Any]:
    """Shuffled batches of images in memory, each read at once."""
    from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

    data = TensorDataset(images, labels)
    sampler = BatchSampler(RandomSampler(data), size, drop_last=False)
    return DataLoader(data, batch_size=None, sampler=sampler)


def adam(parameters: Any) -> torch.optim.Optimizer:  # noqa: ANN401 - whatever torch takes
    """The optimiser of all that take one of torch's."""
    import torch

    return torch.optim.Adam(parameters, lr=RATE, fused=True)


def skorch(network: nn.Sequential, images: Tensor, labels: Tensor, size: int) -> float:
    """No callbacks, no split, the data set given as torch has it.

    Source: https://skorch.readthedocs.io/en/stable/user/performance.html and FAQ.
    """
    import torch
    from skorch import NeuralNet
    from torch.utils.data import BatchSampler, RandomSampler, TensorDataset

    clock, data = Clock(), TensorDataset(images, labels)

    class Timed(NeuralNet):
        def on_epoch_begin(self, *given: object, **named: object) -> None:
            super().on_epoch_begin(*given, **named)
            clock.begin()

        def on_epoch_end(self, *_: object, **__: object) -> None:
            clock.end()

    net = Timed(
        network,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        optimizer__fused=True,
        lr=RATE,
        max_epochs=1,
        iterator_train__batch_size=None,
        iterator_train__sampler=BatchSampler(RandomSampler(data), size, drop_last=False),
        train_split=None,
        callbacks="disable",
        verbose=0,
    )
    net.fit(data, y=None)
    return clock.seconds


def lightning(network: nn.Sequential, images: Tensor, labels: Tensor, size: int) -> float:
    """Barebones: all features that may slow the loop are off.

    Source: https://lightning.ai/docs/pytorch/stable/common/trainer.html (barebones).
    """
    import logging

    from lightning import pytorch
    from torch.nn.functional import cross_entropy

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    clock = Clock()

    class Timed(pytorch.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def training_step(self, batch: list[Tensor]) -> Tensor:
            return cross_entropy(self.network(batch[0]), batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return adam(self.parameters())

        def on_train_epoch_start(self) -> None:
            clock.begin()

        def on_train_epoch_end(self) -> None:
            clock.end()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that more workers could load: nothing is loaded
        trainer = pytorch.Trainer(max_epochs=1, accelerator="cpu", devices=1, barebones=True)
        trainer.fit(Timed(), batches(images, labels, size))
    return clock.seconds


def fastai(network: nn.Sequential, images: Tensor, labels: Tensor, size: int) -> float:
    """No recorder, no bar, no validation; torch's own loader and optimiser.

    Source: https://docs.fast.ai/examples/migrating_pytorch.html
    """
    import torch
    from fastai.callback.core import Callback, CancelValidException
    from fastai.callback.progress import ProgressCallback
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner, Recorder
    from fastai.optimizer import OptimWrapper

    clock = Clock()

    class Timed(Callback):
        def before_train(self) -> None:
            clock.begin()

        def after_train(self) -> None:
            clock.end()

        def before_validate(self) -> None:
            raise CancelValidException

    loaders = DataLoaders(batches(images, labels, size), batches(images[:size], labels[:size], size))
    learner = Learner(
        loaders,
        network,
        loss_func=torch.nn.CrossEntropyLoss(),
        opt_func=partial(OptimWrapper, opt=partial(torch.optim.Adam, fused=True)),
        lr=RATE,
        cbs=Timed(),
    )
    learner.remove_cbs([Recorder, ProgressCallback])
    learner.fit(1)
    return clock.seconds


def keras(network: nn.Sequential, images: Tensor, labels: Tensor, size: int) -> float:
    """Layers, loss and optimiser of its own, no metrics, channels first as torch has them.

    Source: https://keras.io/guides/training_with_built_in_methods/
    """
    os.environ["KERAS_BACKEND"] = "torch"
    import keras as k
    from torch import nn

    k.config.set_image_data_format("channels_first")
    clock = Clock()

    class Timed(k.callbacks.Callback):
        def on_epoch_begin(self, *_: object, **__: object) -> None:
            clock.begin()

        def on_epoch_end(self, *_: object, **__: object) -> None:
            clock.end()

    same: Mapping[type[nn.Module], Callable[[Any], Any]] = {
        nn.Conv2d: lambda own: k.layers.Conv2D(own.out_channels, own.kernel_size, padding="same"),
        nn.MaxPool2d: lambda own: k.layers.MaxPooling2D(own.kernel_size),
        nn.ReLU: lambda _: k.layers.ReLU(),
        nn.Flatten: lambda _: k.layers.Flatten(),
        nn.Linear: lambda own: k.layers.Dense(own.out_features),
    }
    model = k.Sequential([k.Input(tuple(images.shape[1:])), *(same[type(own)](own) for own in network)])
    model.compile(
        optimizer=k.optimizers.Adam(RATE), loss=k.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    model.fit(batches(images, labels, size), epochs=1, verbose=0, callbacks=[Timed()])
    return clock.seconds


FRAMEWORKS: Mapping[str, Epoch] = {"skorch": skorch, "lightning": lightning, "fastai": fastai, "keras": keras}


def installed() -> list[str]:
    """Those frameworks that are there."""
    return [name for name in FRAMEWORKS if importlib.util.find_spec(name) is not None]
