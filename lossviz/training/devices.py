"""Where a run computes: which device, how it is called, with how many threads."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch

from lossviz.training import cores as processors
from lossviz.training.errors import TrainingError


def pick(wanted: str) -> torch.device:
    """The device to train on.

    Args:
        wanted: "cpu", "cuda", "mps", or "auto": the first of CUDA, MPS, CPU that is there.

    Returns:
        The device.

    Raises:
        TrainingError: The device asked for is not there.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return torch.device(next(name for name, is_there in there.items() if is_there))
    if not there[wanted]:
        have = ", ".join(name for name, is_there in there.items() if is_there)
        raise TrainingError(f"torch finds no {wanted} device here.", f"Choose auto, or one of: {have}.")
    return torch.device(wanted)


def name(device: torch.device) -> str:
    """What the device's maker calls it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return f"{platform.processor() or 'Apple'} GPU"
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.processor() or platform.machine()


def cores() -> int:
    """How many processors torch may use: those that this process may, or fewer where `OMP_NUM_THREADS` says so.

    In a container with two processors' share of a large machine, torch would take a thread for each of the
    machine's processors, and they would wait for each other. `OMP_NUM_THREADS` says less, as everywhere: on a
    busy machine one thread is often faster than two that spin while they wait for each other.
    """
    there, wanted = processors.cores(), os.environ.get("OMP_NUM_THREADS", "")
    return min(there, int(wanted)) if wanted.isdecimal() and int(wanted) > 0 else there


def threads(model: str, *, beside_page: bool) -> int:
    """How many threads torch computes with.

    Alone, all cores. Beside a page, one core is left to it: threads there wait without spinning, and on two cores
    waking each other then costs more than the second thread brings (measured, images per second with one
    thread, two that wait quietly, two that spin: CNN 8,100, 6,500, 11,800; MLP 78,900, 44,000, 85,100). The
    steps of an MLP are too small to share.

    Args:
        model: The network's name in `Settings`.
        beside_page: Whether a page wants the processor too.

    Returns:
        At least one.
    """
    if not beside_page:
        return cores()
    return 1 if model in ("linear", "narrow-mlp", "mlp", "wide-mlp") else max(1, cores() - 1)
