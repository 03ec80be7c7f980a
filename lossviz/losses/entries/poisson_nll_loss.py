"""PoissonNLLLoss, the negative log-likelihood of counts."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from lossviz.losses.entry import Batch, Branch, Correction, Definition, Edge, LossEntry, Preset
from lossviz.losses.knob import Knob
from lossviz.losses.option import Option
from lossviz.losses.shared_batches import PREDICTION_AND_TARGET
from lossviz.losses.shared_knobs import PREDICTION
from lossviz.losses.shared_sources import torch_page

_PREDICTION = replace(PREDICTION, default=1.1, help="the log of the predicted rate, or the rate itself")
_COUNT = Knob("target", "y", 0, 5, 1, 3, "the count that was observed")
_LOG_INPUT = Option(
    "log_input",
    r"\mathrm{log}",
    {"True": True, "False": False},
    "True",
    "whether the prediction is the logarithm of the rate",
    name="the prediction is",
    spelled={"True": "a log-rate", "False": "a rate"},
)
_FULL = Option(
    "full",
    r"\mathrm{full}\,",
    {"False": False, "True": True},
    "False",
    "whether to add Stirling's term for y > 1",
    name="Stirling's term",
    spelled={"False": "left out", "True": "added"},
)
_EPS = Option(
    "eps",
    r"\epsilon",
    {"1e-08": 1e-8, "0.1": 0.1},
    "1e-08",
    "what is added to a rate before its logarithm is taken; a log-rate needs none",
    name="added to the rate, ε",
    spelled={"1e-08": "0.00000001"},
)

_RATE = "rate = prediction.exp() if loss_function.log_input else prediction"
_EXACT = "-torch.distributions.Poisson(rate, validate_args=False).log_prob(target)"

_LIKELIHOOD = LossEntry(
    name="PoissonNLLLoss",
    category="regression",
    rank=50,
    title="exact −log P",
    summary="The exact negative log-probability of a count.",
    use=(),
    avoid=(),
    knobs=(_PREDICTION, _COUNT),
    options=(_LOG_INPUT,),
    arguments=PREDICTION_AND_TARGET,
    parameters=MappingProxyType({"log_input": "log_input"}),
    set_up=(_RATE,),
    call=f"({_EXACT}).mean()",
    row_call=_EXACT,
    branches=(),
    presets=(),
    corrections=(),
    sources=(),
)

ENTRY = LossEntry(
    name="PoissonNLLLoss",
    category="regression",
    rank=50,
    title="Poisson NLL",
    summary="For counts: how unlikely the count is at the predicted rate, so that large counts may scatter more.",
    use=(
        "The target counts events (clicks, photons, arrivals), and its variance grows with its mean.",
        "Keep log_input=True: the network gives any number, and the rate eˣ is always positive.",
    ),
    avoid=(
        "The counts spread far more than their mean: a Poisson distribution has its variance equal to its mean.",
        "The target is a measurement that can be negative: torch does not object, and the loss has no minimum.",
    ),
    knobs=(_PREDICTION, _COUNT),
    options=(_LOG_INPUT, _FULL, _EPS),
    arguments=PREDICTION_AND_TARGET,
    parameters=MappingProxyType({"log_input": "log_input", "full": "full", "eps": "eps"}),
    # Where there is no count, the log-rate has no best value: the line then lies outside the picture.
    target_line="log_input * log(max(target, 0.000001)) + (1 - log_input) * target",
    definitions=(
        # Only for counts above 1, so that it need not be a number at 0.
        Definition("stirling", "S", "target * log(target) - target + log(2 * pi * target) / 2"),
    ),
    branches=tuple(
        Branch(
            when=f"log_input == {log_input} and {when}",
            loss=f"{loss}{term}",
            gradient=gradient,
            name=f"{name}{and_more}",
        )
        for log_input, loss, gradient, name in (
            (1, "exp(prediction) - target * prediction", "exp(prediction) - target", "log-rate"),
            (0, "prediction - target * log(prediction + eps)", "1 - target / (prediction + eps)", "rate"),
        )
        for when, term, and_more in (
            ("full == 0", "", ""),
            ("full == 1 and target <= 1", "", ""),
            ("full == 1 and target > 1", " + stirling", " with Stirling's term"),
        )
    ),
    loss_window=(-4, 8),
    gradient_window=(-6, 6),
    overlays=MappingProxyType({"exact": {}}),
    variants=MappingProxyType({"exact": _LIKELIHOOD}),
    presets=(
        Preset(
            "negative",
            "Below zero, and right",
            "At x = 1.1 the rate is eˣ = 3.004 for a count of 3. The gradient is almost 0, the loss −0.2958: a "
            "minimum below 0 is no bug, because a constant of the likelihood is left out.",
            {"prediction": 1.1, "target": 3},
            ("exact",),
        ),
        Preset(
            "full",
            "With the constant",
            "full=True adds Stirling's approximation of log y!: the curve rises by 1.7641 and all but meets the "
            "exact one. The gradient does not change.",
            {"prediction": 1.1, "target": 3, "full": "True"},
            ("exact",),
        ),
        Preset(
            "rate",
            "The rate itself",
            "With log_input=False the prediction is the rate. At 0 the pull for one count is −100 000 000 (1 / eps), "
            "and left of 0 the loss is not a number.",
            {"prediction": 0, "target": 1, "log_input": "False"},
        ),
        Preset(
            "no-event",
            "Nothing happened",
            "For a count of 0 the loss is eˣ: it can always fall further, and the gradient fades with it.",
            {"prediction": -2, "target": 0},
        ),
    ),
    corrections=(
        Correction(
            claim="A negative loss means that something is broken.",
            fact="Not here. The default leaves out log y!, so for y = 3 the best possible loss is −0.2958. What tells "
            "you that you are there is the gradient.",
            code="""\
import torch

target = torch.tensor([3.0])
prediction = target.log().requires_grad_()
loss = torch.nn.PoissonNLLLoss()(prediction, target)
loss.backward()
print(f"{loss.item():.4f} {abs(prediction.grad.item()):.4f}")
""",
            prints="-0.2958 0.0000",
        ),
        Correction(
            claim="full=True gives the exact negative log-likelihood.",
            fact="It adds Stirling's approximation, and only for counts above 1. At rate 1 and y = 2 it says 1.6518; "
            "the exact value is 1.6931.",
            code="""\
import torch

log_rate, count = torch.tensor([0.0]), torch.tensor([2.0])
print(f"{torch.nn.PoissonNLLLoss(full=True)(log_rate, count).item():.4f}")
print(f"{-torch.distributions.Poisson(log_rate.exp()).log_prob(count).item():.4f}")
""",
            prints="1.6518\n1.6931",
        ),
    ),
    edges=(
        Edge(
            title="A rate below zero",
            code="""\
import torch

rate = torch.tensor([-1.0], requires_grad=True)
loss = torch.nn.PoissonNLLLoss(log_input=False)(rate, torch.tensor([1.0]))
loss.backward()
print(loss.item(), rate.grad.item())
""",
            says="nan 2.0",
            sentence="The logarithm of a negative rate is not a number, yet the gradient is finite: training goes on "
            "and only the printed loss tells.",
            fix="Let the network predict the log-rate.",
            fixed="""\
import torch

log_rate = torch.tensor([-1.0])
print(f"{torch.nn.PoissonNLLLoss()(log_rate, torch.tensor([1.0])).item():.4f}")
""",
            prints="1.3679",
        ),
        Edge(
            title="A rate given as a log-rate",
            code="""\
import torch

rate = torch.tensor([100.0])
print(torch.nn.PoissonNLLLoss()(rate, torch.tensor([100.0])).item())
""",
            says="inf",
            sentence="log_input is True by default: the rate 100 was read as e to the power of 100.",
            fix="Say log_input=False, or pass the logarithm.",
            fixed="""\
import torch

rate = torch.tensor([100.0])
loss = torch.nn.PoissonNLLLoss(log_input=False)(rate, torch.tensor([100.0]))
print(f"{loss.item():.3f}")
""",
            prints="-360.517",
        ),
        Edge(
            title="A column against a row",
            code="""\
import torch

log_rate = torch.tensor([0.0, 1.0, 2.0])
target = log_rate.exp().unsqueeze(1)
print(torch.nn.PoissonNLLLoss(reduction="none")(log_rate, target).shape)
""",
            says="torch.Size([3, 3])",
            sentence="Shapes (3,) and (3, 1) are broadcast to all nine pairs, without a warning.",
            fix="Give both the same shape.",
            fixed="""\
import torch

log_rate = torch.tensor([0.0, 1.0, 2.0])
target = log_rate.exp()
print(torch.nn.PoissonNLLLoss(reduction="none")(log_rate, target).shape)
""",
            prints="torch.Size([3])",
        ),
        Edge(
            title="A negative count",
            code="""\
import torch

log_rate = torch.tensor([-1.0, -10.0, -100.0])
for loss in torch.nn.PoissonNLLLoss(reduction="none")(log_rate, torch.full((3,), -2.0)):
    print(f"{loss.item():.2f}")
""",
            says="-1.63\n-20.00\n-200.00",
            sentence="Counts are not checked: with a target of −2 the loss falls without end.",
            fix="Check the targets before training; standardised counts are no counts.",
            fixed="""\
import torch

target = torch.tensor([-2.0])
print("counts" if bool((target >= 0).all()) else "not counts")
""",
            prints="not counts",
        ),
    ),
    batch=Batch(
        rows=(
            {"prediction": 0, "target": 1},
            {"prediction": 0.7, "target": 2},
            {"prediction": 1.1, "target": 3},
            {"prediction": 1.1, "target": 0},
            {"prediction": -1, "target": 4},
            {"prediction": 3, "target": 4},
        ),
    ),
    sources=(torch_page("PoissonNLLLoss"),),
)
