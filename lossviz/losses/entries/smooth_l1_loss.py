"""SmoothL1Loss, squared near zero and linear in the tails."""

from __future__ import annotations

from lossviz.losses.entry import (
    Branch,
    Correction,
    Edge,
    Kink,
    LossEntry,
    Preset,
    Source,
    Zone,
)
from lossviz.losses.shared_batches import PREDICTION_AND_TARGET, SMALL_ERRORS_AND_AN_OUTLIER
from lossviz.losses.shared_edges import backward_without_reduction, column_against_row, integers
from lossviz.losses.shared_knobs import BETA, PREDICTION, TARGET
from lossviz.losses.shared_sources import torch_page

ENTRY = LossEntry(
    name="SmoothL1Loss",
    category="regression",
    rank=30,
    title="SmoothL1",
    summary="Squared near the target, linear far off: it settles gently, and outliers pull with bounded force.",
    use=(
        (
            "You want the robustness of L1 and small steps near the target: box offsets in object detection are the "
            "classic case."
        ),
        "You know below which error the loss should relax: that is beta.",
    ),
    avoid=(
        "You want a threshold and full MSE strength inside it: take Huber, whose inside does not depend on delta.",
        "All errors are far below beta: then this is MSE divided by 2·beta, with a small gradient.",
    ),
    knobs=(PREDICTION, TARGET, BETA),
    arguments=PREDICTION_AND_TARGET,
    parameters={"beta": "beta"},
    target_line="target",
    branches=(
        Branch(
            when="abs(prediction - target) < beta",
            loss="(prediction - target) ** 2 / (2 * beta)",
            gradient="(prediction - target) / beta",
            name="squared",
        ),
        Branch(
            when="abs(prediction - target) >= beta",
            loss="abs(prediction - target) - beta / 2",
            gradient="sign(prediction - target)",
            name="linear",
        ),
    ),
    kinks=(Kink("target", when="beta <= 0"),),
    zone=Zone("target - beta", "target + beta", "squared zone, |x − y| < β"),
    loss_window=(0, 6),
    gradient_window=(-2.5, 2.5),
    overlays={"L1Loss": {}, "MSELoss": {}, "HuberLoss": {"delta": "beta"}},
    presets=(
        Preset(
            "outlier",
            "An outlier arrives",
            "The error is 8. The tail's slope is 1 whatever beta is; MSE pulls sixteen times as hard.",
            {"prediction": 5, "target": -3, "beta": 1},
            ("MSELoss",),
            windows={"loss": (0, 72), "gradient": (-18, 18)},
        ),
        Preset(
            "beta-is-not-delta",
            "Beta is not delta",
            "Error 3, parameter 2: SmoothL1 says 2 with slope 1, Huber says 4 with slope 2. They agree only at 1.",
            {"prediction": 3, "target": 0, "beta": 2},
            ("HuberLoss",),
        ),
        Preset(
            "beta-zero",
            "Beta goes to zero",
            "The squared zone closes and SmoothL1 becomes L1 exactly. Huber would vanish instead, and torch refuses "
            "delta = 0.",
            {"prediction": 1.5, "target": 0, "beta": 0},
            ("L1Loss",),
        ),
    ),
    corrections=(
        Correction(
            claim="Smooth L1 is squared if the absolute error falls below one.",
            fact="Below beta. One is only beta's default, and the squared part is divided by 2·beta: with beta = 3 an "
            "error of 2 is still inside the squared zone.",
            code="""\
import torch

prediction, target = torch.tensor([2.0]), torch.tensor([0.0])
for beta in (1.0, 3.0):
    loss = torch.nn.SmoothL1Loss(beta=beta)(prediction, target)
    print(f"{loss.item():.6g}")
""",
            prints="1.5\n0.666667",
        ),
        Correction(
            claim="Smooth L1 and Huber are the same loss, with beta for delta.",
            fact="HuberLoss(delta) is delta times SmoothL1Loss(beta=delta). The tails of SmoothL1 always have "
            "slope 1, those of Huber slope delta.",
            code="""\
import torch

prediction, target = torch.tensor([3.0]), torch.tensor([0.0])
print(torch.nn.SmoothL1Loss(beta=2.0)(prediction, target).item())
print(torch.nn.HuberLoss(delta=2.0)(prediction, target).item())
""",
            prints="2.0\n4.0",
        ),
        Correction(
            claim="Smooth L1 is well suited for most problems, above all when features have large values.",
            fact="Feature values do not enter it. What counts is beta against the size of your residuals: if all of "
            "them are at or above beta, the gradients are those of L1.",
            code="""\
import torch

for loss_function in (torch.nn.SmoothL1Loss(beta=0.1), torch.nn.L1Loss()):
    errors = torch.tensor([0.1, 0.1, 0.1, 10.0], requires_grad=True)
    loss_function(errors, torch.zeros(4)).backward()
    print(errors.grad.tolist())
""",
            prints="[0.25, 0.25, 0.25, 0.25]\n[0.25, 0.25, 0.25, 0.25]",
        ),
    ),
    edges=(
        Edge(
            title="A negative beta",
            code="""\
import torch

print(torch.nn.SmoothL1Loss(beta=-1.0)(torch.tensor([1.0]), torch.tensor([0.0])).item())
""",
            says="RuntimeError: smooth_l1_loss does not support negative values for beta.",
            sentence="The constructor accepts it; the call does not.",
            fix="Take beta above 0, or 0 for L1.",
            fixed="""\
import torch

print(torch.nn.SmoothL1Loss(beta=0.0)(torch.tensor([1.0]), torch.tensor([0.0])).item())
""",
            prints="1.0",
        ),
        Edge(
            title="An infinite beta",
            code="""\
import torch

loss = torch.nn.SmoothL1Loss(beta=float("inf"))(
    torch.tensor([3.0]), torch.tensor([0.0])
)
print(loss.item())
""",
            says="0.0",
            sentence="The squared part is divided by 2·beta: the larger beta, the flatter the loss, until "
            "nothing is left.",
            fix="For half the squared error take HuberLoss with an infinite delta.",
            fixed="""\
import torch

loss = torch.nn.HuberLoss(delta=float("inf"))(torch.tensor([3.0]), torch.tensor([0.0]))
print(loss.item())
""",
            prints="4.5",
        ),
        column_against_row("SmoothL1Loss", "0.875"),
        integers(
            "SmoothL1Loss",
            says="NotImplementedError: \"smooth_l1_cpu\" not implemented for 'Long'",
            prints="0.75",
        ),
        backward_without_reduction("SmoothL1Loss", "[0.5, 0.5]"),
    ),
    batch=SMALL_ERRORS_AND_AN_OUTLIER,
    sources=(
        torch_page("SmoothL1Loss"),
        Source("Girshick 2015, Fast R-CNN", "https://arxiv.org/abs/1504.08083"),
    ),
)
