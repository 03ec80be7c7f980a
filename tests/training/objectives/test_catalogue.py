"""Every loss of PyTorch trains or says why not, and says what it takes and what can be set."""

from __future__ import annotations

import pytest
from torch.nn.modules import loss as torch_losses

from lossviz.training.objectives import catalogue
from lossviz.training.objectives.argument import Argument
from lossviz.training.objectives.mistakes import MISTAKES
from lossviz.training.objectives.spec import LossSpec
from lossviz.training.settings import Settings, SettingsError
from tests.fresh_python import run_alone

SPECS = [spec for known in catalogue.TASKS.values() for spec in known.values()]
ARGUMENTS = [(spec, argument) for spec in SPECS for argument in spec.arguments]


def identify(value: object) -> str | None:
    return f"{value.task}-{value.name}" if isinstance(value, LossSpec) else getattr(value, "name", None)


def test_every_loss_of_pytorch_trains_or_says_why_not() -> None:
    without_modules = {"NLLLoss2d"}  # an old name of NLLLoss
    for name in set(torch_losses.__all__) - without_modules:
        assert bool(catalogue.tasks_of(name)) != (name in catalogue.CANNOT_TRAIN), name


def test_losses_by_task() -> None:
    assert {task: len(catalogue.losses(task)) for task in catalogue.TASKS} == {
        "classify": 16,
        "reconstruct": 8,
        "embed": 5,
    }
    assert catalogue.tasks_of("BCELoss") == ("classify", "reconstruct")


@pytest.mark.parametrize("loss", catalogue.CANNOT_TRAIN)
def test_what_cannot_train_says_so_in_one_sentence(loss: str) -> None:
    sentence = catalogue.CANNOT_TRAIN[loss]
    assert sentence.count(".") == 1
    assert sentence.endswith(".")
    with pytest.raises(SettingsError, match="cannot train here") as caught:
        Settings.parse({"loss": loss})
    assert sentence in caught.value.problems[0]


@pytest.mark.parametrize("spec", SPECS, ids=identify)
def test_a_loss_says_what_it_takes(spec: LossSpec) -> None:
    assert spec.text.startswith("Expects ")
    assert spec.text.endswith(".")
    assert "**" in spec.steps
    assert set(spec.mistakes) <= set(MISTAKES)
    assert spec.baseline
    code = spec.code({})
    compile(code, spec.name, "eval")
    assert spec.name in code


@pytest.mark.parametrize(("spec", "argument"), ARGUMENTS, ids=identify)
def test_an_argument_takes_its_range_and_nothing_else(spec: LossSpec, argument: Argument) -> None:
    assert argument.meaning.endswith(".")
    assert argument.check(argument.default) == argument.default
    for value in (argument.default, *_ends(argument)):
        good = argument.check(argument.from_text(argument.as_text(value)))  # type: ignore[arg-type]
        assert good == argument.check(value)
    refused: list[object] = [
        None,
        "x",
        "",
        float("nan"),
        float("inf"),
        -1e9,
        1e9,
        [],
        {},
        [1.0] * 9,
        ["1"] * 10,
    ]
    for bad in (*refused, 10**400):
        assert argument.check(bad) is None
        with pytest.raises(SettingsError) as caught:
            Settings.parse({"task": spec.task, "loss": spec.name, "arguments": {argument.name: bad}})
        [problem] = caught.value.problems
        assert problem.startswith(f"{argument.name} is ")
        assert problem.endswith(f"for {spec.name} it must be {argument.allowed}.")


def _ends(argument: Argument) -> list[object]:
    if argument.kind == "switch":
        return [True, False]
    ends = [argument.low, argument.high]
    return [tuple([end] * 10) for end in ends] if argument.kind == "weights" else list(ends)


def test_arguments_are_kept_where_they_differ_from_the_defaults() -> None:
    settings = Settings.parse({"loss": "TripletMarginLoss", "arguments": {"margin": 2, "p": 2, "swap": True}})
    assert settings.arguments == {"margin": 2.0, "swap": True}
    assert (settings.argument("p"), settings.argument("margin")) == (2.0, 2.0)
    assert settings.spec.code(settings.arguments).startswith("nn.TripletMarginLoss(margin=2, swap=True)(")
    with pytest.raises(KeyError):
        settings.argument("beta")


def test_an_argument_of_another_loss_is_named() -> None:
    with pytest.raises(SettingsError, match=r"'beta' is no setting of HuberLoss .* Its settings: delta\."):
        Settings.parse({"loss": "HuberLoss", "arguments": {"beta": 1.0}})
    with pytest.raises(SettingsError, match="names with values"):
        Settings.parse({"arguments": [1]})


def test_another_loss_keeps_what_it_can_take() -> None:
    settings = Settings.parse(
        {
            "loss": "CrossEntropyLoss",
            "label_smoothing": 0.1,
            "mistake": "sum",
            "arguments": {"weight": [2.0] * 10},
        }
    )
    assert settings.with_loss("NLLLoss").arguments == settings.arguments
    huber = settings.with_loss("HuberLoss")
    assert (huber.task, huber.arguments, huber.label_smoothing, huber.mistake) == ("classify", {}, 0.0, "sum")
    assert settings.with_loss("TripletMarginLoss").task == "embed"
    assert settings.with_loss("HuberLoss", "reconstruct").task == "reconstruct"
    for loss, task in (("CTCLoss", None), ("NLLLoss", "embed"), ("x", None)):
        with pytest.raises(SettingsError, match="loss is"):
            settings.with_loss(loss, task)
    for other in catalogue.losses("classify"):
        changed = settings.with_loss(other)
        assert Settings.parse(changed.as_dict()) == changed


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"mistake": "softmax-first", "loss": "NLLLoss"}, "sum or one-class-weights"),
        ({"mistake": "sum", "loss": "AdaptiveLogSoftmaxWithLoss"}, "cannot be anything but none"),
        ({"mistake": "one-class-weights", "arguments": {"weight": [2.0] * 10}}, "Leave weight out"),
        ({"mistake": "target-shape", "loss": "MSELoss", "batch_size": 513}, "at most 512"),
        (
            {"mistake": "target-shape", "loss": "L1Loss", "task": "reconstruct", "batch_size": 256},
            "at most 128",
        ),
        ({"task": "embed", "batch_size": 8}, "at least 16"),
        ({"task": "embed", "loss": "MSELoss"}, "Choose the task classify or reconstruct"),
        ({"task": "embed", "loss": "TripletLoss"}, "did you mean TripletMarginLoss?"),
    ],
)
def test_what_does_not_go_together_says_what_to_do(values: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.parse(values)
    [problem] = caught.value.problems
    assert says in problem


def test_the_catalogue_is_read_without_torch() -> None:
    code = "import sys, lossviz.training.settings, lossviz.training.model_tables; sys.exit('torch' in sys.modules)"
    run_alone(code)
