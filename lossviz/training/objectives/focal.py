"""The focal loss, without torchvision.

torchvision.ops.sigmoid_focal_loss cannot be imported without all of torchvision, which costs a training worker
160 MB and seconds for eight lines of torch. These are those lines, and a test holds value and gradient against
torchvision's own, bit for bit.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class SigmoidFocalLoss(nn.Module):
    """torchvision.ops.sigmoid_focal_loss as a module.

    Args:
        alpha: Weight of the right class, 0 to 1; the wrong ones have 1 - alpha.
        gamma: How strongly easy answers are turned down.
        reduction: "mean" or "sum".
    """

    def __init__(self, alpha: float = 0.25, gamma: float = 2.0, reduction: str = "mean") -> None:
        super().__init__()
        self.alpha, self.gamma, self.reduction = alpha, gamma, reduction

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The loss of logits and targets of 0 and 1 of the same shape, a scalar."""
        p = logits.sigmoid()
        entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        p_true = p * targets + (1 - p) * (1 - targets)
        loss = entropy * ((1 - p_true) ** self.gamma)
        loss = (self.alpha * targets + (1 - self.alpha) * (1 - targets)) * loss
        return loss.sum() if self.reduction == "sum" else loss.mean()
