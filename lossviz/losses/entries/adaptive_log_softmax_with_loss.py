"""AdaptiveLogSoftmaxWithLoss, a last layer for very many classes that spends its weights on the frequent ones."""

from __future__ import annotations

from types import MappingProxyType

from lossviz.losses.cluster_head import (
    CLASSES,
    CUTOFFS,
    HEAD,
    TAILS,
    as_code,
    head_probability,
    head_slope,
    tail_probability,
    tail_slope,
)
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
from lossviz.losses.shared_sources import torch_page

_TARGET = Option(
    "target",
    "y",
    {str(number): number for number in range(CLASSES)},
    "7",
    "the true class; 0 is the most frequent, 9 the rarest",
    name="true class y",
)
_WORDS = tuple(str(number) for number in range(CLASSES))

ENTRY = LossEntry(
    name="AdaptiveLogSoftmaxWithLoss",
    category="sequence",
    rank=20,
    title="Adaptive softmax",
    summary="For very many classes: a head scores frequent ones and clusters; in a cluster, its tail scores the "
    "rare ones.",
    use=(
        "There are tens of thousands of classes, and a few of them make up most of the targets, as words do.",
        "The cost of the last layer, in parameters or time, is what holds training up.",
    ),
    avoid=(
        "The classes are about equally frequent, or few: take Linear and CrossEntropyLoss.",
        "The rare classes matter most: they get the fewest weights here.",
    ),
    knobs=(FEATURE_0, FEATURE_1),
    options=(_TARGET,),
    arguments=(
        Argument("hidden", ("feature_0", "feature_1", 1.0, 1.0), learned=True),
        Argument("target", ("target",), dtype="int64"),
    ),
    parameters=MappingProxyType(
        {
            "in_features": Code(str(len(HEAD[0]))),
            "n_classes": Code(str(CLASSES)),
            "cutoffs": Code(str(list(CUTOFFS))),
            "div_value": Code("2.0"),
        }
    ),
    # A head is trained; these weights stand still so that the picture can be understood.
    set_up=(
        f"loss_function.head.weight.data = {as_code(HEAD)}",
        *(
            f"loss_function.tail[{cluster}][{layer}].weight.data = {as_code(weights)}"
            for cluster, tail in enumerate(TAILS)
            for layer, weights in enumerate(tail)
        ),
    ),
    call="loss_function(hidden, target).loss",
    row_call="-loss_function(hidden, target).output",
    probe_steps=("log_p = loss_function.log_prob(hidden)",),
    probes=(
        Probe("probability", "log_p.exp()", CLASSES),
        Probe("head", "loss_function.head(hidden).softmax(dim=1)", len(HEAD)),
        Probe("sum_of_probabilities", "log_p.exp().sum(dim=1)"),
        Probe("minus_full_log_prob", "-log_p.gather(1, target.unsqueeze(1))"),
    ),
    definitions=(
        Definition("q", "q", r"\operatorname{softmax}(W_{\text{head}}\, h)_{s(y)}", head_probability),
        Definition(
            "r", "r", r"\operatorname{softmax}(V U h)_y \text{, 1 in the shortlist}", tail_probability
        ),
        Definition("g_q", "g_q", r"\frac{\partial (-\log q)}{\partial h_0}", head_slope),
        Definition("g_r", "g_r", r"\frac{\partial (-\log r)}{\partial h_0}", tail_slope),
    ),
    branches=(
        Branch(when=f"target < {CUTOFFS[0]}", loss="-log(q)", gradient="g_q", name="shortlist"),
        Branch(when=f"target >= {CUTOFFS[0]}", loss="-log(q) - log(r)", gradient="g_q + g_r", name="cluster"),
    ),
    loss_window=(0, 8),
    gradient_window=(-2, 2),
    views=("clusters", "bars"),
    bars=(
        (
            BarGroup(
                "probability of each class, together 1",
                tuple(f"probability_{number}" for number in range(CLASSES)),
                _WORDS,
                (0, 1),
            ),
        ),
    ),
    presets=(
        Preset(
            "frequent",
            "A frequent class",
            "Class 0 stands in the head, so one softmax of four outputs is all: -ln 0.9582 = 0.0427. Its boxes in "
            "both rows are the same.",
            {"feature_0": 3, "feature_1": 0, "target": "0"},
        ),
        Preset(
            "rare",
            "A rare class, found",
            "The head gives cluster 2 the probability 0.8672, and the cluster gives class 9 a share of 0.4287. The "
            "loss is the sum of the two surprises, 0.1425 + 0.8471 = 0.9896.",
            {"feature_0": -3, "feature_1": -2, "target": "9"},
        ),
        Preset(
            "wrong-cluster",
            "In the wrong cluster",
            "The head is sure of class 0 and leaves cluster 2 only 0.0065. That alone costs 5.04 of the 11.29.",
            {"feature_0": 3, "feature_1": 0, "target": "9"},
        ),
        Preset(
            "narrow-tail",
            "One feature for five classes",
            "Cluster 2 sees one feature only, so its classes lie on a line, and class 7 in the middle never leads: "
            "here all five tie at 0.2. Move a feature, and 5 or 9 passes it. That is what the saved weights cost.",
            {"feature_0": -4, "feature_1": -4, "target": "7"},
        ),
    ),
    corrections=(
        Correction(
            claim="Adaptive softmax only approximates the probabilities: they do not add up to 1.",
            fact="It is another model of the classes, not an approximate sum. Its probabilities add up to 1, and the "
            "loss is exactly the negative log-probability that log_prob gives.",
            code="""\
import torch

torch.manual_seed(0)
head = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10])
hidden, target = torch.randn(3, 16), torch.tensor([0, 7, 19])
log_prob = head.log_prob(hidden)
print([f"{total:.4f}" for total in log_prob.exp().sum(dim=1).tolist()])
picked = log_prob.gather(1, target.unsqueeze(1)).squeeze(1)
print(torch.allclose(picked, head(hidden, target).output))
""",
            prints="['1.0000', '1.0000', '1.0000']\nTrue",
        ),
        Correction(
            claim="Its output is the loss of each sample.",
            fact="The output is the log-probability of each target, at most 0. The loss is minus its mean.",
            code="""\
import torch

head = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10])
for weight in head.parameters():
    weight.data.zero_()
said = head(torch.zeros(3, 16), torch.tensor([0, 5, 10]))
print([f"{value:.4f}" for value in said.output.tolist()], f"{said.loss.item():.4f}")
""",
            prints="['-1.9459', '-3.5553', '-4.2485'] 3.2499",
        ),
        Correction(
            claim="The order of the classes does not matter.",
            fact="Class 0 must be the most frequent. A batch whose targets all stand in the head leaves the clusters "
            "alone: that is where the time is saved, and only if it happens often.",
            code="""\
import torch

for target in ([0, 3, 1], [0, 3, 19]):
    head = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10])
    head(torch.ones(3, 16), torch.tensor(target)).loss.backward()
    print(target, [tail[0].weight.grad is not None for tail in head.tail])
""",
            prints="[0, 3, 1] [False, False]\n[0, 3, 19] [False, True]",
        ),
    ),
    edges=(
        Edge(
            title="backward on what the call returns",
            code="""\
import torch

head = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10])
head(torch.zeros(3, 16), torch.tensor([0, 5, 10])).backward()
""",
            says="AttributeError: '_ASMoutput' object has no attribute 'backward'",
            sentence="The call returns a pair: the log-probability of each target, and the loss.",
            fix="Take its loss.",
            fixed="""\
import torch

head = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10])
loss = head(torch.zeros(3, 16), torch.tensor([0, 5, 10])).loss
loss.backward()
print(f"{loss.item():.4f}")
""",
            prints="3.2499",
        ),
        Edge(
            title="A target that is no class, or is to be ignored",
            code="""\
import torch

head = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10])
head(torch.zeros(2, 16), torch.tensor([3, -100]))
""",
            says="RuntimeError: Target values should be in [0, 19], but values in range [-100, 3] were found. ",
            sentence="There is no ignore_index here. The documentation allows a target of n_classes; torch refuses "
            "that too.",
            fix="Leave the rows out before the call.",
            fixed="""\
import torch

head = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10])
hidden, target = torch.zeros(2, 16), torch.tensor([3, -100])
kept = target >= 0
print(f"{head(hidden[kept], target[kept]).loss.item():.4f}")
""",
            prints="1.9459",
        ),
        Edge(
            title="More clusters than the features can be divided for",
            code="""\
import torch

head = torch.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10], div_value=4.0)
print([tuple(tail[0].weight.shape) for tail in head.tail])
""",
            says="[(2, 8), (0, 8)]\nUserWarning: Initializing zero-element tensors is a no-op\n"
            "UserWarning: Initializing zero-element tensors is a no-op",
            sentence="The second cluster gets 8 // 16 = 0 features. All its classes stay equally probable for ever, "
            "and only a warning about empty tensors says so.",
            fix="Take a smaller div_value, fewer cutoffs or more features.",
            fixed="""\
import torch

head = torch.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10], div_value=2.0)
print([tuple(tail[0].weight.shape) for tail in head.tail])
""",
            prints="[(4, 8), (2, 8)]",
        ),
        Edge(
            title="The number of classes among the cutoffs",
            code="""\
import torch

torch.nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 20])
""",
            says="ValueError: cutoffs should be a sequence of unique, positive integers sorted in an increasing "
            "order, where each value is between 1 and n_classes-1",
            sentence="A cutoff is the first class of a cluster, so it must be a class. torch adds the end itself.",
            fix="Leave the last one out.",
            fixed="""\
import torch

head = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5])
print(head.cutoffs)
""",
            prints="[5, 20]",
        ),
        Edge(
            title="A batch of sequences",
            code="""\
import torch

head = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10])
head(torch.zeros(2, 3, 16), torch.zeros(2, 3, dtype=torch.int64))
""",
            says="RuntimeError: 0D or 1D target tensor expected, multi-target not supported",
            sentence="It takes one row a target, without a time dimension.",
            fix="Flatten samples and time into one dimension.",
            fixed="""\
import torch

head = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10])
hidden, target = torch.zeros(2, 3, 16), torch.zeros(2, 3, dtype=torch.int64)
print(tuple(head(hidden.flatten(0, 1), target.flatten()).output.shape))
""",
            prints="(6,)",
        ),
    ),
    batch=Batch(
        rows=(
            {"feature_0": 3, "feature_1": 0, "target": "0"},
            {"feature_0": 0, "feature_1": 2, "target": "1"},
            {"feature_0": -2, "feature_1": 2, "target": "3"},
            {"feature_0": -3, "feature_1": -2, "target": "9"},
            {"feature_0": 3, "feature_1": 0, "target": "9"},
        ),
        divides="the number of rows; there is no other reduction",
        reductions=("mean",),
    ),
    sources=(
        torch_page("AdaptiveLogSoftmaxWithLoss"),
        Source(
            "Grave et al. 2016, Efficient softmax approximation for GPUs", "https://arxiv.org/abs/1609.04309"
        ),
    ),
)
