"""sigmoid_focal_loss, binary cross-entropy that lets easy samples fade."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from lossviz.losses.entry import (
    Batch,
    Branch,
    Correction,
    Definition,
    Edge,
    LossEntry,
    Preset,
    Probe,
    Source,
    Zone,
)
from lossviz.losses.knob import Knob
from lossviz.losses.option import Option
from lossviz.losses.shared_batches import LOGIT_AND_TARGET
from lossviz.losses.shared_knobs import LOGIT, TARGET_PROBABILITY
from lossviz.losses.shared_sources import torchvision_page

_LOGIT = replace(LOGIT, low=-8, high=8, default=-1)
_TARGET = replace(TARGET_PROBABILITY, step=1, default=1, help="what is true: 0 or 1")
_GAMMA = Knob("gamma", r"\gamma", 0, 5, 0.25, 2, "how fast easy samples fade; 0 for not at all")
_ALPHA = Option(
    "alpha",
    r"\alpha",
    {"0.25": 0.25, "-1": -1.0, "0.5": 0.5, "0.75": 0.75},
    "0.25",
    "the weight of target 1, that of target 0 is 1 − alpha; -1 for no weights",
    name="weight α of target 1",
    spelled={"-1": "no weights"},
)
ENTRY = LossEntry(
    name="sigmoid_focal_loss",
    category="classification",
    rank=50,
    title="Focal",
    summary="Binary cross-entropy times a class weight α and (1 − p of the truth)^γ: easy samples fade, hard "
    "ones count.",
    module="torchvision.ops",
    use=(
        "Easy negatives outnumber everything else, as in dense object detection: together they would drown the rest.",
    ),
    avoid=(
        "Labels are noisy: what stays hard is often mislabelled, and focal loss looks at little else.",
        "The probabilities should mean what they say: with gamma above 0 the minimum is not at the true frequency.",
    ),
    knobs=(_LOGIT, _TARGET, _GAMMA),
    options=(_ALPHA,),
    arguments=LOGIT_AND_TARGET,
    parameters=MappingProxyType({"alpha": "alpha", "gamma": "gamma"}),
    probes=(Probe("probability", "logit.detach().sigmoid()"),),
    definitions=(
        Definition("p", "p", "1 / (1 + exp(-logit))"),
        Definition("p_t", "p_t", "p * target + (1 - p) * (1 - target)"),
        Definition("CE", r"\mathrm{CE}", "max(logit, 0) - target * logit + log(1 + exp(-abs(logit)))"),
        Definition("CE_slope", r"\mathrm{CE}'", "p - target"),
        Definition("m", "m", "(1 - p_t) ** gamma"),
        Definition("m_slope", "m'", "-gamma * (1 - p_t) ** (gamma - 1) * (2 * target - 1) * p * (1 - p)"),
        Definition("alpha_t", r"\alpha_t", "alpha * target + (1 - alpha) * (1 - target)"),
    ),
    branches=(
        Branch(
            when="alpha >= 0",
            loss="alpha_t * m * CE",
            gradient="alpha_t * m * CE_slope + alpha_t * m_slope * CE",
            name="weighted",
        ),
        Branch(when="alpha < 0", loss="m * CE", gradient="m * CE_slope + m_slope * CE", name="unweighted"),
    ),
    zone=Zone("min(0, 16 * target - 8)", "max(0, 16 * target - 8)", "easy: p_t > ½"),
    loss_window=(0, 4),
    gradient_window=(-1.2, 1.2),
    overlays=MappingProxyType({"BCEWithLogitsLoss": {}}),
    reference="BCEWithLogitsLoss",
    presets=(
        Preset(
            "easy",
            "An easy sample fades",
            "Logit 2.2, target 1: p_t = 0.9. Cross-entropy costs 0.1051, focal loss with gamma 2 costs 0.0010: about a "
            "hundredth.",
            {"logit": 2.2, "target": 1, "gamma": 2, "alpha": "-1"},
            ("BCEWithLogitsLoss",),
        ),
        Preset(
            "hard",
            "A hard sample stays",
            "Logit −4, target 1: p_t = 0.018. Cross-entropy costs 4.0181, focal loss 3.8749.",
            {"logit": -4, "target": 1, "gamma": 2, "alpha": "-1"},
            ("BCEWithLogitsLoss",),
        ),
        Preset(
            "same",
            "Gamma 0",
            "With gamma 0 and alpha −1 focal loss is BCEWithLogitsLoss. At the default alpha 0.25 it would be a "
            "quarter of it for target 1.",
            {"logit": -1, "target": 1, "gamma": 0, "alpha": "-1"},
            ("BCEWithLogitsLoss",),
        ),
    ),
    corrections=(
        Correction(
            claim="Alpha raises the weight of the rare class.",
            fact="The default 0.25 is the weight of target 1, and 0.75 that of target 0: it lowers the rare class. It "
            "was tuned together with gamma = 2, which already takes the easy negatives away.",
            code="""\
import torch
import torchvision

logit = torch.tensor([0.0, 0.0])
target = torch.tensor([1.0, 0.0])
losses = torchvision.ops.sigmoid_focal_loss(logit, target, gamma=0)
print([f"{loss:.4f}" for loss in losses.tolist()])
""",
            prints="['0.1733', '0.5199']",
        ),
        Correction(
            claim="Focal loss makes hard samples count more.",
            fact="It makes no sample count more: (1 − p_t)^γ is at most 1. Easy samples lose more, so the share of the "
            "hard ones grows.",
            code="""\
import torch
import torchvision

logit, target = torch.tensor([2.2, -4.0]), torch.tensor([1.0, 1.0])
plain = torch.nn.BCEWithLogitsLoss(reduction="none")(logit, target)
focal = torchvision.ops.sigmoid_focal_loss(logit, target, alpha=-1)
for losses in (plain, focal):
    print(f"{losses[1].item():.4f} {(losses[1] / losses.sum()).item():.2%}")
""",
            prints="4.0181 97.45%\n3.8749 99.97%",
        ),
    ),
    edges=(
        Edge(
            title="No reduction by default",
            code="""\
import torch
import torchvision

logit = torch.zeros(4, requires_grad=True)
torchvision.ops.sigmoid_focal_loss(logit, torch.ones(4)).backward()
""",
            says="RuntimeError: grad can be implicitly created only for scalar outputs",
            sentence='torchvision\'s losses have reduction="none" by default, those of torch.nn "mean".',
            fix="Name the reduction. For detection divide the sum by the number of positives.",
            fixed="""\
import torch
import torchvision

logit = torch.zeros(4, requires_grad=True)
loss = torchvision.ops.sigmoid_focal_loss(logit, torch.ones(4), reduction="mean")
loss.backward()
print(f"{loss.item():.4f}")
""",
            prints="0.0433",
        ),
        Edge(
            title="Gamma between 0 and 1",
            code="""\
import torch
import torchvision

logit = torch.tensor([17.0], requires_grad=True)
loss = torchvision.ops.sigmoid_focal_loss(
    logit, torch.ones(1), gamma=0.5, reduction="sum"
)
loss.backward()
print(loss.item(), logit.grad.item())
""",
            says="0.0 nan",
            sentence="1 − p_t has rounded to 0, and the root has no slope at 0: one easy sample makes it nan.",
            fix="Take gamma 0, or 1 and more.",
            fixed="""\
import torch
import torchvision

logit = torch.tensor([17.0], requires_grad=True)
loss = torchvision.ops.sigmoid_focal_loss(
    logit, torch.ones(1), gamma=1.0, reduction="sum"
)
loss.backward()
print(loss.item(), logit.grad.item())
""",
            prints="0.0 0.0",
        ),
        Edge(
            title="An alpha of 2",
            code="""\
import torch
import torchvision

torchvision.ops.sigmoid_focal_loss(torch.zeros(1), torch.ones(1), alpha=2)
""",
            says="ValueError: Invalid alpha value: 2. alpha must be in the range [0,1] or -1 for ignore.",
            sentence="Alpha is a share between the two classes, not a factor.",
            fix="Take a share, or -1 for no weights.",
            fixed="""\
import torch
import torchvision

loss = torchvision.ops.sigmoid_focal_loss(torch.zeros(1), torch.ones(1), alpha=2 / 3)
print(f"{loss.item():.4f}")
""",
            prints="0.1155",
        ),
        Edge(
            title="Integer targets",
            code="""\
import torch
import torchvision

torchvision.ops.sigmoid_focal_loss(torch.zeros(2), torch.tensor([0, 1]))
""",
            says="RuntimeError: result type Float can't be cast to the desired output type Long",
            sentence="Targets are zeros and ones as floats, one for each output, not class indices.",
            fix="Convert the target with .float().",
            fixed="""\
import torch
import torchvision

loss = torchvision.ops.sigmoid_focal_loss(torch.zeros(2), torch.tensor([0, 1]).float())
print([f"{v:.4f}" for v in loss.tolist()])
""",
            prints="['0.1300', '0.0433']",
        ),
    ),
    batch=Batch(
        rows=(
            {"logit": 4, "target": 1},
            {"logit": 2.2, "target": 1},
            {"logit": -4, "target": 1},
            {"logit": -4, "target": 0},
            {"logit": -6, "target": 0},
            {"logit": -2, "target": 0},
            {"logit": 1, "target": 0},
        ),
        divides="the number of elements; RetinaNet divides the sum by the number of positives instead",
    ),
    sources=(
        torchvision_page("sigmoid_focal_loss"),
        Source("Lin et al. 2017, Focal Loss for Dense Object Detection", "https://arxiv.org/abs/1708.02002"),
    ),
)
