"""Inputs that break several losses in the same way: an edge for each, with what differs as parameters.

The snippets name the loss, so that each runs on its own. What torch says is still written down for each loss: a test
holds it to torch.
"""

from __future__ import annotations

from lossviz.losses.entry import Edge


def column_against_row(name: str, loss: str) -> Edge:
    """Shapes (4,) and (4, 1), for a regression loss.

    Args:
        name: The class in ``torch.nn``.
        loss: What the perfect prediction then costs, as it is printed.
    """
    tensors = """\
import torch

prediction = torch.tensor([0.0, 1.0, 2.0, 3.0])
target = prediction.unsqueeze(1)
"""
    return Edge(
        title="A column against a row",
        code=f"{tensors}print(torch.nn.{name}()(prediction, target).item())\n",
        says=f"{loss}\nUserWarning: Using a target size (torch.Size([4, 1])) that is different to the "
        "input size (torch.Size([4])). This will likely lead to incorrect results due to "
        "broadcasting. Please ensure they have the same size.",
        sentence="A perfect prediction, but shapes (4,) and (4, 1) are broadcast to all 16 pairs. torch "
        "only warns.",
        fix="Give both the same shape.",
        fixed=f"{tensors}print(torch.nn.{name}()(prediction, target.squeeze(1)).item())\n",
        prints="0.0",
    )


def target_not_a_number(name: str, *, says: str, sentence: str, prints: str) -> Edge:
    """One target of two that is nan, for a regression loss.

    Args:
        name: The class in ``torch.nn``.
        says: The loss and the gradients.
        sentence: What happened.
        prints: The loss and the gradients without that sample.
    """
    return Edge(
        title="A target that is not a number",
        code=f"""\
import torch

prediction = torch.tensor([1.0, 2.0], requires_grad=True)
loss = torch.nn.{name}()(prediction, torch.tensor([float("nan"), 1.0]))
loss.backward()
print(loss.item(), prediction.grad.tolist())
""",
        says=says,
        sentence=sentence,
        fix="Leave such samples out.",
        fixed=f"""\
import torch

prediction = torch.tensor([1.0, 2.0], requires_grad=True)
target = torch.tensor([float("nan"), 1.0])
known = target.isfinite()
loss = torch.nn.{name}()(prediction[known], target[known])
loss.backward()
print(loss.item(), prediction.grad.tolist())
""",
        prints=prints,
    )


def integers(name: str, *, says: str, prints: str) -> Edge:
    """Two integer tensors, for a regression loss.

    Args:
        name: The class in ``torch.nn``.
        says: The error.
        prints: The loss of the same numbers as floats.
    """
    return Edge(
        title="Integers against integers",
        code=f"""\
import torch

prediction, target = torch.tensor([1, 2]), torch.tensor([1, 4])
print(torch.nn.{name}()(prediction, target).item())
""",
        says=says,
        sentence="The loss of two integer tensors has no type to be computed in.",
        fix="Convert both with .float().",
        fixed=f"""\
import torch

prediction, target = torch.tensor([1, 2]), torch.tensor([1, 4])
print(torch.nn.{name}()(prediction.float(), target.float()).item())
""",
        prints=prints,
    )


def backward_without_reduction(name: str, gradients: str) -> Edge:
    """One loss an element instead of one number, for a regression loss.

    Args:
        name: The class in ``torch.nn``.
        gradients: Those of the mean, as they are printed.
    """
    return Edge(
        title="backward without a reduction",
        code=f"""\
import torch

prediction = torch.tensor([1.0, 2.0], requires_grad=True)
torch.nn.{name}(reduction="none")(prediction, torch.zeros(2)).backward()
""",
        says="RuntimeError: grad can be implicitly created only for scalar outputs",
        sentence='With reduction="none" there is a loss for each element, and backward needs one number.',
        fix="Take the mean, or a weighted sum, yourself.",
        fixed=f"""\
import torch

prediction = torch.tensor([1.0, 2.0], requires_grad=True)
losses = torch.nn.{name}(reduction="none")(prediction, torch.zeros(2))
losses.mean().backward()
print(prediction.grad.tolist())
""",
        prints=gradients,
    )


def unchecked_empty_batch(name: str, target: str) -> Edge:
    """No samples at all, for the margin losses that then return what lay in memory.

    Args:
        name: The class in ``torch.nn``.
        target: The code of the empty target.
    """
    return Edge(
        title="An empty batch",
        code=f"""\
import torch

scores, target = torch.zeros(0, 3), {target}
print(torch.nn.{name}()(scores, target).item())
""",
        says=f"The batch is empty. {name} does not check this and returns whatever lay in memory. "
        "Skip empty batches.",
        sentence="Other losses give nan for the mean of nothing. This one gives a number, another each time.",
        fix="Skip empty batches.",
        fixed=f"""\
import torch

scores, target = torch.zeros(0, 3), {target}
if len(target) == 0:
    print("skipped")
else:
    print(torch.nn.{name}()(scores, target).item())
""",
        prints="skipped",
        refused=True,
    )


def inverted_corners(name: str, sentence: str) -> Edge:
    """A box whose second corner lies before the first, for a box loss.

    Args:
        name: The function in ``torchvision.ops``.
        sentence: What would happen.
    """
    boxes = """\
import torch
import torchvision

inverted = torch.tensor([[2.0, 2.0, 0.0, 0.0]])
target = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
"""
    return Edge(
        title="Corners in the wrong order",
        code=f"{boxes}print(torchvision.ops.{name}(inverted, target))\n",
        says="Box 0 has x1 = 2 and x2 = 0. torchvision does not check this and computes a number that means "
        "nothing. Give the corners in order, x1 < x2.",
        sentence=sentence,
        fix="Predict centre and positive size and convert, or put the corners in order.",
        fixed=f"""\
{boxes}first, second = inverted[:, :2], inverted[:, 2:]
ordered = torch.cat([torch.minimum(first, second), torch.maximum(first, second)], dim=1)
print(ordered.tolist())
print(f"{{torchvision.ops.{name}(ordered, target).item():.4f}}")
""",
        prints="[[0.0, 0.0, 2.0, 2.0]]\n0.0000",
        refused=True,
    )


INVERTED_COUNTS_AS_APART = (
    "torchvision does not check the order. The inverted box covers the target, but it would count as "
    "apart: loss 1."
)
"""What would happen to inverted corners if the centres' distance is in the loss."""
