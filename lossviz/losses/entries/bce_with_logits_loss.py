"""BCEWithLogitsLoss, binary cross-entropy from logits."""

from __future__ import annotations

from types import MappingProxyType

from lossviz.losses.entry import (
    BarGroup,
    Batch,
    Branch,
    Correction,
    Definition,
    Edge,
    LossEntry,
    Preset,
    Probe,
)
from lossviz.losses.option import Option
from lossviz.losses.shared_batches import LOGIT_AND_TARGET
from lossviz.losses.shared_knobs import LOGIT, TARGET_PROBABILITY
from lossviz.losses.shared_sources import torch_page

_POS_WEIGHT = Option(
    "pos_weight",
    "k",
    {"none": None, "0.1": (0.1,), "3": (3,), "9": (9,), "20": (20,)},
    "none",
    "what the loss of target 1 is multiplied by, one number for each output",
    name="weight k of target 1",
)


def _on_sigmoid(name: str, title: str) -> LossEntry:
    """A loss that is given the sigmoid of the logit."""
    return LossEntry(
        name=name,
        category="classification",
        rank=30,
        title=title,
        summary="Another loss on the sigmoid of the logit.",
        use=(),
        avoid=(),
        knobs=(LOGIT, TARGET_PROBABILITY),
        arguments=LOGIT_AND_TARGET,
        steps=("probability = logit.sigmoid()",),
        inputs=("probability", "target"),
        branches=(),
        presets=(),
        corrections=(),
        sources=(),
    )


ENTRY = LossEntry(
    name="BCEWithLogitsLoss",
    category="classification",
    rank=30,
    title="BCEWithLogits",
    summary="Yes or no from a raw score: its own sigmoid keeps it stable, and a sure mistake pulls at full strength.",
    use=(
        "The answer is yes or no, or several labels may be true at once: one logit for each.",
        "Yes is rare, and missing it is expensive: pos_weight multiplies its part of the loss.",
    ),
    avoid=(
        "Exactly one of several classes is true: take CrossEntropyLoss, whose classes compete.",
        "The network already ends with a sigmoid: remove it, or the loss can never come near 0.",
    ),
    knobs=(LOGIT, TARGET_PROBABILITY),
    options=(_POS_WEIGHT,),
    arguments=LOGIT_AND_TARGET,
    parameters=MappingProxyType({"pos_weight": "pos_weight"}),
    probe_steps=(
        "# The same loss as a function of the probability.",
        "p = logit.detach().sigmoid().requires_grad_()",
        "loss_function(p.logit(), target).sum().backward()",
    ),
    probes=(
        Probe("probability", "p"),
        Probe("gradient_of_logit", "logit.grad"),
        Probe("gradient_of_probability", "p.grad"),
    ),
    definitions=(
        Definition("log_p", r"\log\sigma(x)", "min(logit, 0) - log(1 + exp(-abs(logit)))"),
        Definition("log_q", r"\log\sigma(-x)", "min(-logit, 0) - log(1 + exp(-abs(logit)))"),
    ),
    branches=(
        Branch(
            when="",
            loss="-pos_weight_0 * target * log_p - (1 - target) * log_q",
            gradient="(1 - target) * exp(log_p) - pos_weight_0 * target * exp(log_q)",
            name="everywhere",
        ),
    ),
    loss_window=(0, 32),
    gradient_window=(-1.5, 1.5),
    overlays=MappingProxyType({"naive": {}, "squared": {}, "twice": {}, "sigmoid_focal_loss": {}}),
    variants=MappingProxyType(
        {
            "naive": _on_sigmoid("BCELoss", "sigmoid, then BCELoss"),
            "squared": _on_sigmoid("MSELoss", "sigmoid, then MSELoss"),
            "twice": _on_sigmoid("BCEWithLogitsLoss", "sigmoid twice"),
        }
    ),
    views=("curve", "bars"),
    bars=(
        (
            BarGroup("probability", ("probability",), ("σ(x)",), (0, 1)),
            BarGroup("gradient by logit", ("gradient_of_logit",), ("∂/∂x",), (-1, 1), "gradient"),
            BarGroup("by probability", ("gradient_of_probability",), ("∂/∂p",), (-10, 10), "gradient"),
        ),
    ),
    presets=(
        Preset(
            "seventeen",
            "17 is the new infinity",
            "Logit 17, target 0: the loss is 17 with gradient 1. After a separate sigmoid the probability has rounded "
            "to exactly 1: BCELoss jumps to 100, with gradient 0.",
            {"logit": 17, "target": 0},
            ("naive",),
        ),
        Preset(
            "confidently-wrong",
            "Confidently wrong",
            "Logit −8, target 1: the loss is 8.0003 and pulls with −0.9997. MSE on the sigmoid says 0.9993 and pulls "
            "with −0.0007: it has given up.",
            {"logit": -8, "target": 1},
            ("squared",),
        ),
        Preset(
            "twice",
            "One sigmoid too many",
            "Logit 8, target 1 is right, and costs 0.0003. With a sigmoid before the loss it costs 0.3133, and no "
            "logit can make it less.",
            {"logit": 8, "target": 1},
            ("twice",),
        ),
        Preset(
            "rare",
            "Nine times as important",
            "Logit 0, target 1, pos_weight 9: loss 6.2383 and gradient −4.5, nine times those without. For target 0 "
            "nothing changes.",
            {"logit": 0, "target": 1, "pos_weight": "9"},
        ),
    ),
    corrections=(
        Correction(
            claim="Sigmoid and BCELoss are the same thing, only a little less precise.",
            fact="In float32 they lose the gradient. From a logit of about 16.64 on the sigmoid is exactly 1: a "
            "confidently wrong sample costs 100 and teaches nothing.",
            code="""\
import torch

target = torch.tensor([0.0])
for value in (16.0, 17.0):
    logit = torch.tensor([value], requires_grad=True)
    loss = torch.nn.BCELoss()(logit.sigmoid(), target)
    loss.backward()
    print(f"{loss.item():.4f} {logit.grad.item():.4f}")
""",
            prints="15.9424 1.0000\n100.0000 0.0000",
        ),
        Correction(
            claim="weight and pos_weight are two names for one thing.",
            fact="weight multiplies a sample's whole loss, pos_weight only the part of the true class. With nine zeros "
            "to one 1, pos_weight = 9 moves the best constant probability from 0.1 to 0.5; weight = 9 leaves it.",
            code="""\
import torch

target = torch.tensor([0.0] * 9 + [1.0])
candidates = torch.arange(0.05, 1.0, 0.05)
nine = torch.tensor([9.0])
for given in ({}, {"weight": nine}, {"pos_weight": nine}):
    loss_function = torch.nn.BCEWithLogitsLoss(**given)
    losses = [loss_function(p.logit().expand(10), target) for p in candidates]
    losses = torch.stack(losses)
    print(f"{candidates[losses.argmin()].item():.2f}")
""",
            prints="0.10\n0.10\n0.50",
        ),
        Correction(
            claim="The loss of a good model goes to 0.",
            fact="Only for targets of 0 and 1. For a soft target of 0.3 the least possible loss is 0.6109, at a "
            "probability of 0.3.",
            code="""\
import torch

target = torch.tensor([0.3])
print(f"{torch.nn.BCEWithLogitsLoss()(target.logit(), target).item():.4f}")
""",
            prints="0.6109",
        ),
    ),
    edges=(
        Edge(
            title="A sigmoid before it",
            code="""\
import torch

logits, target = torch.tensor([-10.0, 10.0]), torch.tensor([0.0, 1.0])
print(f"{torch.nn.BCEWithLogitsLoss()(logits.sigmoid(), target).item():.4f}")
""",
            says="0.5032",
            sentence="The loss takes the sigmoid itself. A second one keeps every probability between 0.5 and 0.7311.",
            fix="Pass the raw logits.",
            fixed="""\
import torch

logits, target = torch.tensor([-10.0, 10.0]), torch.tensor([0.0, 1.0])
print(f"{torch.nn.BCEWithLogitsLoss()(logits, target).item():.4f}")
""",
            prints="0.0000",
        ),
        Edge(
            title="A column against a row",
            code="""\
import torch

logits = torch.zeros(3, 1)
target = torch.tensor([0.0, 1.0, 1.0])
print(torch.nn.BCEWithLogitsLoss()(logits, target).item())
""",
            says="ValueError: Target size (torch.Size([3])) must be the same as input size (torch.Size([3, 1]))",
            sentence="A last layer with one output gives a column; the targets are a row.",
            fix="Take the extra dimension away.",
            fixed="""\
import torch

logits = torch.zeros(3, 1)
target = torch.tensor([0.0, 1.0, 1.0])
print(f"{torch.nn.BCEWithLogitsLoss()(logits.squeeze(1), target).item():.4f}")
""",
            prints="0.6931",
        ),
        Edge(
            title="Integer targets",
            code="""\
import torch

print(torch.nn.BCEWithLogitsLoss()(torch.zeros(2), torch.tensor([0, 1])).item())
""",
            says="RuntimeError: result type Float can't be cast to the desired output type Long",
            sentence="Targets are probabilities here, not class indices, so they are floats.",
            fix="Convert the target with .float().",
            fixed="""\
import torch

loss = torch.nn.BCEWithLogitsLoss()(torch.zeros(2), torch.tensor([0, 1]).float())
print(f"{loss.item():.4f}")
""",
            prints="0.6931",
        ),
        Edge(
            title="A target of 2",
            code="""\
import torch

loss = torch.nn.BCEWithLogitsLoss()(torch.tensor([5.0]), torch.tensor([2.0]))
print(f"{loss.item():.4f}")
""",
            says="-4.9933",
            sentence="Targets are not checked. With labels 1 and 2 the loss falls below 0 and has no minimum.",
            fix="Map the labels to 0 and 1.",
            fixed="""\
import torch

labels = torch.tensor([2.0])
print(f"{torch.nn.BCEWithLogitsLoss()(torch.tensor([5.0]), labels - 1).item():.4f}")
""",
            prints="0.0067",
        ),
        Edge(
            title="pos_weight as a number",
            code="""\
import torch

torch.nn.BCEWithLogitsLoss(pos_weight=9.0)
""",
            says="TypeError: cannot assign 'float' object to buffer 'pos_weight' (torch Tensor or None required)",
            sentence="There is a weight for each output, so it is a tensor.",
            fix="Wrap it in a tensor.",
            fixed="""\
import torch

print(torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor([9.0])).pos_weight.tolist())
""",
            prints="[9.0]",
        ),
    ),
    batch=Batch(
        rows=(
            {"logit": 8, "target": 1},
            {"logit": -8, "target": 1},
            {"logit": 0, "target": 1},
            {"logit": 0, "target": 0},
            {"logit": 17, "target": 0},
            {"logit": -2, "target": 0.3},
        ),
        divides="the number of elements, whatever pos_weight is",
    ),
    sources=(torch_page("BCEWithLogitsLoss"),),
)
