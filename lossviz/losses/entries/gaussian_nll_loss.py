"""GaussianNLLLoss, the negative log-likelihood of a Gaussian whose variance the network predicts too."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from lossviz.losses.entry import (
    Argument,
    Batch,
    Branch,
    Correction,
    Definition,
    Edge,
    LossEntry,
    Preset,
    Probe,
    Source,
)
from lossviz.losses.knob import Knob
from lossviz.losses.option import Option
from lossviz.losses.shared_knobs import PREDICTION, TARGET
from lossviz.losses.shared_sources import torch_page

_PREDICTION = replace(PREDICTION, help="the predicted mean", default=2)
_TARGET = replace(TARGET, step=1)
_VARIANCE = Knob(
    "var", "v", 0.25, 9, 0.25, 1, "the predicted one, the squared error that the network expects"
)
_FULL = Option(
    "full",
    r"\mathrm{full}\,",
    {"False": False, "True": True},
    "False",
    "whether to add the constant ½ log 2π",
    name="the constant ½ log 2π (full)",
    spelled={"False": "left out", "True": "added"},
)
_EPS = Option(
    "eps",
    r"\epsilon",
    {"1e-06": 1e-6, "1.0": 1.0},
    "1e-06",
    "what stands in for a variance that is smaller",
    name="smallest variance ε",
    spelled={"1e-06": "0.000001", "1.0": "1"},
)

ENTRY = LossEntry(
    name="GaussianNLLLoss",
    category="regression",
    rank=60,
    title="Gaussian NLL",
    summary="Half the sum of squared error / variance and log variance: the network learns its own uncertainty.",
    use=(
        "The noise differs from input to input, and the network is to say how sure it is.",
        "Predict the log-variance and pass its exponential: the variance is then positive.",
    ),
    avoid=(
        "The noise is the same everywhere: MSE fits the same mean without a second output.",
        "Targets may be outliers: one far target inflates the variance, and its pull on the mean still grows with e.",
    ),
    knobs=(_PREDICTION, _TARGET, _VARIANCE),
    options=(_FULL, _EPS),
    arguments=(
        Argument("prediction", ("prediction",), learned=True),
        Argument("target", ("target",)),
        Argument("var", ("var",), learned=True),
    ),
    parameters=MappingProxyType({"full": "full", "eps": "eps"}),
    target_line="target",
    probes=(Probe("gradient_of_var", "var.grad"),),
    definitions=(Definition("used", r"\hat{v}", "max(var, eps)"),),
    branches=(
        Branch(
            when="",
            loss="(log(used) + (prediction - target) ** 2 / used) / 2 + full * log(2 * pi) / 2",
            gradient="(prediction - target) / used",
            name="everywhere",
        ),
    ),
    loss_window=(-1, 7),
    gradient_window=(-5, 5),
    overlays=MappingProxyType({"MSELoss": {}}),
    views=("map", "curve"),
    presets=(
        Preset(
            "unsure",
            "Too sure",
            "The error is 2, the variance 0.25: the loss is 7.3069 and pulls with 8. The variance's own gradient, "
            "−30, asks for more variance.",
            {"prediction": 2, "target": 0, "var": 0.25},
            ("MSELoss",),
        ),
        Preset(
            "best-variance",
            "The variance is the squared error",
            "At an error of 2 the best variance is 2² = 4: the loss is 1.1931, and the variance's gradient is 0. More "
            "variance costs again: at 9 it is 1.3208.",
            {"prediction": 2, "target": 0, "var": 4},
        ),
        Preset(
            "bought-off",
            "Buying off an error",
            "With a variance of 9 an error of 2 pulls with only 0.2222, where MSE pulls with 4: the mean hardly moves.",
            {"prediction": 2, "target": 0, "var": 9},
            ("MSELoss",),
        ),
        Preset(
            "negative",
            "Below zero, and right",
            "The mean is right and the variance 0.25: the loss is −0.6931. A density may exceed 1, so its negative "
            "logarithm may fall below 0.",
            {"prediction": 0, "target": 0, "var": 0.25},
        ),
    ),
    corrections=(
        Correction(
            claim="The variance learns only after the mean is right.",
            fact="Both learn at once, and a large variance slows the mean: the mean's gradient is the error divided by "
            "the variance. At an error of 2 it is 8 at v = 0.25 and 0.2222 at v = 9.",
            code="""\
import torch

for v in (0.25, 9.0):
    mean = torch.tensor([2.0], requires_grad=True)
    torch.nn.GaussianNLLLoss()(mean, torch.tensor([0.0]), torch.tensor([v])).backward()
    print(f"{mean.grad.item():.4f}")
""",
            prints="8.0000\n0.2222",
        ),
        Correction(
            claim="The third argument is the standard deviation.",
            fact="It is the variance. For an error of 2 the loss is least at 4, not at 2.",
            code="""\
import torch

candidates = torch.arange(1.0, 10.0)
losses = torch.nn.GaussianNLLLoss(reduction="none")(
    torch.full((9,), 2.0), torch.zeros(9), candidates
)
print(candidates[losses.argmin()].item())
""",
            prints="4.0",
        ),
    ),
    edges=(
        Edge(
            title="A negative variance",
            code="""\
import torch

mean, target = torch.tensor([2.0]), torch.tensor([0.0])
raw = torch.tensor([-1.0])
print(torch.nn.GaussianNLLLoss()(mean, target, raw).item())
""",
            says="ValueError: var has negative entry/entries",
            sentence="A network's output may be negative, a variance may not.",
            fix="Read the output as the log-variance.",
            fixed="""\
import torch

mean, target = torch.tensor([2.0]), torch.tensor([0.0])
raw = torch.tensor([-1.0])
print(f"{torch.nn.GaussianNLLLoss()(mean, target, raw.exp()).item():.4f}")
""",
            prints="4.9366",
        ),
        Edge(
            title="A variance below eps",
            code="""\
import torch

variance = torch.tensor([1e-9], requires_grad=True)
loss = torch.nn.GaussianNLLLoss()(torch.tensor([0.1]), torch.tensor([0.0]), variance)
loss.backward()
print(f"{loss.item():.1f} {variance.grad.item():.3g}")
""",
            says="4993.1 -5e+09",
            sentence="The variance is raised to eps = 1e-6, but not for the gradient: one sample pulls with five "
            "billion.",
            fix="Take a larger eps, or keep the log-variance above a floor.",
            fixed="""\
import torch

variance = torch.tensor([1e-9], requires_grad=True)
loss = torch.nn.GaussianNLLLoss(eps=0.1)(
    torch.tensor([0.1]), torch.tensor([0.0]), variance
)
loss.backward()
print(f"{loss.item():.1f} {variance.grad.item():.3g}")
""",
            prints="-1.1 4.5",
        ),
        Edge(
            title="A column against a row",
            code="""\
import torch

mean, target = torch.tensor([0.0, 1.0, 2.0]), torch.tensor([[0.0], [1.0], [2.0]])
loss = torch.nn.GaussianNLLLoss(reduction="none")(mean, target, torch.ones(3))
print(loss.shape)
""",
            says="torch.Size([3, 3])",
            sentence="Shapes (3,) and (3, 1) are broadcast to all nine pairs, without a warning.",
            fix="Give mean, target and variance the same shape.",
            fixed="""\
import torch

mean, target = torch.tensor([0.0, 1.0, 2.0]), torch.tensor([0.0, 1.0, 2.0])
loss = torch.nn.GaussianNLLLoss(reduction="none")(mean, target, torch.ones(3))
print(loss.shape)
""",
            prints="torch.Size([3])",
        ),
        Edge(
            title="A variance of another size",
            code="""\
import torch

print(torch.nn.GaussianNLLLoss()(torch.zeros(3), torch.zeros(3), torch.ones(2)).item())
""",
            says="ValueError: var is of incorrect size",
            sentence="There must be a variance for every element, or one for each row.",
            fix="Give the variance the shape of the mean, or a last dimension of 1.",
            fixed="""\
import torch

loss = torch.nn.GaussianNLLLoss()(
    torch.zeros(2, 3), torch.zeros(2, 3), torch.ones(2, 1)
)
print(loss.item())
""",
            prints="0.0",
        ),
    ),
    batch=Batch(
        rows=(
            {"prediction": 0, "target": 0, "var": 0.25},
            {"prediction": 2, "target": 0, "var": 0.25},
            {"prediction": 2, "target": 0, "var": 1},
            {"prediction": 2, "target": 0, "var": 4},
            {"prediction": 2, "target": 0, "var": 9},
            {"prediction": 5, "target": 1, "var": 1},
        ),
    ),
    sources=(
        torch_page("GaussianNLLLoss"),
        Source(
            "Nix and Weigend 1994, Estimating the mean and variance of the target probability distribution",
            "https://doi.org/10.1109/ICNN.1994.374138",
        ),
    ),
)
