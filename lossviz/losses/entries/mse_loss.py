"""MSELoss, the squared error."""

from __future__ import annotations

from lossviz.losses.entry import (
    Branch,
    Correction,
    Edge,
    LossEntry,
    Preset,
)
from lossviz.losses.shared_batches import PREDICTION_AND_TARGET, SMALL_ERRORS_AND_AN_OUTLIER
from lossviz.losses.shared_edges import (
    backward_without_reduction,
    column_against_row,
    integers,
    target_not_a_number,
)
from lossviz.losses.shared_knobs import PREDICTION, TARGET
from lossviz.losses.shared_sources import torch_page

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
    arguments=PREDICTION_AND_TARGET,
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
            "The error is 8, the loss 64, the slope 16, where L1's stays 1: with MSE one bad target outweighs "
            "many good ones.",
            {"prediction": 5, "target": -3},
            ("L1Loss", "HuberLoss"),
            windows={"loss": (0, 72), "gradient": (-18, 18)},
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
        column_against_row("MSELoss", "2.5"),
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
        target_not_a_number(
            "MSELoss",
            says="nan [nan, 1.0]",
            sentence="One target that is not a number makes its gradient nan; from there it reaches every "
            "weight.",
            prints="1.0 [0.0, 2.0]",
        ),
        integers(
            "MSELoss",
            says="NotImplementedError: \"mse_cpu\" not implemented for 'Long'",
            prints="2.0",
        ),
        backward_without_reduction("MSELoss", "[1.0, 2.0]"),
    ),
    batch=SMALL_ERRORS_AND_AN_OUTLIER,
    sources=(torch_page("MSELoss"),),
)
