"""L1Loss, the absolute error."""

from __future__ import annotations

from lossviz.losses.entry import (
    Branch,
    Correction,
    Edge,
    Kink,
    LossEntry,
    Preset,
)
from lossviz.losses.shared_batches import PREDICTION_AND_TARGET, SMALL_ERRORS_AND_AN_OUTLIER
from lossviz.losses.shared_edges import column_against_row, integers, target_not_a_number
from lossviz.losses.shared_knobs import PREDICTION, TARGET
from lossviz.losses.shared_sources import torch_page

ENTRY = LossEntry(
    name="L1Loss",
    category="regression",
    rank=10,
    title="L1",
    summary="The absolute error: every error pulls with the same force, so single outliers hardly shift the fit.",
    use=(
        "Some targets are outliers or wrong, and the fit should follow the bulk: the best constant is the median.",
        "The loss should read in the unit of the target (mean absolute error).",
    ),
    avoid=(
        (
            "The last steps should be small: the slope stays 1 up to the target, so a fixed learning rate overshoots "
            "to and fro around it. SmoothL1 and Huber round off the tip."
        ),
        "You need the mean of the targets, not their median: take MSE.",
    ),
    knobs=(PREDICTION, TARGET),
    arguments=PREDICTION_AND_TARGET,
    target_line="target",
    branches=(
        Branch(
            when="",
            loss="abs(prediction - target)",
            gradient="sign(prediction - target)",
            name="everywhere",
        ),
    ),
    kinks=(Kink("target"),),
    loss_window=(0, 6),
    gradient_window=(-2.5, 2.5),
    overlays={"MSELoss": {}, "SmoothL1Loss": {}, "HuberLoss": {}},
    presets=(
        Preset(
            "outlier",
            "An outlier arrives",
            "The error is 8. L1 pulls with slope 1, MSE with slope 16: one bad target outweighs many good ones.",
            {"prediction": 5, "target": -3},
            ("MSELoss",),
            windows={"loss": (0, 72), "gradient": (-18, 18)},
        ),
        Preset(
            "kink",
            "The tip",
            "At the target the slope jumps from −1 to +1. There is no derivative here; torch answers 0.",
            {"prediction": 0, "target": 0},
        ),
        Preset(
            "small",
            "A small error",
            "At an error of 0.1 L1 still pulls with slope 1; MSE has all but let go with 0.2.",
            {"prediction": 0.1, "target": 0},
            ("MSELoss", "SmoothL1Loss"),
        ),
    ),
    corrections=(
        Correction(
            claim="L1 loss computes the average of the errors.",
            fact="The average comes from reduction='mean', not from L1. What L1 fits is the median: for the targets "
            "1, 2, 3, 4, 100 its best constant is 3, that of MSE is the mean, 22.",
            code="""\
import torch

targets = torch.tensor([1.0, 2.0, 3.0, 4.0, 100.0])
candidates = torch.arange(0.0, 101.0)
for loss_function in (torch.nn.L1Loss(), torch.nn.MSELoss()):
    losses = torch.stack([loss_function(c.expand(5), targets) for c in candidates])
    print(candidates[losses.argmin()].item())
""",
            prints="3.0\n22.0",
        ),
        Correction(
            claim="The gradient of L1 at the target is undefined, so training can crash there.",
            fact="Mathematically there is none. torch picks a subgradient: exactly 0.",
            code="""\
import torch

prediction = torch.tensor([1.0], requires_grad=True)
torch.nn.L1Loss()(prediction, torch.tensor([1.0])).backward()
print(prediction.grad.item())
""",
            prints="0.0",
        ),
    ),
    edges=(
        column_against_row("L1Loss", "1.25"),
        target_not_a_number(
            "L1Loss",
            says="nan [0.0, 0.5]",
            sentence="The loss is not a number, but the gradient of that element is 0: the weights stay "
            "sound, and only the printed loss tells.",
            prints="1.0 [0.0, 1.0]",
        ),
        integers(
            "L1Loss",
            says="RuntimeError: mean(): could not infer output dtype. Input dtype must be either a "
            "floating point or complex dtype. Got: Long",
            prints="1.0",
        ),
        Edge(
            title="A number as target",
            code="""\
import torch

print(torch.nn.L1Loss()(torch.tensor([1.0, 2.0]), 2.0).item())
""",
            says="AttributeError: 'float' object has no attribute 'size'",
            sentence="The target must be a tensor, even if it is the same number for all.",
            fix="Make a tensor of the prediction's shape.",
            fixed="""\
import torch

prediction = torch.tensor([1.0, 2.0])
print(torch.nn.L1Loss()(prediction, torch.full_like(prediction, 2.0)).item())
""",
            prints="0.5",
        ),
        Edge(
            title="An empty batch",
            code="""\
import torch

print(torch.nn.L1Loss()(torch.zeros(0), torch.zeros(0)).item())
""",
            says="nan",
            sentence="The mean of nothing is 0 / 0: a batch whose samples were all filtered out.",
            fix="Skip the batch, or take the sum.",
            fixed="""\
import torch

print(torch.nn.L1Loss(reduction="sum")(torch.zeros(0), torch.zeros(0)).item())
""",
            prints="0.0",
        ),
    ),
    batch=SMALL_ERRORS_AND_AN_OUTLIER,
    sources=(torch_page("L1Loss"),),
)
