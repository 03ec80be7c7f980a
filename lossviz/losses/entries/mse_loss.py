"""MSELoss, the squared error."""

from __future__ import annotations

from lossviz.losses.entry import (
    Argument,
    Batch,
    Branch,
    Correction,
    Edge,
    LossEntry,
    Preset,
    Source,
)
from lossviz.losses.shared_knobs import PREDICTION, TARGET

ENTRY = LossEntry(
    name="MSELoss",
    category="regression",
    rank=20,
    title="MSE",
    summary="The squared error: the pull grows with the error, so the largest errors decide.",
    use=(
        (
            "The noise is roughly Gaussian, without outliers: the best constant is then the mean, and MSE is the "
            "likelihood up to a factor."
        ),
        "Large errors are much worse than several small ones.",
    ),
    avoid=(
        "Targets may be outliers: an error of 10 pulls a hundred times harder than an error of 0.1.",
        (
            "You classify: on a sigmoid or softmax output its gradient fades exactly where the network is confidently "
            "wrong. Take cross-entropy."
        ),
    ),
    knobs=(PREDICTION, TARGET),
    arguments=(Argument("prediction", ("prediction",), learned=True), Argument("target", ("target",))),
    target_line="target",
    branches=(
        Branch(
            when="",
            loss="(prediction - target) ** 2",
            gradient="2 * (prediction - target)",
            name="everywhere",
        ),
    ),
    overlays={"L1Loss": {}, "SmoothL1Loss": {}, "HuberLoss": {}, "GaussianNLLLoss": {}},
    presets=(
        Preset(
            "outlier",
            "An outlier arrives",
            "The error is 8, the loss 64, the slope 16: both have left the picture. L1 stays at slope 1.",
            {"prediction": 5, "target": -3},
            ("L1Loss", "HuberLoss"),
        ),
        Preset(
            "below-one",
            "Below an error of one",
            "Squares are not always larger: below an error of one MSE is smaller than L1 (0.5² = 0.25), and below "
            "0.5 its slope is smaller too.",
            {"prediction": 0.5, "target": 0},
            ("L1Loss",),
        ),
    ),
    corrections=(
        Correction(
            claim="MSE is for small features and problems that are not very high-dimensional.",
            fact="Neither features nor dimensions enter it. What matters is the scale of the residuals and whether "
            "some are outliers: among the errors 0.1, 0.1, 0.1 and 10 the last one has 97 % of the pull under MSE and "
            "25 % under L1.",
            code="""\
import torch

for loss_function in (torch.nn.MSELoss(), torch.nn.L1Loss()):
    errors = torch.tensor([0.1, 0.1, 0.1, 10.0], requires_grad=True)
    loss_function(errors, torch.zeros(4)).backward()
    print(f"{errors.grad[3] / errors.grad.sum():.1%}")
""",
            prints="97.1%\n25.0%",
        ),
        Correction(
            claim="MSE has a factor of one half, so its gradient is the error.",
            fact="torch's MSELoss has no one half: at an error of 3 the loss is 9 and the gradient 6. "
            "The half belongs to HuberLoss.",
            code="""\
import torch

prediction = torch.tensor([3.0], requires_grad=True)
loss = torch.nn.MSELoss()(prediction, torch.tensor([0.0]))
loss.backward()
print(loss.item(), prediction.grad.item())
""",
            prints="9.0 6.0",
        ),
        Correction(
            claim="If the prediction is perfect, the loss is 0.",
            fact="Not if the shapes differ: (4,) against (4, 1) is broadcast to all 16 pairs. torch warns, computes, "
            "and the perfect prediction costs 2.5. The fix is prediction.unsqueeze(1), or target.squeeze(1).",
            code="""\
import warnings

import torch

prediction = torch.arange(4.0)
target = torch.arange(4.0).unsqueeze(1)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(torch.nn.MSELoss()(prediction, target).item())
print(caught[0].category.__name__)
print(torch.nn.MSELoss()(prediction.unsqueeze(1), target).item())
""",
            prints="2.5\nUserWarning\n0.0",
        ),
    ),
    edges=(
        Edge(
            title="A column against a row",
            code="""\
import torch

prediction = torch.tensor([0.0, 1.0, 2.0, 3.0])
target = prediction.unsqueeze(1)
print(torch.nn.MSELoss()(prediction, target).item())
""",
            says="2.5\nUserWarning: Using a target size (torch.Size([4, 1])) that is different to the "
            "input size (torch.Size([4])). This will likely lead to incorrect results due to "
            "broadcasting. Please ensure they have the same size.",
            sentence="A perfect prediction, but shapes (4,) and (4, 1) are broadcast to all 16 pairs. torch "
            "only warns.",
            fix="Give both the same shape.",
            fixed="""\
import torch

prediction = torch.tensor([0.0, 1.0, 2.0, 3.0])
target = prediction.unsqueeze(1)
print(torch.nn.MSELoss()(prediction, target.squeeze(1)).item())
""",
            prints="0.0",
        ),
        Edge(
            title="Half precision",
            code="""\
import torch

prediction = torch.tensor([300.0], dtype=torch.float16)
print(torch.nn.MSELoss()(prediction, torch.zeros_like(prediction)).item())
""",
            says="inf",
            sentence="300² = 90 000 is beyond float16, whose largest number is 65 504.",
            fix="Compute the loss in float32, as torch.autocast does, or scale the targets.",
            fixed="""\
import torch

prediction = torch.tensor([300.0], dtype=torch.float16)
print(torch.nn.MSELoss()(prediction.float(), torch.zeros(1)).item())
""",
            prints="90000.0",
        ),
        Edge(
            title="A target that is not a number",
            code="""\
import torch

prediction = torch.tensor([1.0, 2.0], requires_grad=True)
loss = torch.nn.MSELoss()(prediction, torch.tensor([float("nan"), 1.0]))
loss.backward()
print(loss.item(), prediction.grad.tolist())
""",
            says="nan [nan, 1.0]",
            sentence="One target that is not a number makes its gradient nan; from there it reaches every "
            "weight.",
            fix="Leave such samples out.",
            fixed="""\
import torch

prediction = torch.tensor([1.0, 2.0], requires_grad=True)
target = torch.tensor([float("nan"), 1.0])
known = target.isfinite()
loss = torch.nn.MSELoss()(prediction[known], target[known])
loss.backward()
print(loss.item(), prediction.grad.tolist())
""",
            prints="1.0 [0.0, 2.0]",
        ),
        Edge(
            title="Integers against integers",
            code="""\
import torch

print(torch.nn.MSELoss()(torch.tensor([1, 2]), torch.tensor([1, 4])).item())
""",
            says="NotImplementedError: \"mse_cpu\" not implemented for 'Long'",
            sentence="The loss of two integer tensors has no type to be computed in.",
            fix="Convert both with .float().",
            fixed="""\
import torch

print(torch.nn.MSELoss()(torch.tensor([1, 2]).float(), torch.tensor([1, 4]).float()).item())
""",
            prints="2.0",
        ),
        Edge(
            title="backward without a reduction",
            code="""\
import torch

prediction = torch.tensor([1.0, 2.0], requires_grad=True)
torch.nn.MSELoss(reduction="none")(prediction, torch.zeros(2)).backward()
""",
            says="RuntimeError: grad can be implicitly created only for scalar outputs",
            sentence='With reduction="none" there is a loss for each element, and backward needs one number.',
            fix="Take the mean, or a weighted sum, yourself.",
            fixed="""\
import torch

prediction = torch.tensor([1.0, 2.0], requires_grad=True)
losses = torch.nn.MSELoss(reduction="none")(prediction, torch.zeros(2))
losses.mean().backward()
print(prediction.grad.tolist())
""",
            prints="[1.0, 2.0]",
        ),
    ),
    batch=Batch(
        rows=(
            {"prediction": 0.1, "target": 0},
            {"prediction": -0.5, "target": 0},
            {"prediction": 1, "target": 0},
            {"prediction": 2.5, "target": 2},
            {"prediction": -1, "target": -3},
            {"prediction": 5, "target": -3},
        ),
        divides="the number of elements",
    ),
    sources=(
        Source("torch.nn.MSELoss", "https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html"),
    ),
)
