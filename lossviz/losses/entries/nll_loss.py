"""NLLLoss, which picks the log-probability of the true class and negates it: the last block of cross-entropy."""

from __future__ import annotations

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
from lossviz.losses.shared_bars import raw_bars
from lossviz.losses.shared_knobs import CLASS_WEIGHT, CLASSES, LOGIT_KEYS, LOGITS, TARGET_CLASS
from lossviz.losses.shared_sources import torch_page

_EQUAL = "weight_0 + weight_1 + weight_2 == 3"
_UNEQUAL = "weight_0 + weight_1 + weight_2 > 3"
"""Every choice of weights but ones has a larger sum."""


def _branches(y: int) -> tuple[Branch, Branch]:
    """The formula when class y is true, without and with weights."""
    slope = "(p_0 - 1)" if y == 0 else "p_0"
    return (
        Branch(
            when=f"target == {y} and {_EQUAL}",
            loss=f"-l_{y}",
            gradient=slope.strip("()"),
            name=f"class {y} is true",
        ),
        Branch(
            when=f"target == {y} and {_UNEQUAL}",
            loss=f"-weight_{y} * l_{y}",
            gradient=f"weight_{y} * {slope}",
            name=f"class {y} is true, weighted",
        ),
    )


ENTRY = LossEntry(
    name="NLLLoss",
    category="classification",
    rank=20,
    title="NLL",
    summary="Picks the log-probability of the true class and negates it. After a log-softmax, that is cross-entropy.",
    use=(
        "The network already ends with a log-softmax, or the log-probabilities come from elsewhere.",
        "You need the log-probabilities for something else too, and compute them once.",
    ),
    avoid=(
        "The network gives logits: take CrossEntropyLoss, which has the log-softmax inside.",
        "The network gives probabilities: NLLLoss accepts them without a word, and the number means nothing.",
    ),
    knobs=LOGITS,
    options=(TARGET_CLASS, CLASS_WEIGHT),
    arguments=(
        Argument("logits", LOGIT_KEYS, learned=True),
        Argument("target", ("target",), dtype="int64"),
    ),
    parameters=MappingProxyType({"weight": "weight"}),
    # With a single sample, "mean" would divide by the weight that the loss has just been multiplied with.
    reduction="sum",
    steps=("log_probabilities = logits.log_softmax(dim=1)",),
    retained=("log_probabilities",),
    inputs=("log_probabilities", "target"),
    probes=(
        Probe("log_probability", "log_probabilities", 3),
        Probe("picked", "-log_probabilities * log_probabilities.grad.abs()", 3),
        Probe("gradient_of_log_probability", "log_probabilities.grad", 3),
    ),
    definitions=(
        Definition("Z", "Z", "log(exp(logit_0) + exp(logit_1) + exp(logit_2))"),
        *(Definition(f"l_{c}", rf"\log p_{c}", f"logit_{c} - Z") for c in range(3)),
        Definition("p_0", "p_0", "exp(logit_0 - Z)"),
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
            raw_bars("1 · logit"),
            BarGroup("2 · log-softmax", tuple(f"log_probability_{c}" for c in range(3)), CLASSES, (-8, 0)),
            BarGroup("3 · pick, negate", tuple(f"picked_{c}" for c in range(3)), CLASSES, (0, 8)),
        ),
        (
            BarGroup(
                "∂loss/∂ log p",
                tuple(f"gradient_of_log_probability_{c}" for c in range(3)),
                CLASSES,
                (-1, 0),
                "gradient",
            ),
        ),
    ),
    overlays=MappingProxyType({"CrossEntropyLoss": {}}),
    presets=(
        Preset(
            "same",
            "The same as cross-entropy",
            "Lay cross-entropy over it: one curve. Both say 0.407606 at the logits 2, 1, 0.",
            {"logit_0": 2, "logit_1": 1, "logit_2": 0},
            ("CrossEntropyLoss",),
        ),
        Preset(
            "pick",
            "Only one class is picked",
            "Class 2 is true, its log-probability is −2.41, so the loss is 2.41. The other two bars count for nothing, "
            "and the gradient of log p is −1 however wrong the network is.",
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "target": "2"},
        ),
        Preset(
            "ignored",
            "An ignored target",
            "The target −100 picks no class: loss 0, and no gradient at all.",
            {"target": "-100"},
        ),
    ),
    corrections=(
        Correction(
            claim="NLL suits small and simple tasks, cross-entropy those that need precision.",
            fact="They are the same function, so neither can suit a task better. They differ in what they take: "
            "log-probabilities or logits.",
            code="""\
import torch

logits, target = torch.tensor([[2.0, 1.0, 0.0]]), torch.tensor([0])
print(f"{torch.nn.CrossEntropyLoss()(logits, target).item():.6f}")
print(f"{torch.nn.NLLLoss()(logits.log_softmax(dim=1), target).item():.6f}")
""",
            prints="0.407606\n0.407606",
        ),
        Correction(
            claim="NLLLoss takes the logarithm.",
            fact="It only picks and negates. Its name speaks of the logarithm that you have to take before it.",
            code="""\
import torch

probabilities, target = torch.tensor([[0.7, 0.2, 0.1]]), torch.tensor([0])
print(f"{torch.nn.NLLLoss()(probabilities, target).item():.4f}")
print(f"{torch.nn.NLLLoss()(probabilities.log(), target).item():.4f}")
""",
            prints="-0.7000\n0.3567",
        ),
        Correction(
            claim="softmax and then log is the same as log_softmax.",
            fact="On paper. In float32 a probability below about 1e-45 is 0, and its logarithm is −inf.",
            code="""\
import torch

logits, target = torch.tensor([[0.0, 200.0]]), torch.tensor([0])
print(torch.nn.NLLLoss()(logits.softmax(dim=1).log(), target).item())
print(torch.nn.NLLLoss()(logits.log_softmax(dim=1), target).item())
""",
            prints="inf\n200.0",
        ),
    ),
    edges=(
        Edge(
            title="Probabilities instead of log-probabilities",
            code="""\
import torch

probabilities = torch.tensor([[0.7, 0.2, 0.1]])
print(f"{torch.nn.NLLLoss()(probabilities, torch.tensor([0])).item():.4f}")
""",
            says="-0.7000",
            sentence="torch does not check what comes in. A negative loss is the sign: −log p is never below 0.",
            fix="Take the logarithm, or better, log_softmax of the logits.",
            fixed="""\
import torch

probabilities = torch.tensor([[0.7, 0.2, 0.1]])
print(f"{torch.nn.NLLLoss()(probabilities.log(), torch.tensor([0])).item():.4f}")
""",
            prints="0.3567",
        ),
        Edge(
            title="Logits instead of log-probabilities",
            code="""\
import torch

logits = torch.tensor([[8.0, 0.0, 0.0]], requires_grad=True)
loss = torch.nn.NLLLoss()(logits, torch.tensor([0]))
loss.backward()
print(loss.item(), logits.grad.tolist())
""",
            says="-8.0 [[-1.0, 0.0, 0.0]]",
            sentence="The loss can fall for ever by raising one logit, and no other class is pushed down.",
            fix="Put a log-softmax between the network and the loss, or take CrossEntropyLoss.",
            fixed="""\
import torch

logits = torch.tensor([[8.0, 0.0, 0.0]])
print(f"{torch.nn.NLLLoss()(logits.log_softmax(dim=1), torch.tensor([0])).item():.6f}")
""",
            prints="0.000671",
        ),
        Edge(
            title="A distribution as the target",
            code="""\
import torch

log_probabilities = torch.zeros(1, 3).log_softmax(dim=1)
torch.nn.NLLLoss()(log_probabilities, torch.tensor([[0.8, 0.1, 0.1]]))
""",
            says="RuntimeError: 0D or 1D target tensor expected, multi-target not supported",
            sentence="NLLLoss takes class indices only.",
            fix="Give the distribution to CrossEntropyLoss, with the logits.",
            fixed="""\
import torch

logits = torch.zeros(1, 3)
loss = torch.nn.CrossEntropyLoss()(logits, torch.tensor([[0.8, 0.1, 0.1]]))
print(f"{loss.item():.4f}")
""",
            prints="1.0986",
        ),
        Edge(
            title="The old name NLLLoss2d",
            code="""\
import torch

torch.nn.NLLLoss2d()
""",
            says=(
                "FutureWarning: `NLLLoss2d` has been deprecated. Please use `NLLLoss` instead as a "
                "drop-in replacement and see https://pytorch.org/docs/main/nn.html#torch.nn.NLLLoss "
                "for more details."
            ),
            sentence="It is the same class under a name that will go away. NLLLoss takes images of labels too.",
            fix="Write NLLLoss.",
            fixed="""\
import torch

log_probabilities = torch.zeros(1, 3, 2, 2).log_softmax(dim=1)
loss = torch.nn.NLLLoss()(log_probabilities, torch.zeros(1, 2, 2, dtype=torch.int64))
print(f"{loss.item():.4f}")
""",
            prints="1.0986",
        ),
    ),
    batch=Batch(
        rows=(
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "target": "0"},
            {"logit_0": 0, "logit_1": 3, "logit_2": 0, "target": "1"},
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "target": "2"},
            {"logit_0": 0, "logit_1": 0, "logit_2": 0, "target": "2"},
            {"logit_0": 1, "logit_1": -1, "logit_2": 3, "target": "-100"},
        ),
        divides="the sum of the weights of the rows' targets; ignored rows have none",
    ),
    sources=(
        torch_page("NLLLoss"),
        Source(
            "Goodfellow, Bengio and Courville 2016, Deep Learning, section 5.5",
            "https://www.deeplearningbook.org/contents/ml.html",
        ),
    ),
    aliases=("NLLLoss2d",),
)
