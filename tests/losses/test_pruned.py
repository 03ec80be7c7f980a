"""Leaving out what only a picture needs."""

from __future__ import annotations

import pytest

from lossviz.losses.catalogue import catalogue
from lossviz.losses.entry import LossEntry
from lossviz.losses.pruned import without_pictures
from lossviz.losses.script import body


def test_what_changes_the_loss_function_stays() -> None:
    lines = [
        "loss_function = make()",
        "# The weights are set.",
        "loss_function.head.weight.data = weights",
        "loss_function.tail[0].weight = more",
        "torch.nn.init.zeros_(loss_function.bias)",
        "# The same, by way of p.",
        "# In two lines.",
        "p = logits.detach()",
        "q, r = p, 2",
        "other(q).backward()",
        "loss = loss_function(logits)",
    ]
    assert without_pictures(lines, "loss") == [*lines[:5], lines[-1]]


def test_lines_over_several_rows_stay_whole() -> None:
    lines = ["p = x.detach()", "p.sum().backward()", "y = f(\n    x,\n)", "loss = y"]
    assert without_pictures(lines, "loss") == ["y = f(", "    x,", ")", "loss = y"]


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.name)
def test_no_gradient_on_the_way_is_left(entry: LossEntry) -> None:
    lines = body(entry, entry.defaults, "mean")
    left = without_pictures(lines, "loss")
    assert left[-1] == lines[-1]
    assert not any("backward()" in line for line in left)
    if not any("backward()" in line for line in lines):
        assert left == lines
