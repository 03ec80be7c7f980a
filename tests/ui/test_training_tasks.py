"""The training page for every loss and every task: what is chosen, what is explained, what is streamed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lossviz.losses.catalogue import catalogue as losses
from lossviz.training.limits import Limits
from lossviz.training.objectives import catalogue
from lossviz.training.objectives.mistakes import MISTAKES
from lossviz.training.settings import RANGES, SWITCHES, Settings
from lossviz.ui.training.state import TrainingState
from tests.ui.fake_jobs import FakeJobs
from tests.ui.test_training_page import charts, good, link, open_page, train, unfold, words
from tests.ui.whole_app import whole_app

EVERY_LOSS = [(task, loss) for task, known in catalogue.TASKS.items() for loss in known]


def test_every_loss_of_every_task_is_shown_with_all_that_can_be_set(jobs: FakeJobs) -> None:
    assert jobs
    app = open_page()
    for task, loss in EVERY_LOSS:
        app.session_state["training"].settings = Settings().with_loss(loss, task)
        unfold(app, "Loss")
        spec = catalogue.spec(task, loss)
        assert spec.text in words(app)
        assert any(spec.code({}) in block.value for block in app.code)
        fields = {each.key for each in (*app.text_input, *app.toggle)}
        for argument in spec.arguments:
            key = f"training/argument/{argument.name}"
            assert (f"{key}/9" if argument.kind == "weights" else key) in fields
        assert not app.button(key="training/train").disabled


@pytest.mark.parametrize("loss", sorted(catalogue.CANNOT_TRAIN))
def test_a_loss_that_cannot_train_says_why(jobs: FakeJobs, loss: str) -> None:
    assert jobs
    app = open_page(loss=loss)
    assert catalogue.CANNOT_TRAIN[loss].rstrip(".") in app.warning[0].value.replace("\\", "")


@pytest.mark.parametrize(
    "asked",
    [
        {"loss": "MSELoss"},
        {"loss": "MSELoss", "task": "embed"},
        {"loss": "[x](y)", "task": "**b**", "mistake": "no"},
        {"task": "reconstruct", "delta": "2", "weight": "1,2"},
        {"loss": "CrossEntropyLoss", "weight": "1,2"},
        {"loss": "HuberLoss", "delta": "nan", "mistake": "softmax-first"},
    ],
)
def test_no_link_breaks_the_page(jobs: FakeJobs, asked: dict[str, str]) -> None:
    assert jobs
    open_page(**asked)


def test_a_task_brings_its_losses_and_its_presets(jobs: FakeJobs) -> None:
    app = open_page()
    app.button_group(key="training/task").set_value("embed").run()
    assert "Put every picture on a plane" in words(good(app))
    unfold(app, "Loss")
    assert app.selectbox(key="training/loss").options == list(catalogue.losses("embed"))
    app.text_input(key="training/argument/margin").set_value("0.5").run()
    app.toggle(key="training/argument/swap").set_value(True).run()
    train(good(app))
    assert jobs.runs["run-1"].settings == replace(
        Settings().with_loss("TripletMarginLoss", "embed"), arguments={"margin": 0.5, "swap": True}
    )


def test_a_bad_argument_is_told_and_changes_nothing(jobs: FakeJobs) -> None:
    assert jobs
    app = unfold(open_page(loss="HuberLoss", delta="2"), "Loss")
    app.text_input(key="training/argument/delta").set_value("-1").run()
    (warning,) = good(app).warning
    assert warning.value.replace("\\", "") == (
        "delta is “-1”; it must be a number from 0.001 to 10. It stays 2."
    )
    assert app.text_input(key="training/argument/delta").value == "-1"
    assert link(app)["delta"] == "2"
    app.selectbox(key="training/loss").set_value("MSELoss").run()
    assert not good(app).warning


def test_a_weight_is_set_for_one_class(jobs: FakeJobs) -> None:
    assert jobs
    app = unfold(open_page(), "Loss")
    app.text_input(key="training/argument/weight/6").set_value("3").run()
    assert link(good(app))["weight"] == "1,1,1,1,1,1,3,1,1,1"
    assert any("weight=torch.tensor" in block.value for block in app.code)
    app.text_input(key="training/argument/weight/0").set_value("2,5").run()
    app.text_input(key="training/argument/weight/1").set_value("1,500").run()
    (warning,) = good(app).warning
    assert "weight is “1,500”, which can be 1.5 or 1500: write" in warning.value.replace("\\", "")
    assert app.text_input(key="training/argument/weight/1").value == "1,500"
    assert link(app)["weight"] == "2.5,1,1,1,1,1,3,1,1,1"


def test_the_loss_part_leads_to_the_panel_at_the_runs_arguments(jobs: FakeJobs) -> None:
    assert jobs
    app = open_page(loss="HuberLoss", delta="2")
    (way,) = [each.proto for each in app.get("page_link") if "panel" in each.proto.label]
    assert "delta=2" in way.query_string


@pytest.mark.parametrize("category", ["regression", "classification", "ranking", "sequence", "boxes"])
def test_every_panel_has_the_way_to_a_run_or_says_why_not(category: str) -> None:
    app = whole_app()
    for entry in losses().values():
        if entry.category == category:
            app.switch_page("pages/home.py").run()
            app.switch_page(f"pages/{category}.py")
            app.query_params["loss"] = entry.name
            good(app.run())
            ways = [each.proto for each in app.get("page_link") if each.proto.label == "Train with this loss"]
            said = "\n".join(caption.value for caption in app.caption).replace("\\", "")
            if entry.name in catalogue.CANNOT_TRAIN:
                assert ways[0].disabled
                assert catalogue.CANNOT_TRAIN[entry.name] in said
            else:
                assert not ways[0].disabled
                assert f"loss={entry.name}" in ways[0].query_string
                assert "come from the network and the images" in said


def test_the_way_from_a_panel_keeps_the_run_that_was_set_up(jobs: FakeJobs) -> None:
    assert jobs
    app = open_page(model="wide-mlp", epochs="7", label_smoothing="0.1")
    app.switch_page("pages/regression.py")
    app.query_params.clear()
    app.query_params["loss"] = "HuberLoss"
    good(app.run())
    (way,) = [each.proto for each in app.get("page_link") if each.proto.label == "Train with this loss"]
    asked = dict(part.split("=") for part in way.query_string.split("&"))
    assert asked == {"loss": "HuberLoss", "delta": "1", "model": "wide-mlp", "epochs": "7"}


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_bug_is_put_in_and_told_with_the_runs_numbers(jobs: FakeJobs, mistake: str) -> None:
    loss = next(loss for _, loss in EVERY_LOSS if mistake in catalogue.spec("classify", loss).mistakes)
    app = unfold(open_page(loss=loss), "Loss")
    app.button_group(key="training/mistake").set_value(mistake).run()
    assert MISTAKES[mistake].bug in words(good(app))
    train(app)
    assert jobs.runs["run-1"].settings.mistake == mistake
    run = jobs.go_on()
    warned = replace(run.epochs[-1], warnings=["Using a target size that is different"])
    jobs.runs["run-1"] = replace(run, epochs=(warned,))
    said = words(good(app.run()))
    assert "the first batch had a loss of 2.3" in said
    assert "2.31 before the first step and 0.6 after 1 epoch" in said
    assert MISTAKES[mistake].outcome in said
    assert any("Using a target size" in block.value for block in app.code)


@pytest.mark.parametrize(("task", "count"), [("classify", 2), ("reconstruct", 1), ("embed", 3)])
def test_a_run_of_every_task_streams_as_data_alone(jobs: FakeJobs, task: str, count: int) -> None:
    app = train(open_page(task=task))
    before = charts(app)
    pictures = len(app.get("imgs"))
    jobs.go_on()
    after = charts(good(app.run()))
    assert len(after) == count
    assert [(c.spec, c.alt, c.id) for c in before] == [(c.spec, c.alt, c.id) for c in after]
    assert len(app.get("imgs")) == pictures
    assert any(b"drawn garments" in d.data.data for chart in after for d in chart.datasets)
    measure = {
        "classify": "validation accuracy 75.0 %",
        "reconstruct": "mean squared error 0.0300",
        "embed": "nearest-neighbour accuracy 75.0 %",
    }
    assert measure[task] in words(app)
    jobs.finish()
    good(app.run())


def test_every_setting_has_a_field(jobs: FakeJobs) -> None:
    assert jobs
    app = unfold(unfold(open_page(), "Loss"), "Training")
    keys = {each.key for each in (*app.text_input, *app.toggle)}
    assert {f"training/{name}" for name in (*RANGES, *SWITCHES)} <= keys


def test_the_servers_limits_and_notices_are_told(jobs: FakeJobs) -> None:
    jobs.limits = Limits(most_epochs=3)
    jobs.told = ["The disk is full: runs are not kept."]
    app = open_page()
    said = "\n".join(warning.value for warning in app.warning).replace("\\", "")
    assert "this server allows at most 3" in said
    assert "The disk is full" in said
    assert app.button(key="training/train").disabled


def test_arguments_survive_where_another_loss_has_them() -> None:
    state = TrainingState()
    state.set_task("embed")
    state.set_argument("margin", "0.5")
    state.set_loss("HingeEmbeddingLoss")
    assert state.settings.arguments == {"margin": 0.5}
    state.set_argument("margin", "1")
    assert state.settings.arguments == {}
    state.set_argument("swap", "true")
    assert state.settings.arguments == {}
