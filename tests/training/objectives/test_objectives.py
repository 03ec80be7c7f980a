"""What a run minimises is the torch call that its spec shows, on the same tensors."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from lossviz.training import models
from lossviz.training.objective import Objective, objective
from lossviz.training.objectives import catalogue
from lossviz.training.objectives.drawing import draw
from lossviz.training.objectives.mistakes import ONE_CLASS_WEIGHTS
from lossviz.training.objectives.spec import LossSpec
from lossviz.training.settings import Settings
from lossviz.training.tasks.tasks import TASKS

BATCH = 40
DICE = torch.Generator().manual_seed(1)
IMAGES = torch.randint(256, (BATCH, 1, 28, 28), generator=DICE, dtype=torch.uint8)
LABELS = torch.randint(10, (BATCH,), generator=DICE)
OTHERS: dict[str, Any] = {
    "weight": [0.5 + n for n in range(10)], "pos_weight": 9.0, "p": 1, "margin": 0.3, "smoothing": 0.3, "alpha": 0.6,
    "gamma": 1.0, "beta": 0.2, "delta": 0.2, "cutoff": 3, "div_value": 2.0, "head_bias": True, "log_input": False,
    "full": True, "eps": 0.1, "swap": True,
}  # fmt: skip
"""A value for each argument that is no default of any loss, apart from p."""


def every_loss() -> list[Settings]:
    """Each loss with its defaults, then with each argument at another value, then with each bug on purpose."""
    found = []
    for task, known in catalogue.TASKS.items():
        for loss, spec in known.items():
            plain = {"task": task, "loss": loss, "model": "mlp", "batch_size": BATCH}
            found.append(Settings.parse(plain))
            names = [argument.name for argument in spec.arguments]
            found += [Settings.parse({**plain, "arguments": {name: OTHERS[name]}}) for name in names]
            if len(names) > 1:
                found.append(Settings.parse({**plain, "arguments": {name: OTHERS[name] for name in names}}))
            if spec.label_smoothing:
                found.append(Settings.parse({**plain, "label_smoothing": 0.2}))
            found += [Settings.parse({**plain, "mistake": mistake}) for mistake in spec.mistakes]
    return found


def identify(settings: Settings) -> str:
    arguments = "+".join(settings.arguments)
    return f"{settings.task}-{settings.loss}-{arguments}{settings.label_smoothing or ''}-{settings.mistake}"


def one_step(settings: Settings) -> tuple[nn.Module, Objective, torch.Tensor]:
    """A network with its objective, and the target of the batch."""
    torch.manual_seed(settings.seed)
    network = TASKS[settings.task].network(settings)
    loss = objective(settings, models.FEATURES[settings.model])
    return network, loss, TASKS[settings.task].target(IMAGES, LABELS, slice(None))


def names(settings: Settings, network: nn.Module, head: nn.Module | None) -> dict[str, Any]:
    """What the names in a spec's code stand for."""
    from torchvision.ops import sigmoid_focal_loss

    output = network(IMAGES / 255.0)
    known: dict[str, Any] = {
        "torch": torch, "nn": nn, "F": functional, "sigmoid_focal_loss": sigmoid_focal_loss,
        "network": lambda _images: output, "images": IMAGES, "labels": LABELS, "pictures": IMAGES / 255,
        "one_hot": torch.eye(10), "signs": 2 * torch.eye(10) - 1, "features": models.FEATURES[settings.model],
        "class_lists": torch.tensor([[c, *[-1] * 9] for c in range(10)]),
        "pair_signs": torch.tensor([1.0] * BATCH + [-1.0] * BATCH),
    }  # fmt: skip
    if settings.task == "embed":
        drawn = draw(LABELS, torch.Generator().manual_seed(settings.seed))
        known |= {"anchor": output, "positive": output[drawn.positive], "negative": output[drawn.negative]}
    if head is not None:
        # The code makes the loss with first weights of its own: here it is to take the run's.
        made, state = type(head), head.state_dict()

        class WithWeights:
            def __init__(self, *arguments: object, **named: object) -> None:
                self.module = made(*arguments, **named)
                self.module.load_state_dict(state)

            def __call__(self, *tensors: torch.Tensor) -> object:
                return self.module(*tensors)

        known["nn"] = type("nn", (), {made.__name__: WithWeights})
    return known


@pytest.mark.filterwarnings("ignore:Using a target size:UserWarning")  # one of the bugs on purpose
@pytest.mark.parametrize("settings", every_loss(), ids=identify)
def test_one_steps_loss_is_the_torch_call_that_is_shown(settings: Settings) -> None:
    network, loss, target = one_step(settings)
    code = settings.spec.code(settings.arguments, settings.label_smoothing, settings.mistake)
    known = names(settings, network, loss.head)
    expected = eval(code, known)  # noqa: S307 - our own text, which is what is tested
    ours = loss(network(IMAGES / 255.0), target)
    assert ours.shape == ()
    assert torch.isfinite(ours)
    torch.testing.assert_close(ours, expected, rtol=1e-6, atol=1e-7)
    parameters = [*network.parameters()]
    rounding = 1e-5 if settings.mistake == "sum" else 1e-7  # thousands of terms instead of their mean
    for mine, other in zip(
        torch.autograd.grad(ours, parameters), torch.autograd.grad(expected, parameters), strict=True
    ):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=rounding)


@pytest.mark.parametrize("settings", every_loss(), ids=identify)
def test_an_argument_changes_the_loss(settings: Settings) -> None:
    if not (settings.arguments or settings.label_smoothing):
        return
    plain = Settings.parse({**settings.as_dict(), "arguments": {}, "label_smoothing": 0.0})
    values = []
    for each in (settings, plain):
        network, loss, target = one_step(each)
        values.append(loss(network(IMAGES / 255.0), target).item())
    if (
        settings.task == "reconstruct"
        and settings.loss == "GaussianNLLLoss"
        and set(settings.arguments) == {"eps"}
    ):
        return  # the first variances are far above any floor
    if (
        settings.task == "embed"
        and set(settings.arguments) == {"swap"}
        and settings.loss.endswith("DistanceLoss")
    ):
        return  # first directions are nearly equal: swapping may change nothing
    assert values[0] != values[1]


@pytest.mark.parametrize("settings", [s for s in every_loss() if s.task == "classify"], ids=identify)
def test_class_probabilities_add_to_one_and_agree_with_the_scores(settings: Settings) -> None:
    network, loss, _ = one_step(settings)
    with torch.no_grad():
        scores = loss.answer(network(IMAGES / 255.0))
        probabilities = loss.probabilities(scores)
    torch.testing.assert_close(probabilities.sum(dim=1), torch.ones(BATCH))
    assert (probabilities.argmax(dim=1) == scores.argmax(dim=1)).all()


@pytest.mark.parametrize("settings", [s for s in every_loss() if s.task == "reconstruct"], ids=identify)
def test_an_autoencoder_answers_with_images(settings: Settings) -> None:
    network, loss, target = one_step(settings)
    with torch.no_grad():
        images = loss.answer(network(IMAGES / 255.0))
    assert images.shape == target.shape == IMAGES.shape
    assert images.min() >= 0
    assert images.max() <= 1
    assert target.max().item() == 1.0


def test_the_fused_head_is_cross_entropy_with_the_same_weights() -> None:
    fused = Settings(loss="LinearCrossEntropyLoss", label_smoothing=0.1)
    network, loss, target = one_step(fused)
    plain, cross_entropy, _ = one_step(Settings(label_smoothing=0.1))
    torch.testing.assert_close(
        loss(network(IMAGES / 255.0), target), cross_entropy(plain(IMAGES / 255.0), target)
    )


def test_partners_are_other_ones_at_every_step_and_the_same_in_every_measuring() -> None:
    _, loss, _ = one_step(Settings(task="embed", loss="TripletMarginLoss"))
    points = torch.randn(BATCH, 2, generator=torch.Generator().manual_seed(0))
    assert loss(points, LABELS) != loss(points, LABELS)
    assert loss.measuring is not None
    assert loss.measuring()(points, LABELS) == loss.measuring()(points, LABELS)


def mistaken(**values: object) -> tuple[float, torch.Tensor, torch.Tensor]:
    """The loss with a mistake, and the output and target that it came of."""
    network, loss, target = one_step(Settings.parse({"batch_size": BATCH, **values}))
    with torch.no_grad():
        output = network(IMAGES / 255.0)
        return loss(output, target).item(), output, target


def test_softmax_first_is_cross_entropy_of_probabilities() -> None:
    value, logits, labels = mistaken(mistake="softmax-first")
    assert value == pytest.approx(nn.CrossEntropyLoss()(logits.softmax(dim=1), labels).item(), rel=1e-6)


@pytest.mark.parametrize(
    "spec", [s for known in catalogue.TASKS.values() for s in known.values()], ids=lambda s: s.name
)
def test_sum_is_the_mean_times_its_terms(spec: LossSpec) -> None:
    if "sum" not in spec.mistakes:
        assert spec.name == "AdaptiveLogSoftmaxWithLoss", "it has no reduction"
        return
    asked = {"task": spec.task, "loss": spec.name, "model": "mlp"}
    summed, output, _ = mistaken(**asked, mistake="sum")
    mean, _, _ = mistaken(**asked)
    per_class = ("MultiMarginLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "KLDivLoss")
    elements = {
        "classify": BATCH if spec.takes == "features" else output.numel(),
        "reconstruct": BATCH * 28 * 28,
    }
    pairs = 2 * BATCH if spec.name in ("CosineEmbeddingLoss", "HingeEmbeddingLoss") else BATCH
    terms = elements.get(spec.task, pairs)
    if spec.task == "classify" and (spec.name in per_class or "labels)" in spec.call.replace("[labels]", "")):
        terms = BATCH
    assert summed == pytest.approx(mean * terms, rel=1e-4)


@pytest.mark.parametrize("loss", ["CrossEntropyLoss", "NLLLoss"])
def test_one_class_weights_look_at_one_class(loss: str) -> None:
    value, logits, labels = mistaken(loss=loss, mistake="one-class-weights")
    weight = torch.tensor(ONE_CLASS_WEIGHTS)
    assert value == pytest.approx(nn.CrossEntropyLoss(weight=weight)(logits, labels).item(), rel=1e-6)
    first = labels == 0
    assert value == pytest.approx(nn.CrossEntropyLoss()(logits[first], labels[first]).item(), rel=1e-3)


def test_a_target_of_another_shape_compares_all_with_all_and_torch_warns() -> None:
    with pytest.warns(UserWarning, match="broadcasting"):
        value, output, labels = mistaken(loss="MSELoss", mistake="target-shape")
    pairs = (output[:, None] - torch.eye(10)[labels][None]).square()
    assert value == pytest.approx(pairs.mean().item(), rel=1e-5)
    with pytest.warns(UserWarning, match="broadcasting"):
        value, output, images = mistaken(
            loss="MSELoss", task="reconstruct", mistake="target-shape", model="mlp"
        )
    every = [(output.sigmoid() - images[other]).square().mean().item() for other in range(BATCH)]
    assert value == pytest.approx(sum(every) / BATCH, rel=1e-5)
