"""KLDivLoss, the Kullback-Leibler divergence of a target P from a prediction Q, which it takes as log Q."""

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
from lossviz.losses.option import Code, Option
from lossviz.losses.shared_knobs import CLASSES, LOGIT_KEYS, LOGITS
from lossviz.losses.shared_sources import torch_page

_TARGET = Option(
    "target",
    "p",
    {
        "0.49,0.02,0.49": (0.49, 0.02, 0.49),
        "0.7,0.2,0.1": (0.7, 0.2, 0.1),
        "0.98,0.01,0.01": (0.98, 0.01, 0.01),
        "uniform": (1 / 3, 1 / 3, 1 / 3),
    },
    "0.49,0.02,0.49",
    "the distribution P that Q should become",
    name="target P",
    spelled={
        "0.49,0.02,0.49": "0.49, 0.02, 0.49",
        "0.7,0.2,0.1": "0.7, 0.2, 0.1",
        "0.98,0.01,0.01": "0.98, 0.01, 0.01",
    },
)
_REDUCTION = Option(
    "reduction",
    "d",
    # The number is what the sum of one sample is divided by.
    {"batchmean": Code('"batchmean"', 1), "mean": Code('"mean"', 3), "sum": Code('"sum"', 1)},
    "batchmean",
    "batchmean divides the sum by the number of samples, mean by samples times classes, sum by nothing; here there is "
    "one sample with three classes",
    spelled={"batchmean": "batchmean (÷ 1)", "mean": "mean (÷ 3)"},
)
_LOG_TARGET = Option(
    "log_target",
    r"\mathrm{log\_target}",
    {"False": False, "True": True},
    "False",
    "whether the target is given as log P instead of P",
    name="the target is given as",
    spelled={"False": "P", "True": "log P"},
)

_SUM = r"\sum_c p_c \log\frac{p_c}{q_c}"

_ENTRY = LossEntry(
    name="KLDivLoss",
    category="distribution",
    rank=10,
    title="KL divergence",
    summary="What it costs to believe Q where P is true: 0 only where Q = P. It takes log Q, and P or log P.",
    use=(
        "The target is itself a distribution: a teacher network, a prior, a policy to stay near.",
        "The target has gradients too, or you want a number that is 0 at a perfect match.",
    ),
    avoid=(
        "The target is a class: cross-entropy gives the same gradient and takes indices.",
        "You need a distance: it is not symmetric, and infinite where Q is 0 and P is not.",
    ),
    knobs=tuple(
        replace(knob, default=default, help=f"the raw score that Q gives class {c}")
        for c, (knob, default) in enumerate(zip(LOGITS, (3.0, 0.0, -1.0), strict=True))
    ),
    options=(_TARGET, _REDUCTION, _LOG_TARGET),
    arguments=(Argument("logits", LOGIT_KEYS, learned=True), Argument("target", ("target",))),
    parameters=MappingProxyType({"reduction": "reduction", "log_target": "log_target"}),
    steps=("log_q = logits.log_softmax(dim=1)",),
    set_up=("given = target.log() if loss_function.log_target else target",),
    call="loss_function(log_q, given)",
    probe_steps=('kl = torch.nn.KLDivLoss(reduction="none")',),
    probes=(
        Probe("q", "log_q.exp()", 3),
        Probe("kl_p_q", "kl(log_q, target).sum(dim=1)"),
        Probe("kl_q_p", "kl(target.log(), log_q.exp()).sum(dim=1)"),
        Probe("entropy", "torch.special.entr(target).sum(dim=1)"),
        Probe("cross_entropy", 'torch.nn.CrossEntropyLoss(reduction="none")(logits, target)'),
    ),
    definitions=(
        Definition("Z", "Z", "log(exp(logit_0) + exp(logit_1) + exp(logit_2))"),
        *(Definition(f"q_{c}", f"q_{c}", f"exp(logit_{c} - Z)") for c in range(3)),
        *(
            Definition(
                f"k_{c}",
                f"k_{c}",
                f"target_{c} * log(target_{c} / q_{c})",
            )
            for c in range(3)
        ),
    ),
    branches=(
        Branch(
            when="reduction == 1",
            loss="k_0 + k_1 + k_2",
            gradient="q_0 - target_0",
            name="sum over the classes",
            usual=_SUM,
        ),
        Branch(
            when="reduction == 3",
            loss="(k_0 + k_1 + k_2) / 3",
            gradient="(q_0 - target_0) / 3",
            name="mean over the classes",
            usual=rf"\frac{{1}}{{3}} {_SUM}",
        ),
    ),
    target_line="log(target_0 / (1 - target_0)) + log(exp(logit_1) + exp(logit_2))",
    loss_window=(-2, 4),
    gradient_window=(-1, 1),
    views=("bars", "curve", "more_bars"),
    bars=(
        (
            BarGroup("target P", tuple(f"target_{c}" for c in range(3)), CLASSES, (0, 1), "target"),
            BarGroup("prediction Q", tuple(f"q_{c}" for c in range(3)), CLASSES, (0, 1)),
            BarGroup(
                "KL, both ways",
                ("kl_p_q", "kl_q_p"),
                ("P‖Q", "Q‖P"),
                (0, 4),
                laid_over=MappingProxyType({"kl_q_p": "directions swapped"}),
            ),
        ),
        (
            BarGroup(
                "entropy + KL = CE",
                ("entropy", "kl_p_q", "cross_entropy"),
                ("H(P)", "+ KL", "= CE"),
                (0, 4),
                "ink",
            ),
        ),
    ),
    presets=(
        Preset(
            "forget",
            "Forget the log",
            "Q itself is given instead of log Q: the dashed curve lies below 0, −1.24 here, which no KL can. "
            "It is nearly flat, so little is learned.",
            {"logit_0": 1, "logit_1": -1, "logit_2": 1},
            ("log forgotten",),
        ),
        Preset(
            "directions",
            "Two directions",
            "Q has found one of the two peaks of P. KL(P‖Q) = 1.78 punishes the peak that is missed; KL(Q‖P) = 0.64 "
            "hardly minds: along z0 it is lowest at z0 = 2, on that peak.",
            {"logit_0": 4, "logit_1": 0, "logit_2": -1},
            ("directions swapped",),
        ),
        Preset(
            "match",
            "A perfect match",
            "Q = P: both divergences are 0. Cross-entropy is not: it stays at the entropy of P, 1.0986.",
            {"logit_0": 0, "logit_1": 0, "logit_2": 0, "target": "uniform"},
        ),
        Preset(
            "mean",
            "The default reduction",
            "“mean” also divides by the three classes: 0.3686 instead of 1.1058. It is torch's default, and no KL.",
            {"logit_0": -1, "logit_1": 1, "logit_2": 0, "target": "0.7,0.2,0.1", "reduction": "mean"},
        ),
    ),
    overlays=MappingProxyType({"log forgotten": {}, "directions swapped": {}}),
    corrections=(
        Correction(
            claim="KL measures the distance between two distributions.",
            fact="A distance is the same both ways. This is not, and the way you take decides what Q does where P "
            "has two peaks.",
            code="""\
import torch

p, q = torch.tensor([[0.5, 0.5]]), torch.tensor([[0.9, 0.1]])
kl = torch.nn.KLDivLoss(reduction="batchmean")
print(f"KL(P‖Q) {kl(q.log(), p).item():.4f}")
print(f"KL(Q‖P) {kl(p.log(), q).item():.4f}")
""",
            prints="KL(P‖Q) 0.5108\nKL(Q‖P) 0.3681",
        ),
        Correction(
            claim="Cross-entropy does the same with less work, so KL is never needed.",
            fact="With a fixed target the gradients are the same, and the values differ by the entropy of P. If the "
            "target is learned as well, its gradients differ; and only KL is 0 at a match.",
            code="""\
import torch

p = torch.tensor([[0.7, 0.2, 0.1]])
kl = torch.nn.KLDivLoss(reduction="batchmean")
for name, loss_of in (
    ("CE", lambda z: torch.nn.CrossEntropyLoss()(z, p)),
    ("KL", lambda z: kl(z.log_softmax(dim=1), p)),
):
    logits = torch.tensor([[-1.0, 1.0, 0.0]], requires_grad=True)
    loss = loss_of(logits)
    loss.backward()
    print(name, f"{loss.item():.4f}", [f"{g:.4f}" for g in logits.grad[0].tolist()])
print("H(P)", f"{torch.special.entr(p).sum().item():.4f}")
""",
            prints=(
                "CE 1.9076 ['-0.6100', '0.4652', '0.1447']\nKL 1.1058 ['-0.6100', '0.4652', "
                "'0.1447']\nH(P) 0.8018"
            ),
        ),
        Correction(
            claim="reduction=“mean” is the mean over the samples, as everywhere.",
            fact="It divides by samples times classes. With 10 classes the loss is a tenth of the KL divergence, and "
            "so is the gradient. “batchmean” is the mean over the samples.",
            code="""\
import torch

torch.manual_seed(0)
log_q, p = torch.randn(4, 10).log_softmax(dim=1), torch.randn(4, 10).softmax(dim=1)
elements = torch.nn.KLDivLoss(reduction="none")(log_q, p)
print(f"{elements.sum().item() / 4:.4f} {elements.mean().item():.4f}")
print(f"{torch.nn.KLDivLoss(reduction='batchmean')(log_q, p).item():.4f}")
""",
            prints="0.7760 0.0776\n0.7760",
        ),
    ),
    edges=(
        Edge(
            title="The logarithm is forgotten",
            code="""\
import torch

p = torch.tensor([[0.7, 0.2, 0.1]])
kl = torch.nn.KLDivLoss(reduction="batchmean")
print(f"{kl(p, p).item():.4f}")
""",
            says="-1.3418",
            sentence="P against itself is not 0, and the loss is negative: the first argument is read as log Q.",
            fix="Give log_softmax of the logits.",
            fixed="""\
import torch

p = torch.tensor([[0.7, 0.2, 0.1]])
kl = torch.nn.KLDivLoss(reduction="batchmean")
print(f"{abs(kl(p.log(), p).item()):.4f}")
""",
            prints="0.0000",
        ),
        Edge(
            title="The default reduction",
            code="""\
import torch

q, p = torch.tensor([[0.2, 0.3, 0.5]]), torch.tensor([[0.7, 0.2, 0.1]])
print(f"{torch.nn.KLDivLoss()(q.log(), p).item():.4f}")
""",
            says=(
                "0.2116\nUserWarning: reduction: 'mean' divides the total loss by both the batch size "
                "and the support size.'batchmean' divides only by the batch size, and aligns with the "
                "KL div math definition.'mean' will be changed to behave the same as 'batchmean' in "
                "the next major release."
            ),
            sentence="The default divides by the number of classes too, and torch warns of it.",
            fix="Ask for batchmean.",
            fixed="""\
import torch

q, p = torch.tensor([[0.2, 0.3, 0.5]]), torch.tensor([[0.7, 0.2, 0.1]])
print(f"{torch.nn.KLDivLoss(reduction='batchmean')(q.log(), p).item():.4f}")
""",
            prints="0.6349",
        ),
        Edge(
            title="The arguments are swapped",
            code="""\
import torch

q, p = torch.tensor([[0.2, 0.3, 0.5]]), torch.tensor([[0.7, 0.2, 0.1]])
print(f"{torch.nn.KLDivLoss(reduction='batchmean')(p.log(), q).item():.4f}")
""",
            says="0.6758",
            sentence="KL(P‖Q) was meant. torch takes the prediction Q first, as every loss does.",
            fix="Give the prediction first.",
            fixed="""\
import torch

q, p = torch.tensor([[0.2, 0.3, 0.5]]), torch.tensor([[0.7, 0.2, 0.1]])
print(f"{torch.nn.KLDivLoss(reduction='batchmean')(q.log(), p).item():.4f}")
""",
            prints="0.6349",
        ),
        Edge(
            title="A zero in the target, given as a logarithm",
            code="""\
import torch

q, p = torch.tensor([[0.2, 0.3, 0.5]]), torch.tensor([[0.5, 0.5, 0.0]])
kl = torch.nn.KLDivLoss(reduction="batchmean", log_target=True)
print(kl(q.log(), p.log()).item())
""",
            says="nan",
            sentence="log 0 is −inf, and 0 · inf is nan. As a probability torch treats the 0 as it should.",
            fix="Give P itself, or log-probabilities that come from a log_softmax.",
            fixed="""\
import torch

q, p = torch.tensor([[0.2, 0.3, 0.5]]), torch.tensor([[0.5, 0.5, 0.0]])
print(f"{torch.nn.KLDivLoss(reduction='batchmean')(q.log(), p).item():.4f}")
""",
            prints="0.7136",
        ),
        Edge(
            title="A zero in the prediction",
            code="""\
import torch

q, p = torch.tensor([[0.0, 0.5, 0.5]]), torch.tensor([[0.7, 0.2, 0.1]])
print(torch.nn.KLDivLoss(reduction="batchmean")(q.log(), p).item())
""",
            says="inf",
            sentence="P happens where Q says never: the divergence is infinite.",
            fix="Let Q come from a log_softmax of finite logits.",
            fixed="""\
import torch

logits, p = torch.tensor([[-50.0, 0.0, 0.0]]), torch.tensor([[0.7, 0.2, 0.1]])
loss = torch.nn.KLDivLoss(reduction="batchmean")(logits.log_softmax(dim=1), p)
print(f"{loss.item():.4f}")
""",
            prints="34.8913",
        ),
        Edge(
            title="batchmean without a batch",
            code="""\
import torch

q, p = torch.tensor([0.2, 0.3, 0.5]), torch.tensor([0.7, 0.2, 0.1])
print(f"{torch.nn.KLDivLoss(reduction='batchmean')(q.log(), p).item():.4f}")
""",
            says="0.2116",
            sentence="batchmean divides by the first dimension. Here that is the classes.",
            fix="Add the dimension of the batch.",
            fixed="""\
import torch

q, p = torch.tensor([[0.2, 0.3, 0.5]]), torch.tensor([[0.7, 0.2, 0.1]])
print(f"{torch.nn.KLDivLoss(reduction='batchmean')(q.log(), p).item():.4f}")
""",
            prints="0.6349",
        ),
    ),
    batch=Batch(
        rows=(
            {"logit_0": 3, "logit_1": 0, "logit_2": -1, "target": "0.49,0.02,0.49"},
            {"logit_0": 2, "logit_1": 1, "logit_2": 0, "target": "0.7,0.2,0.1"},
            {"logit_0": -1, "logit_1": 1, "logit_2": 0, "target": "0.7,0.2,0.1"},
            {"logit_0": 0, "logit_1": 0, "logit_2": 0, "target": "0.98,0.01,0.01"},
            {"logit_0": 0, "logit_1": 0, "logit_2": 0, "target": "uniform"},
        ),
        divides="the number of rows times the number of classes; batchmean divides by the number of rows",
        reductions=("none", "batchmean", "mean", "sum"),
    ),
    sources=(
        torch_page("KLDivLoss"),
        Source(
            "Kullback and Leibler 1951, On Information and Sufficiency",
            "https://doi.org/10.1214/aoms/1177729694",
        ),
        Source(
            "Hinton et al. 2015, Distilling the Knowledge in a Neural Network",
            "https://arxiv.org/abs/1503.02531",
        ),
    ),
)

_PLAIN = replace(_ENTRY, probe_steps=(), probes=(), overlays=MappingProxyType({}))

ENTRY = replace(
    _ENTRY,
    variants=MappingProxyType(
        {
            "log forgotten": replace(
                _PLAIN,
                title="log forgotten",
                steps=("q = logits.softmax(dim=1)",),
                call="loss_function(q, given)",
            ),
            "directions swapped": replace(
                _PLAIN,
                title="KL(Q‖P)",
                set_up=("given = log_q if loss_function.log_target else log_q.exp()",),
                call="loss_function(target.log(), given)",
            ),
        }
    ),
)
