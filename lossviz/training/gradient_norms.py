"""How long the gradient is in each layer, on one fixed batch: outside the training loop, and without a trace in it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lossviz.training.events import Layer
from lossviz.training.measure import Sample, normalise
from lossviz.training.objective import Objective
from lossviz.training.tasks.task import Task


def gradient_norms(
    model: nn.Sequential, objective: Objective, batch: Sample, task: Task, layers: Sequence[Layer]
) -> dict[str, float]:
    """The norm of the loss's gradient in every layer that learns, in eval mode.

    Args:
        model: The network; it is left in train mode, its gradients as they were.
        objective: The loss. Where it draws partners, it draws the same ones every time.
        batch: Images, the same ones every time.
        task: What the network is trained for.
        layers: What the layers are called, those that belong to the loss last.

    Returns:
        "1 Conv2d 1 → 16, 3x3" -> the Euclidean norm over its weights and biases, first layer first. The number is
        the layer's place in `Started.layers`, from 1.
    """
    measuring = objective.measuring() if objective.measuring is not None else objective
    head = measuring.head if measuring.head is not None else objective.head
    modules = [*model, *([head] if head is not None else [])]
    owned = [
        (f"{place} {layer.name}", [each for each in module.parameters() if each.requires_grad])
        for place, (module, layer) in enumerate(zip(modules, layers, strict=True), start=1)
    ]
    owned = [(name, parameters) for name, parameters in owned if parameters]
    model.eval()
    everything = slice(0, len(batch))
    output = model(normalise(batch.images, batch.mean, batch.std))
    loss = measuring(output, task.target(batch.images, batch.labels, everything))
    gradients = iter(
        torch.autograd.grad(loss, [each for _, part in owned for each in part], allow_unused=True)
    )
    model.train()
    return {name: _norm([next(gradients) for _ in part]) for name, part in owned}


def _norm(gradients: list[Tensor | None]) -> float:
    there = [gradient.detach().flatten() for gradient in gradients if gradient is not None]
    return torch.cat(there).norm().item() if there else 0.0
