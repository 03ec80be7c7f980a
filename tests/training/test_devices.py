"""Where a run computes."""

from __future__ import annotations

import os

import torch

from lossviz.training import devices


def test_auto_is_a_device_that_works() -> None:
    device = devices.pick("auto")
    assert torch.ones(2, device=device).sum().item() == 2
    assert devices.name(device)


def test_cores_are_those_we_may_use() -> None:
    assert 1 <= devices.cores() <= (os.cpu_count() or 1)
