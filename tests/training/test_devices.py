"""Where a run computes."""

from __future__ import annotations

import os

import pytest
import torch

from lossviz.training import devices


def test_auto_is_a_device_that_works() -> None:
    device = devices.pick("auto")
    assert torch.ones(2, device=device).sum().item() == 2
    assert devices.name(device)


def test_cores_are_those_we_may_use() -> None:
    assert 1 <= devices.cores() <= (os.cpu_count() or 1)


def test_the_usual_variable_takes_fewer_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert devices.cores() == 1
    for nonsense in ("0", "-1", "many", ""):
        monkeypatch.setenv("OMP_NUM_THREADS", nonsense)
        assert devices.cores() >= 1


def test_one_core_is_left_to_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "cores", lambda: 4)
    assert devices.threads("cnn", beside_page=False) == 4
    assert devices.threads("cnn", beside_page=True) == 3
    assert devices.threads("mlp", beside_page=True) == 1
    monkeypatch.setattr(devices, "cores", lambda: 1)
    assert devices.threads("strided", beside_page=True) == 1
