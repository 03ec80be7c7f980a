"""LinearCrossEntropyLoss, the last linear layer and its cross-entropy in one module that owns the weights."""

from __future__ import annotations

from types import MappingProxyType

from lossviz.losses.cluster_head import Matrix, as_code
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
from lossviz.losses.feature_knobs import FEATURE_0, FEATURE_1
from lossviz.losses.option import Code, Option
from lossviz.losses.shared_knobs import TARGET_CLASS
from lossviz.losses.shared_sources import torch_page

_WEIGHTS: Matrix = ((1, 0), (-0.5, 1), (-0.5, -1))
_CLASSES = tuple(str(number) for number in range(len(_WEIGHTS)))
_CHUNKED = Option(
    "chunks",
    r"\text{options}",
    {"none": None, "in chunks": Code("torch.nn.LinearCrossEntropyOptions()")},
    "none",
    "whether the logits are made piece by piece; loss and gradient stay the same",
    name="the logits are made",
    spelled={"none": "at once"},
)


def _columns(probe: str) -> tuple[str, ...]:
    return tuple(f"{probe}_{number}" for number in _CLASSES)


ENTRY = LossEntry(
    name="LinearCrossEntropyLoss",
    category="sequence",
    rank=30,
    title="Linear + cross-entropy",
    summary="The last layer and its cross-entropy in one; it can go chunk by chunk, so that the logits never "
    "fill memory.",
    use=(
        "There are very many classes, as in a language model, and the logits of a batch fill the memory.",
        "You want the last layer and the loss in one place.",
    ),
    avoid=(
        "You need the logits anyway, for the accuracy or to sample: take Linear and CrossEntropyLoss.",
        "There are few classes: the logits are small, and nothing is saved.",
    ),
    knobs=(FEATURE_0, FEATURE_1),
    options=(TARGET_CLASS, _CHUNKED),
    arguments=(
        Argument("hidden", ("feature_0", "feature_1"), learned=True),
        Argument("target", ("target",), dtype="int64"),
    ),
    parameters=MappingProxyType(
        {"in_features": Code("2"), "num_classes": Code(str(len(_WEIGHTS))), "options": "chunks"}
    ),
    reduction="sum",
    # The weights are trained; these stand still so that the picture can be understood.
    set_up=(f"loss_function.linear.weight.data = {as_code(_WEIGHTS)}",),
    probe_steps=("logits = loss_function.linear(hidden)",),
    probes=(
        Probe("logit", "logits", len(_WEIGHTS)),
        Probe("probability", "logits.softmax(dim=1)", len(_WEIGHTS)),
        Probe("two_steps", 'torch.nn.CrossEntropyLoss(reduction="none")(logits, target)'),
    ),
    definitions=(
        Definition("z_0", "z_0", "feature_0"),
        Definition("z_1", "z_1", "feature_1 - feature_0 / 2"),
        Definition("z_2", "z_2", "-feature_1 - feature_0 / 2"),
        Definition("Z", "Z", "log(exp(z_0) + exp(z_1) + exp(z_2))"),
        Definition("p_0", "p_0", "exp(z_0 - Z)"),
    ),
    branches=(
        Branch(when="target == 0", loss="Z - z_0", gradient="3 / 2 * (p_0 - 1)", name="class 0 is true"),
        Branch(when="target == 1", loss="Z - z_1", gradient="3 / 2 * p_0", name="class 1 is true"),
        Branch(when="target == 2", loss="Z - z_2", gradient="3 / 2 * p_0", name="class 2 is true"),
        Branch(when="target == -100", loss="0", gradient="0", name="ignored"),
    ),
    loss_window=(0, 8),
    gradient_window=(-1.6, 1.6),
    views=("curve", "bars"),
    bars=(
        (
            BarGroup("logit", _columns("logit"), _CLASSES, (-6, 6), "ink"),
            BarGroup("probability", _columns("probability"), _CLASSES, (0, 1)),
            BarGroup("fused", ("loss",), ("loss",), (0, 8), "target"),
            BarGroup("two steps", ("two_steps",), ("loss",), (0, 8), "target"),
        ),
    ),
    presets=(
        Preset(
            "wrong",
            "Sure of the wrong class",
            "The head gives class 1 a probability of 0.997. The pull on the first feature is the difference of two "
            "rows of the weights: -0.5 of class 1 minus 1 of class 0, nearly all of it, -1.4992.",
            {"feature_0": -3, "feature_1": 3, "target": "0"},
        ),
        Preset(
            "undecided",
            "An empty hidden vector",
            "Without a bias, h = 0 makes every logit 0, whatever the weights are: the loss is ln 3 = 1.0986.",
            {"feature_0": 0, "feature_1": 0, "target": "0"},
        ),
        Preset(
            "in-chunks",
            "In chunks",
            "With LinearCrossEntropyOptions the logits are made piece by piece. The loss is 2.4076 either way, and "
            "so is the gradient: the options are about memory.",
            {"feature_0": -1, "feature_1": 0.5, "chunks": "in chunks"},
        ),
    ),
    corrections=(
        Correction(
            claim="A loss has no weights.",
            fact="This one owns the last layer. An optimizer that is given the parameters of the network alone never "
            "trains it.",
            code="""\
import torch

network = torch.nn.Linear(8, 4)
head = torch.nn.LinearCrossEntropyLoss(4, 1000)
for module in (network, head):
    print(type(module).__name__, sum(weight.numel() for weight in module.parameters()))
""",
            prints="Linear 36\nLinearCrossEntropyLoss 4000",
        ),
        Correction(
            claim="The fused loss is another loss than cross-entropy.",
            fact="It is CrossEntropyLoss after a linear layer, with the same gradients; in chunks the sums run in "
            "another order, so the last digits may differ.",
            code="""\
import torch

torch.manual_seed(0)
head = torch.nn.LinearCrossEntropyLoss(16, 1000)
chunked = torch.nn.LinearCrossEntropyLoss(
    16, 1000, options=torch.nn.LinearCrossEntropyOptions()
)
chunked.load_state_dict(head.state_dict())
hidden, target = torch.randn(64, 16), torch.randint(1000, (64,))
two_steps = torch.nn.CrossEntropyLoss()(head.linear(hidden), target)
print([torch.allclose(loss(hidden, target), two_steps) for loss in (head, chunked)])
""",
            prints="[True, True]",
        ),
        Correction(
            claim="The fused loss saves memory.",
            fact="Only with options. By default it makes all logits and keeps them for the backward pass, as the two "
            "steps do: here 64 rows by 1000 classes. In chunks they go again at once, because the gradients are made "
            "in the forward pass.",
            code="""\
import torch

for options in (None, torch.nn.LinearCrossEntropyOptions()):
    head = torch.nn.LinearCrossEntropyLoss(16, 1000, options=options)
    hidden, kept = torch.randn(64, 16), []
    keep = lambda tensor: kept.append(tensor.numel()) or tensor
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = head(hidden, torch.zeros(64, dtype=torch.int64))
    print(max(kept, default=0))
""",
            prints="64000\n0",
        ),
    ),
    edges=(
        Edge(
            title="Logits instead of hidden vectors",
            code="""\
import torch

torch.manual_seed(0)
loss_function = torch.nn.LinearCrossEntropyLoss(3, 3)
logits = torch.tensor([[9.0, 0.0, 0.0]])
print(f"{loss_function(logits, torch.tensor([0])).item():.4f}")
""",
            says="0.6733",
            sentence="Given logits, it puts a second linear layer on top of the first without a word. The right "
            "answer is nearly 0.",
            fix="Give it the input of the last layer, or take CrossEntropyLoss for logits.",
            fixed="""\
import torch

logits = torch.tensor([[9.0, 0.0, 0.0]])
print(f"{torch.nn.CrossEntropyLoss()(logits, torch.tensor([0])).item():.4f}")
""",
            prints="0.0002",
        ),
        Edge(
            title="A second backward pass in chunks",
            code="""\
import torch

loss_function = torch.nn.LinearCrossEntropyLoss(
    2, 3, options=torch.nn.LinearCrossEntropyOptions()
)
loss = loss_function(torch.ones(1, 2), torch.tensor([0]))
loss.backward(retain_graph=True)
loss.backward()
""",
            says="RuntimeError: linear_cross_entropy chunked backward called twice; retain_graph=True / double "
            "backward are not supported.",
            sentence="In chunks the gradients are made in the forward pass and used up in the first backward pass.",
            fix="Ask for allow_retain_graph.",
            fixed="""\
import torch

options = torch.nn.LinearCrossEntropyOptions(allow_retain_graph=True)
loss_function = torch.nn.LinearCrossEntropyLoss(2, 3, options=options)
loss = loss_function(torch.ones(1, 2), torch.tensor([0]))
loss.backward(retain_graph=True)
loss.backward()
print(tuple(loss_function.linear.weight.grad.shape))
""",
            prints="(3, 2)",
        ),
        Edge(
            title="A batch of sequences",
            code="""\
import torch

loss_function = torch.nn.LinearCrossEntropyLoss(2, 3)
loss_function(torch.ones(4, 5, 2), torch.zeros(4, 5, dtype=torch.int64))
""",
            says="RuntimeError: expected input with dimensionality 1 or 2, got 3",
            sentence="It takes rows of hidden vectors, without a time dimension.",
            fix="Flatten samples and time into one dimension.",
            fixed="""\
import torch

loss_function = torch.nn.LinearCrossEntropyLoss(2, 3, reduction="none")
hidden, target = torch.ones(4, 5, 2), torch.zeros(4, 5, dtype=torch.int64)
print(tuple(loss_function(hidden.flatten(0, 1), target.flatten()).shape))
""",
            prints="(20,)",
        ),
        Edge(
            title="All targets ignored",
            code="""\
import torch

loss_function = torch.nn.LinearCrossEntropyLoss(2, 3)
print(loss_function(torch.ones(1, 2), torch.tensor([-100])).item())
""",
            says="nan",
            sentence="The mean divides by the number of targets that count, and here none does. ignore_index is -100 "
            "even though the signature says None.",
            fix="Leave such a batch out, or take the sum.",
            fixed="""\
import torch

loss_function = torch.nn.LinearCrossEntropyLoss(2, 3, reduction="sum")
print(loss_function(torch.ones(1, 2), torch.tensor([-100])).item())
""",
            prints="0.0",
        ),
        Edge(
            title="A class that is not there",
            code="""\
import torch

loss_function = torch.nn.LinearCrossEntropyLoss(2, 3)
loss_function(torch.ones(1, 2), torch.tensor([3]))
""",
            says="IndexError: Target 3 is out of bounds.",
            sentence="Three classes are numbered 0, 1 and 2.",
            fix="Number the classes from 0, or make num_classes one more.",
            fixed="""\
import torch

loss_function = torch.nn.LinearCrossEntropyLoss(2, 4)
loss = loss_function(torch.ones(1, 2), torch.tensor([3]))
print(tuple(loss_function.linear.weight.shape), loss.isfinite().item())
""",
            prints="(4, 2) True",
        ),
    ),
    batch=Batch(
        rows=(
            {"feature_0": 2, "feature_1": 0, "target": "0"},
            {"feature_0": -2, "feature_1": 2, "target": "1"},
            {"feature_0": -1, "feature_1": -1, "target": "2"},
            {"feature_0": -3, "feature_1": 3, "target": "0"},
            {"feature_0": 0, "feature_1": 0, "target": "-100"},
        ),
        divides="the number of rows whose target is not ignored",
    ),
    since="2.13",
    sources=(
        torch_page("LinearCrossEntropyLoss"),
        torch_page("LinearCrossEntropyOptions"),
        Source(
            "Wijmans et al. 2024, Cut Your Losses in Large-Vocabulary Language Models",
            "https://arxiv.org/abs/2411.09009",
        ),
    ),
)
