"""The focal loss is torchvision's, bit for bit, without torchvision."""

from __future__ import annotations

import pytest
import torch
from torchvision.ops import sigmoid_focal_loss

from lossviz.training.objectives.focal import SigmoidFocalLoss


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(("alpha", "gamma"), [(0.25, 2.0), (0.9, 0.0), (0.01, 5.0), (0.5, 0.5)])
def test_value_and_gradient_are_torchvisions(alpha: float, gamma: float, reduction: str) -> None:
    logits = 5 * torch.randn(32, 10, generator=torch.Generator().manual_seed(0))
    targets = torch.eye(10)[torch.arange(32) % 10]
    ours, theirs = logits.clone().requires_grad_(), logits.clone().requires_grad_()
    mine = SigmoidFocalLoss(alpha, gamma, reduction)(ours, targets)
    other = sigmoid_focal_loss(theirs, targets, alpha, gamma, reduction)
    torch.autograd.backward([mine, other])
    assert mine.item() == other.item()
    assert ours.grad is not None
    assert theirs.grad is not None
    assert torch.equal(ours.grad, theirs.grad)
