"""HuberLoss, half the squared error inside delta and linear with slope delta outside."""

from __future__ import annotations

from lossviz.losses.entry import (
    Branch,
    Correction,
    Edge,
    LossEntry,
    Preset,
    Source,
    Zone,
)
from lossviz.losses.shared_batches import PREDICTION_AND_TARGET, SMALL_ERRORS_AND_AN_OUTLIER
from lossviz.losses.shared_edges import column_against_row, target_not_a_number
from lossviz.losses.shared_knobs import DELTA, PREDICTION, TARGET
from lossviz.losses.shared_sources import torch_page

ENTRY = LossEntry(
    name="HuberLoss",
    category="regression",
    rank=40,
    title="Huber",
    summary="Half the squared error up to delta, then a line of slope delta: MSE with a limit to an outlier's pull.",
    use=(
        "You want MSE for ordinary errors and a limit to what an outlier can do: the limit is delta.",
        "You can say from which error on a target is suspect.",
    ),
    avoid=(
        "You plan to shrink delta: the whole loss shrinks with it and vanishes. SmoothL1 tends to L1 instead.",
        "The residuals are all far below delta: then this is half of MSE.",
    ),
    knobs=(PREDICTION, TARGET, DELTA),
    arguments=PREDICTION_AND_TARGET,
    parameters={"delta": "delta"},
    target_line="target",
    branches=(
        Branch(
            when="abs(prediction - target) < delta",
            loss="(prediction - target) ** 2 / 2",
            gradient="prediction - target",
            name="squared",
        ),
        Branch(
            when="abs(prediction - target) >= delta",
            loss="delta * (abs(prediction - target) - delta / 2)",
            gradient="delta * sign(prediction - target)",
            name="linear",
        ),
    ),
    zone=Zone("target - delta", "target + delta", "squared zone, |x − y| < δ"),
    overlays={"L1Loss": {}, "MSELoss": {}, "SmoothL1Loss": {"beta": "delta"}},
    presets=(
        Preset(
            "outlier",
            "An outlier arrives",
            "The error is 8. Huber's pull stops growing at delta; MSE goes on to 16.",
            {"prediction": 5, "target": -3, "delta": 1},
            ("MSELoss",),
            windows={"loss": (0, 72), "gradient": (-18, 18)},
        ),
        Preset(
            "delta-is-not-beta",
            "Delta is not beta",
            "Error 3, parameter 2: Huber says 4 with slope 2, SmoothL1 says 2 with slope 1. The ratio is delta.",
            {"prediction": 3, "target": 0, "delta": 2},
            ("SmoothL1Loss",),
        ),
        Preset(
            "delta-small",
            "Delta shrinks",
            "With a small delta the loss itself fades away: slope 0.25 at any error. SmoothL1 would keep slope 1.",
            {"prediction": 3, "target": 0, "delta": 0.25},
            ("SmoothL1Loss", "L1Loss"),
        ),
    ),
    corrections=(
        Correction(
            claim="Huber is Smooth L1 under another name.",
            fact="Only at delta = beta = 1. In general HuberLoss(delta) = delta · SmoothL1Loss(beta=delta).",
            code="""\
import torch

prediction, target = torch.tensor([3.0]), torch.tensor([0.0])
for parameter in (0.5, 1.0, 2.0):
    huber = torch.nn.HuberLoss(delta=parameter)(prediction, target)
    smooth = torch.nn.SmoothL1Loss(beta=parameter)(prediction, target)
    print(huber.item(), smooth.item())
""",
            prints="1.375 2.75\n2.5 2.5\n4.0 2.0",
        ),
        Correction(
            claim="delta = 0 gives L1, as beta = 0 does for Smooth L1.",
            fact="SmoothL1Loss(beta=0) is L1. torch refuses HuberLoss(delta=0): it would be 0 everywhere.",
            code="""\
import torch

prediction, target = torch.tensor([3.0]), torch.tensor([0.0])
print(torch.nn.SmoothL1Loss(beta=0.0)(prediction, target).item())
try:
    torch.nn.HuberLoss(delta=0.0)(prediction, target)
except RuntimeError as error:
    print(error)
""",
            prints="3.0\nhuber_loss does not support non-positive values for delta.",
        ),
    ),
    edges=(
        Edge(
            title="Delta of 0",
            code="""\
import torch

print(torch.nn.HuberLoss(delta=0.0)(torch.tensor([1.0]), torch.tensor([0.0])).item())
""",
            says="RuntimeError: huber_loss does not support non-positive values for delta.",
            sentence="The constructor accepts it; the call does not.",
            fix="For L1 take SmoothL1Loss with beta = 0.",
            fixed="""\
import torch

print(torch.nn.SmoothL1Loss(beta=0.0)(torch.tensor([1.0]), torch.tensor([0.0])).item())
""",
            prints="1.0",
        ),
        Edge(
            title="Targets in double precision",
            code="""\
import torch

prediction = torch.tensor([1.0], requires_grad=True)
loss = torch.nn.HuberLoss()(prediction, torch.tensor([0.0], dtype=torch.float64))
print(loss.item())
loss.backward()
""",
            says="0.5\nRuntimeError: Found dtype Double but expected Float",
            sentence="The loss is computed, and only backward raises: NumPy arrays are float64 unless told "
            "otherwise. MSELoss takes the mixture.",
            fix="Convert the target with .float().",
            fixed="""\
import torch

prediction = torch.tensor([1.0], requires_grad=True)
loss = torch.nn.HuberLoss()(
    prediction, torch.tensor([0.0], dtype=torch.float64).float()
)
loss.backward()
print(loss.item(), prediction.grad.item())
""",
            prints="0.5 1.0",
        ),
        column_against_row("HuberLoss", "0.875"),
        target_not_a_number(
            "HuberLoss",
            says="nan [nan, 0.5]",
            sentence="The limit delta does not hold what is not a number: the gradient is nan, and reaches "
            "every weight.",
            prints="0.5 [0.0, 1.0]",
        ),
    ),
    batch=SMALL_ERRORS_AND_AN_OUTLIER,
    sources=(
        torch_page("HuberLoss"),
        Source(
            "Huber 1964, Robust Estimation of a Location Parameter",
            "https://doi.org/10.1214/aoms/1177703732",
        ),
    ),
)
