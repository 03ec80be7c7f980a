"""A run's loss as Python that a student reads: how it is made, and how the network's output meets it.

Tests hold it against `lossviz.training.objective`: an exported script prints what its run printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lossviz.training.objectives.argument import Value
from lossviz.training.objectives.mistakes import MISTAKES, NONE, ONE_CLASS_WEIGHTS
from lossviz.training.settings import Settings
from lossviz.training.source_text import source_text
from lossviz.training.take_home_network import FEATURES


@dataclass(frozen=True, slots=True)
class LossCode:
    """The pieces of a script that belong to the loss. Each is Python of one or more whole lines.

    Attributes:
        before: Functions and classes that it needs; may be empty.
        make: Makes `loss_function`, and what else is kept.
        batch: Defines what a training step and a measuring call.
        head: Whether layers belong to the loss and are trained with it.
    """

    before: tuple[str, ...]
    make: str
    batch: str
    head: bool = False


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How an output becomes the loss's input, and labels its target, as Python."""

    given: str = "output"
    target: str = "labels"
    table: str = ""
    answer: str = "output"


_ONE_HOT: Final = "ONE_HOT = torch.eye(CLASSES, device=DEVICE)  # a row a class: 1 for it, 0 for the others"
_SIGNS: Final = (
    "SIGNS = 2 * torch.eye(CLASSES, device=DEVICE) - 1  # a row a class: 1 for it, -1 for the others"
)
_LISTS: Final = """\
# A row a class: the list of the true classes, ended by -1.
CLASS_LISTS = torch.full((CLASSES, CLASSES), -1, device=DEVICE)
CLASS_LISTS[:, 0] = torch.arange(CLASSES)"""
_LOG: Final = "output.log_softmax(dim=1)"
_TABLE: Final = _Recipe(target="ONE_HOT[labels]", table=_ONE_HOT)

_CLASSIFY: Final[Mapping[str, _Recipe]] = {
    "CrossEntropyLoss": _Recipe(),
    "NLLLoss": _Recipe(_LOG),
    "BCEWithLogitsLoss": _TABLE,
    "BCELoss": _Recipe("output.sigmoid()", "ONE_HOT[labels]", _ONE_HOT),
    "MultiMarginLoss": _Recipe(),
    "MultiLabelMarginLoss": _Recipe(target="CLASS_LISTS[labels]", table=_LISTS),
    "MultiLabelSoftMarginLoss": _TABLE,
    "SoftMarginLoss": _Recipe(target="SIGNS[labels]", table=_SIGNS),
    "KLDivLoss": _Recipe(_LOG, "SMOOTHED[labels]"),
    "sigmoid_focal_loss": _TABLE,
    "MSELoss": _TABLE,
    "L1Loss": _TABLE,
    "SmoothL1Loss": _TABLE,
    "HuberLoss": _TABLE,
    "LinearCrossEntropyLoss": _Recipe(answer="loss_function.linear(output)"),
    "AdaptiveLogSoftmaxWithLoss": _Recipe(answer="loss_function.log_prob(output)"),
}
_SIGMOID: Final = _Recipe("output.sigmoid()", "images", answer="output.sigmoid()")
_RECONSTRUCT: Final[Mapping[str, _Recipe]] = {
    "MSELoss": _SIGMOID,
    "L1Loss": _SIGMOID,
    "SmoothL1Loss": _SIGMOID,
    "HuberLoss": _SIGMOID,
    "BCELoss": _SIGMOID,
    "BCEWithLogitsLoss": _Recipe("output", "images", answer="output.sigmoid()"),
    "PoissonNLLLoss": _Recipe("output", "images", answer="output.exp().clamp(0, 1)"),
    "GaussianNLLLoss": _Recipe(
        "output[:, :1].sigmoid()", "images, F.softplus(output[:, 1:])", answer="output[:, :1].sigmoid()"
    ),
}
_RATES: Final = _Recipe("F.softplus(output)", "images", answer="F.softplus(output).clamp(0, 1)")

# index_select, as the run does it: another way to the same tensors would add their gradients in another order.
_TRIPLETS: Final = """\
    positive, negative = points.index_select(0, partners.positive), points.index_select(0, partners.negative)
"""
_PAIRS: Final = """\
    both = torch.cat([partners.positive, partners.negative])  # every image with its positive, then with its negative
    first, second = torch.cat([points, points]), points.index_select(0, both)
    ones = torch.ones(len(points), device=DEVICE)
    signs = torch.cat([ones, -ones])  # 1: the same class, -1: another
"""
_RANKS: Final = """\
    to_negative, to_positive = F.pairwise_distance(points, negative), F.pairwise_distance(points, positive)
    return to_negative, to_positive, torch.ones_like(to_negative)  # 1: the first shall be the larger one"""
_EMBED: Final[Mapping[str, str]] = {
    "TripletMarginLoss": f"{_TRIPLETS}    return points, positive, negative",
    "TripletMarginWithDistanceLoss": f"{_TRIPLETS}    return points, positive, negative",
    "CosineEmbeddingLoss": f"{_PAIRS}    return first, second, signs",
    "HingeEmbeddingLoss": f"{_PAIRS}    return F.pairwise_distance(first, second), signs",
    "MarginRankingLoss": f"{_TRIPLETS}{_RANKS}",
}
_DIRECTIONS: Final = ("TripletMarginWithDistanceLoss", "CosineEmbeddingLoss")


def loss_code(settings: Settings) -> LossCode:
    """The loss of a run.

    Args:
        settings: The task, the loss, its arguments and the mistake are read.

    Returns:
        Python that uses `torch`, `nn`, `F`, `Tensor`, `DEVICE` and `CLASSES`. To classify it defines
        `batch_loss(output, labels)` and `scores(output)`; to reconstruct `batch_loss(output, images)` and
        `picture(output)`; to embed `compared(points, labels, dice)`, `loss_function`, `each_loss` and `DIRECTIONS`.
    """
    if settings.task == "embed":
        return _embed(settings)
    return _reconstruct(settings) if settings.task == "reconstruct" else _classify(settings)


def _classify(settings: Settings) -> LossCode:
    recipe = _CLASSIFY[settings.loss]
    given, target, table = recipe.given, recipe.target, recipe.table
    if settings.loss == "KLDivLoss":
        smoothing = _literal(settings.argument("smoothing"))
        table = f"SMOOTHED = (1 - {smoothing}) * torch.eye(CLASSES, device=DEVICE) + {smoothing} / CLASSES"
    if settings.mistake == "softmax-first":
        given = "output.softmax(dim=1)"
    if settings.mistake == "target-shape":
        target = target.replace("[", ".unsqueeze(1)[")
    before: tuple[str, ...] = ()
    if settings.loss == "sigmoid_focal_loss":
        before = (source_text("lossviz.training.objectives.focal", "SigmoidFocalLoss"),)
    call = f"loss_function({given}, {target})"
    if settings.loss == "AdaptiveLogSoftmaxWithLoss":
        call += ".loss"
    batch = f'''\
def batch_loss(output: Tensor, labels: Tensor) -> Tensor:
    """The loss of a batch: what comes out of the network, and the true classes."""
{_on_purpose(settings)}    return {call}


def scores(output: Tensor) -> Tensor:
    """A number a class: the network answers the class with the largest."""
    return {recipe.answer}'''
    made = f"loss_function = {_module(settings)}.to(DEVICE)"
    return LossCode(
        before, "\n".join(filter(None, [made, table])), batch, head=settings.spec.takes == "features"
    )


def _reconstruct(settings: Settings) -> LossCode:
    recipe = _RECONSTRUCT[settings.loss]
    if settings.loss == "PoissonNLLLoss" and not settings.argument("log_input"):
        recipe = _RATES
    target = recipe.target
    if settings.mistake == "target-shape":
        target = "images.squeeze(1)"
    batch = f'''\
def batch_loss(output: Tensor, images: Tensor) -> Tensor:
    """The loss of a batch: what comes out of the network, and the images from 0 to 1."""
{_on_purpose(settings)}    return loss_function({recipe.given}, {target})


def picture(output: Tensor) -> Tensor:
    """The image that the network's output stands for, from 0 to 1."""
    return {recipe.answer}'''
    return LossCode((), f"loss_function = {_module(settings)}.to(DEVICE)", batch)


def _embed(settings: Settings) -> LossCode:
    before = [source_text("lossviz.training.objectives.drawing", "draw")]
    if settings.loss == "TripletMarginWithDistanceLoss":
        before.append(source_text("lossviz.training.objectives.embed", "cosine_distance"))
    before.append(source_text("lossviz.training.tasks.embed", "nearest_neighbour_accuracy"))
    directions = settings.loss in _DIRECTIONS
    make = "\n".join(
        [
            f"loss_function = {_module(settings)}",
            f"each_loss = {_module(settings, reduction='none')}  # one value a pair or triplet",
            f"DIRECTIONS = {directions}  # whether only the direction of an embedding counts",
        ]
    )
    batch = f'''\
def compared(points: Tensor, labels: Tensor, dice: torch.Generator) -> tuple[Tensor, ...]:
    """What the loss compares: embeddings, each with partners drawn from its batch."""
    partners = draw(labels, dice)
{_on_purpose(settings)}{_EMBED[settings.loss]}'''
    return LossCode(tuple(before), make, batch)


def _module(settings: Settings, reduction: str = "") -> str:
    """The call that makes torch's module."""
    spec = settings.spec
    words = _leading(settings)
    for argument in spec.arguments:
        value = settings.argument(argument.name)
        default = argument.default if argument.torch_default is None else argument.torch_default
        if argument.constructor and value != default:
            literal = f"torch.tensor({_tensor(value)})" if argument.tensor else _literal(value)
            words.append(f"{argument.name}={literal}")
    if spec.label_smoothing and settings.label_smoothing:
        words.append(f"label_smoothing={_literal(settings.label_smoothing)}")
    if settings.mistake == "one-class-weights":
        words.append(f"weight=torch.tensor({_tensor(ONE_CLASS_WEIGHTS)})")
    reduction = reduction or ("sum" if settings.mistake == "sum" else "")
    if settings.loss == "KLDivLoss":
        reduction = reduction or "batchmean"
    if reduction:
        words.append(f'reduction="{reduction}"')
    name = "SigmoidFocalLoss" if settings.loss == "sigmoid_focal_loss" else f"nn.{settings.loss}"
    return f"{name}({', '.join(words)})"


def _leading(settings: Settings) -> list[str]:
    """Arguments that the task gives, not the student."""
    features = FEATURES[settings.model]
    if settings.loss == "LinearCrossEntropyLoss":
        return [features, "CLASSES", "bias=True"]
    if settings.loss == "AdaptiveLogSoftmaxWithLoss":
        return [features, "CLASSES", f"cutoffs=[{_literal(settings.argument('cutoff'))}]"]
    if settings.loss == "TripletMarginWithDistanceLoss":
        return ["distance_function=cosine_distance"]
    return []


def _on_purpose(settings: Settings) -> str:
    """A comment on the bug that the run was given on purpose."""
    if settings.mistake == NONE:
        return ""
    return f"    # Wrong on purpose. {MISTAKES[settings.mistake].bug}\n"


def _literal(value: Value) -> str:
    """A number as Python reads it back, all digits."""
    return repr(list(value)) if isinstance(value, tuple) else repr(value)


def _tensor(value: Value) -> str:
    # 1 would make a tensor of whole numbers, which no loss takes for weights.
    return _literal(value if isinstance(value, tuple) else float(value))
