"""Optimisers are torch's fused ones; the one-cycle rates are torch's OneCycleLR's."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from lossviz.training.optimizers import learning_rates, optimizer
from lossviz.training.settings import OPTIMIZERS, Settings


def plain(name: str, parameter: nn.Parameter) -> torch.optim.Optimizer:
    if name.startswith("sgd"):
        momentum = 0.9 if name == "sgd-momentum" else 0.0
        return torch.optim.SGD([parameter], lr=0.05, momentum=momentum, foreach=False)
    kind = torch.optim.AdamW if name == "adamw" else torch.optim.Adam
    return kind([parameter], lr=0.05, foreach=False)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_fused_optimiser_takes_the_step_of_the_plain_one(name: str) -> None:
    ours, theirs = (nn.Parameter(torch.linspace(-1, 1, 5)) for _ in range(2))
    steppers = optimizer(Settings(optimizer=name, learning_rate=0.05), [ours]), plain(name, theirs)
    assert steppers[0].defaults["fused"]
    for _ in range(3):
        for stepper, parameter in zip(steppers, (ours, theirs), strict=True):
            parameter.grad = parameter.detach() ** 2
            stepper.step()
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("epochs", [1, 3])
@pytest.mark.parametrize("batch_size", [1, 16, 45, 64])
def test_one_cycle_is_torchs(epochs: int, batch_size: int) -> None:
    settings = Settings(
        schedule="one-cycle", learning_rate=0.02, epochs=epochs, batch_size=batch_size, train_size=100
    )
    stepper = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(stepper, 0.02, total_steps=settings.steps_total)
    expected = []
    for _ in range(settings.steps_total):
        expected.append(stepper.param_groups[0]["lr"])
        stepper.step()
        if len(expected) < settings.steps_total:
            scheduler.step()
    assert learning_rates(settings) == pytest.approx(expected, rel=1e-9)


def test_a_run_of_one_step_has_a_rate() -> None:
    settings = Settings(schedule="one-cycle", epochs=1, batch_size=4_096, train_size=100)
    assert len(learning_rates(settings)) == 1


def test_constant_is_constant() -> None:
    settings = Settings(schedule="constant", learning_rate=0.1, train_size=100, epochs=2)
    assert learning_rates(settings) == [0.1] * settings.steps_total


def test_cosine_is_torchs() -> None:
    settings = Settings(schedule="cosine", learning_rate=0.02, epochs=2, train_size=1_000)
    stepper = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.02)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(stepper, settings.steps_total)
    expected = []
    for _ in range(settings.steps_total):
        expected.append(stepper.param_groups[0]["lr"])
        stepper.step()
        scheduler.step()
    assert learning_rates(settings) == pytest.approx(expected, rel=1e-9)
