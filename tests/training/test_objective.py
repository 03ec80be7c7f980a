"""The loss a run minimises is torch's own."""

from __future__ import annotations

import torch
from torch import nn

from lossviz.training.objective import objective
from lossviz.training.settings import Settings

RANDOM = torch.Generator().manual_seed(0)
LOGITS = torch.randn(16, 10, generator=RANDOM)
LABELS = torch.randint(10, (16,), generator=RANDOM)


def test_cross_entropy_is_torchs_with_its_smoothing() -> None:
    for smoothing in (0.0, 0.1, 1.0):
        ours = objective(Settings(label_smoothing=smoothing))(LOGITS, LABELS)
        assert ours.item() == nn.CrossEntropyLoss(label_smoothing=smoothing)(LOGITS, LABELS).item()


def test_nll_takes_the_log_softmax_and_equals_cross_entropy() -> None:
    ours = objective(Settings(loss="NLLLoss"))(LOGITS, LABELS)
    assert ours.item() == nn.NLLLoss()(nn.LogSoftmax(dim=1)(LOGITS), LABELS).item()
    torch.testing.assert_close(ours, nn.CrossEntropyLoss()(LOGITS, LABELS))
