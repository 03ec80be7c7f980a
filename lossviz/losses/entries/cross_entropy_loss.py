"""CrossEntropyLoss, the negative log-probability of the true class, from logits."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from lossviz.losses.entry import (
    Argument,
    BarGroup,
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
from lossviz.losses.shared_bars import gradient_bars, raw_bars
from lossviz.losses.shared_knobs import (
    CLASS_WEIGHT,
    CLASSES,
    LABEL_SMOOTHING,
    LOGIT_KEYS,
    LOGITS,
    TARGET_CLASS,
)
from lossviz.losses.shared_sources import torch_page

_PLAIN = "weight_0 + weight_1 + weight_2 == 3"
"""Every choice of weights but ones has another sum."""


def _branches(y: int) -> tuple[Branch, ...]:
    """The formula when class y is true: plain, with weights, with smoothing, with both."""
    name = f"class {y} is true"
    own = y == 0
    return (
        Branch(
            when=f"target == {y} and label_smoothing == 0 and {_PLAIN}",
            loss=f"Z - logit_{y}",
            gradient="p_0 - 1" if own else "p_0",
            name=name,
        ),
        Branch(
            when=f"target == {y} and label_smoothing == 0 and weight_0 + weight_1 + weight_2 > 3",
            loss=f"weight_{y} * (Z - logit_{y})",
            gradient="weight_0 * (p_0 - 1)" if own else f"weight_{y} * p_0",
            name=f"{name}, weighted",
        ),
        Branch(
            when=f"target == {y} and label_smoothing > 0 and {_PLAIN}",
            loss=f"(1 - label_smoothing) * (Z - logit_{y}) + label_smoothing * (Z - mean)",
            gradient=f"p_0 {'- (1 - label_smoothing) ' if own else ''}- label_smoothing / 3",
            name=f"{name}, smoothed",
        ),
        Branch(
            when=f"target == {y} and label_smoothing > 0 and weight_0 + weight_1 + weight_2 > 3",
            loss=f"(1 - label_smoothing) * weight_{y} * (Z - logit_{y}) + label_smoothing / 3 * spread",
            gradient=f"(1 - label_smoothing) * weight_{y} * {'(p_0 - 1)' if own else 'p_0'}"
            " + label_smoothing / 3 * (W * p_0 - weight_0)",
            name=f"{name}, weighted and smoothed",
        ),
    )


_ENTRY = LossEntry(
    name="CrossEntropyLoss",
    category="classification",
    rank=10,
    title="Cross-entropy",
    summary="Minus the log of the softmax probability of the true class: to be sure and wrong costs most.",
    use=(
        "Exactly one of several classes is true, and the network ends with raw logits.",
        "The target is a distribution over classes, as with label smoothing or mixup: give it as floats.",
    ),
    avoid=(
        "Several classes can be true at once: take BCEWithLogits, or MultiLabelSoftMargin.",
        "The network already ends with a softmax: remove it, or the loss cannot come near 0.",
    ),
    knobs=LOGITS,
    options=(TARGET_CLASS, LABEL_SMOOTHING, CLASS_WEIGHT),
    arguments=(
        Argument("logits", LOGIT_KEYS, learned=True),
        Argument("target", ("target",), dtype="int64"),
    ),
    parameters=MappingProxyType({"weight": "weight", "label_smoothing": "label_smoothing"}),
    # With a single sample, "mean" would divide by the weight that the loss has just been multiplied with.
    reduction="sum",
    probe_steps=(
        "# The same loss as a function of the probabilities: NLLLoss of their logarithm,",
        "# mixed with its mean over all classes as far as labels are smoothed.",
        "p = logits.detach().softmax(dim=1).requires_grad_()",
        'nll = torch.nn.NLLLoss(weight=loss_function.weight, reduction="sum")',
        "of_class = [nll(p.log(), torch.where(target < 0, target, c)) for c in range(3)]",
        "torch.lerp(nll(p.log(), target), sum(of_class) / 3, loss_function.label_smoothing).backward()",
    ),
    probes=(
        Probe("probability", "p", 3),
        Probe("gradient_of_logit", "logits.grad", 3),
        Probe("gradient_of_probability", "p.grad", 3),
    ),
    definitions=(
        Definition("Z", "Z", "log(exp(logit_0) + exp(logit_1) + exp(logit_2))"),
        Definition("p_0", "p_0", "exp(logit_0 - Z)"),
        Definition("mean", r"\bar{z}", "(logit_0 + logit_1 + logit_2) / 3"),
        Definition(
            "spread",
            "S",
            "weight_0 * (Z - logit_0) + weight_1 * (Z - logit_1) + weight_2 * (Z - logit_2)",
        ),
        Definition("W", "W", "weight_0 + weight_1 + weight_2"),
    ),
    branches=(
        *(branch for y in range(3) for branch in _branches(y)),
        Branch(when="target == -100", loss="0", gradient="0", name="ignored"),
    ),
    loss_window=(0, 8),
    gradient_window=(-1.2, 1.2),
    views=("bars", "curve", "more_bars"),
    bars=(
        (
            raw_bars("logit z"),
            BarGroup("probability p", tuple(f"probability_{c}" for c in range(3)), CLASSES, (0, 1)),
            gradient_bars("gradient_of_logit", 1),
        ),
        (
            BarGroup(
                "∂loss/∂p",
                tuple(f"gradient_of_probability_{c}" for c in range(3)),
                CLASSES,
                (-10, 0),
                "gradient",
            ),
        ),
    ),
    presets=(
        Preset(
            "wrong",
            "Confidently wrong",
            "The true class has p = 0.0000454, so the loss is 10.0. The gradient of its probability is −22035, that of "
            "its logit only −1: softmax divides the explosion away.",
            {"logit_0": -4, "logit_1": 6, "logit_2": -2},
        ),
        Preset(
            "weight",
            "A rare class counts more",
            "Weight 3 triples loss and gradient of class 2: 3 · 1.0986 = 3.2958. The panel sums: the “mean” of a "
            "single sample would divide by its weight again, and hide it.",
            {"logit_0": 0, "logit_1": 0, "logit_2": 0, "target": "2", "weight": "1,1,3"},
        ),
        Preset(
            "floor",
            "Smoothing has a floor",
            "With smoothing 0.3 the curve turns back up: beyond a gap of about 2 to the others, more certainty costs.",
            {"logit_0": 6, "logit_1": 0, "logit_2": 0, "label_smoothing": "0.3"},
        ),
        Preset(
            "double",
            "Softmax twice",
            "A network that ends with a softmax: the dashed curve stays between 0.55 and 1.55, and is nearly flat.",
            {"logit_0": 6, "logit_1": 0, "logit_2": 0},
            ("softmax before it",),
        ),
    ),
    overlays=MappingProxyType({"MultiMarginLoss": {}, "softmax before it": {}}),
    corrections=(
        Correction(
            claim="Cross-entropy punishes confident mistakes, NLL does not.",
            fact="They are one function: CrossEntropyLoss(z) is NLLLoss(log-softmax(z)), value and gradient alike.",
            code="""\
import torch

target = torch.tensor([0])
for loss_function, step in (
    (torch.nn.CrossEntropyLoss(), torch.nn.Identity()),
    (torch.nn.NLLLoss(), torch.nn.LogSoftmax(dim=1)),
):
    logits = torch.tensor([[-4.0, 6.0, -2.0]], requires_grad=True)
    loss = loss_function(step(logits), target)
    loss.backward()
    print(f"{loss.item():.4f}", [f"{g:.4f}" for g in logits.grad[0].tolist()])
""",
            prints="10.0004 ['-1.0000', '0.9996', '0.0003']\n10.0004 ['-1.0000', '0.9996', '0.0003']",
        ),
        Correction(
            claim="A class weight of 9 always makes that class count nine times.",
            fact="“mean” divides by the sum of the weights of the targets. In a batch of one class the weight cancels, "
            "and weights times 100 change nothing.",
            code="""\
import torch

logits = torch.tensor([[2.0, 1.0, 0.0]])
for weight in ([1.0, 1.0, 1.0], [9.0, 1.0, 1.0], [900.0, 100.0, 100.0]):
    loss_function = torch.nn.CrossEntropyLoss(weight=torch.tensor(weight))
    print(weight[0], f"{loss_function(logits, torch.tensor([0])).item():.4f}")
""",
            prints="1.0 0.4076\n9.0 0.4076\n900.0 0.4076",
        ),
        Correction(
            claim="The loss of a class needs probabilities, so the network must end with a softmax.",
            fact="The loss has its own. A softmax before it flattens the curve and takes the gradient away; a "
            "log-softmax before it changes nothing.",
            code="""\
import torch

target = torch.tensor([0])
for step in (torch.nn.Identity(), torch.nn.LogSoftmax(dim=1), torch.nn.Softmax(dim=1)):
    logits = torch.tensor([[-8.0, 0.0, 0.0]], requires_grad=True)
    loss = torch.nn.CrossEntropyLoss()(step(logits), target)
    loss.backward()
    print(
        type(step).__name__,
        f"loss {loss.item():.4f} gradient {logits.grad[0, 0].item():.5f}",
    )
""",
            prints=(
                "Identity loss 8.6933 gradient -0.99983\nLogSoftmax loss 8.6933 gradient "
                "-0.99983\nSoftmax loss 1.4578 gradient -0.00019"
            ),
        ),
        Correction(
            claim="A good network brings the training loss near 0.",
            fact="Not with label smoothing. At smoothing 0.1 and 10 classes the floor is 0.5003, at p = 0.91; "
            "a surer network has a larger loss.",
            code="""\
import torch

loss_function = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
for logit in (2.0, 4.51, 20.0):
    logits = torch.tensor([[logit] + [0.0] * 9])
    p = logits.softmax(dim=1)[0, 0].item()
    print(f"p {p:.2f} loss {loss_function(logits, torch.tensor([0])).item():.4f}")
""",
            prints="p 0.45 loss 0.9766\np 0.91 loss 0.5003\np 1.00 loss 1.8000",
        ),
    ),
    edges=(
        Edge(
            title="Labels as floats",
            code="""\
import torch

logits = torch.zeros(2, 3)
torch.nn.CrossEntropyLoss()(logits, torch.tensor([0.0, 2.0]))
""",
            says="RuntimeError: expected target dtype to be Long or Byte, but got Float",
            sentence="Class indices must be whole numbers of type int64, or uint8.",
            fix="Convert the labels once, where they are loaded.",
            fixed="""\
import torch

logits = torch.zeros(2, 3)
print(torch.nn.CrossEntropyLoss()(logits, torch.tensor([0.0, 2.0]).long()).item())
""",
            prints="1.0986123085021973",
        ),
        Edge(
            title="Labels counted from 1",
            code="""\
import torch

logits = torch.zeros(2, 3)
torch.nn.CrossEntropyLoss()(logits, torch.tensor([1, 3]))
""",
            says="IndexError: Target 3 is out of bounds.",
            sentence="Three classes are 0, 1 and 2. On a GPU the same mistake ends the process with an assertion.",
            fix="Subtract 1, or give the network one more class.",
            fixed="""\
import torch

logits = torch.zeros(2, 3)
print(torch.nn.CrossEntropyLoss()(logits, torch.tensor([1, 3]) - 1).item())
""",
            prints="1.0986123085021973",
        ),
        Edge(
            title="Labels in a column",
            code="""\
import torch

logits = torch.zeros(2, 3)
torch.nn.CrossEntropyLoss()(logits, torch.tensor([[0], [2]]))
""",
            says="RuntimeError: 0D or 1D target tensor expected, multi-target not supported",
            sentence="The target has shape (N, 1); a class index for each sample has shape (N).",
            fix="Take the column out with squeeze(1).",
            fixed="""\
import torch

logits = torch.zeros(2, 3)
print(torch.nn.CrossEntropyLoss()(logits, torch.tensor([[0], [2]]).squeeze(1)).item())
""",
            prints="1.0986123085021973",
        ),
        Edge(
            title="One-hot labels as integers",
            code="""\
import torch

logits = torch.zeros(1, 3)
torch.nn.CrossEntropyLoss()(logits, torch.tensor([[0, 1, 0]]))
""",
            says=("RuntimeError: Expected floating point type for target with class probabilities, got Long"),
            sentence="A target of the logits' shape is read as probabilities, and those are floats.",
            fix="Give the index, or turn the row into floats.",
            fixed="""\
import torch

logits = torch.zeros(1, 3)
loss = torch.nn.CrossEntropyLoss()(logits, torch.tensor([[0, 1, 0]]).argmax(dim=1))
print(loss.item())
""",
            prints="1.0986123085021973",
        ),
        Edge(
            title="Every target is ignored",
            code="""\
import torch

logits = torch.zeros(2, 3, requires_grad=True)
loss = torch.nn.CrossEntropyLoss()(logits, torch.tensor([-100, -100]))
loss.backward()
print(loss.item(), logits.grad.abs().max().item())
""",
            says="nan 0.0",
            sentence="The mean of nothing is 0 / 0. The gradient is 0, so the step does no harm; the log shows nan.",
            fix="Skip such a batch, or divide the sum by the number of kept targets, at least 1.",
            fixed="""\
import torch

logits, target = torch.zeros(2, 3), torch.tensor([-100, -100])
loss = torch.nn.CrossEntropyLoss(reduction="sum")(logits, target)
print((loss / (target != -100).sum().clamp(min=1)).item())
""",
            prints="0.0",
        ),
        Edge(
            title="A masked class and label smoothing",
            code="""\
import torch

logits = torch.tensor([[2.0, 1.0, -float("inf")]])
print(torch.nn.CrossEntropyLoss(label_smoothing=0.1)(logits, torch.tensor([0])).item())
""",
            says="inf",
            sentence="Smoothing gives the masked class a share of the target, and its probability is 0.",
            fix="Do not smooth where classes are masked.",
            fixed="""\
import torch

logits = torch.tensor([[2.0, 1.0, -float("inf")]])
print(torch.nn.CrossEntropyLoss()(logits, torch.tensor([0])).item())
""",
            prints="0.31326165795326233",
        ),
    ),
    batch=Batch(
        rows=(
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "target": "0"},
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "target": "0"},
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "target": "0"},
            {"logit_0": 0, "logit_1": 0, "logit_2": 0, "target": "2"},
            {"logit_0": 1, "logit_1": -1, "logit_2": 3, "target": "-100"},
        ),
        divides="the sum of the weights of the rows' targets; ignored rows have none",
    ),
    sources=(
        torch_page("CrossEntropyLoss"),
        Source(
            "Szegedy et al. 2016, Rethinking the Inception Architecture (label smoothing)",
            "https://arxiv.org/abs/1512.00567",
        ),
        Source("Müller et al. 2019, When Does Label Smoothing Help?", "https://arxiv.org/abs/1906.02629"),
    ),
)

ENTRY = replace(
    _ENTRY,
    variants=MappingProxyType(
        {
            "softmax before it": replace(
                _ENTRY,
                title="softmax before it",
                steps=("probabilities = logits.softmax(dim=1)",),
                inputs=("probabilities", "target"),
                probe_steps=(),
                probes=(),
                overlays=MappingProxyType({}),
            )
        }
    ),
)
