"""The training page through the entry point, with runs that stand where the test says."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.training.jobs import DataStatus, Failure
from lossviz.training.presets import PRESETS
from lossviz.training.settings import LEARNING_RATES, Settings
from lossviz.ui.training.take_home import csv
from tests.ui.fake_jobs import FakeJobs
from tests.ui.whole_app import whole_app


@pytest.fixture
def app(jobs: FakeJobs) -> AppTest:
    """The training page as it opens."""
    assert jobs
    return open_page()


def open_page(**link: str) -> AppTest:
    """The training page at a link, in a session of its own."""
    app = whole_app()
    app.switch_page("pages/training.py")
    for key, value in link.items():
        app.query_params[key] = value
    return good(app.run())


def good(app: AppTest) -> AppTest:
    """The app, if nothing was raised."""
    assert not app.exception
    return app


def train(app: AppTest) -> AppTest:
    """Press Train."""
    return good(app.button(key="training/train").click().run())


def unfold(app: AppTest, part: str) -> AppTest:
    """Open a part of the pipeline."""
    app.session_state["training"].parts[part] = True
    return good(app.run())


def look(app: AppTest, tab: str) -> AppTest:
    """Open a tab below the run."""
    app.session_state["training/look"] = tab
    return good(app.run())


def link(app: AppTest) -> dict[str, str]:
    """The query parameters."""
    # AppTest gives back what it was given until the app itself writes.
    return {key: value if isinstance(value, str) else value[0] for key, value in app.query_params.items()}


def words(app: AppTest) -> str:
    """All that is written on the page."""
    parts = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    labels = [expander.label for expander in app.expander]
    progress = [bar.proto.text for bar in app.get("progress")]
    return "\n".join([str(part.value) for part in parts] + labels + progress)


def charts(app: AppTest) -> list[Any]:
    """The messages of all charts."""
    return [chart.proto for chart in app.get("vega_lite_chart")]


def test_the_page_opens_with_the_pipeline_and_a_waiting_worker(app: AppTest, jobs: FakeJobs) -> None:
    assert "warm up" in jobs.asked
    assert "prepare auto" in jobs.asked
    labels = [expander.label for expander in app.expander]
    assert labels[:4] == [
        "**Data** · drawn garments",
        "**Network** · Small CNN, 55,338 parameters",
        "**Loss** · CrossEntropyLoss",
        "**Training** · 10,000 images · 4 epochs · Adam 0.005, one cycle · batch 64",
    ]
    assert "These are drawn garments" in words(app)
    assert "standard deviation **0.2" in words(app)
    assert link(app) == {}


def test_a_link_sets_the_settings_and_the_address_follows(jobs: FakeJobs) -> None:
    app = open_page(model="mlp", epochs="3")
    assert link(app) == {"model": "mlp", "epochs": "3"}
    unfold(app, "Training").text_input(key="training/epochs").set_value("5").run()
    app.selectbox(key="training/optimizer").set_value("sgd").run()
    assert link(good(app)) == {
        "model": "mlp",
        "epochs": "5",
        "optimizer": "sgd",
        "learning_rate": f"{LEARNING_RATES['sgd']:g}",
    }
    train(app)
    assert jobs.runs["run-1"].settings == Settings(
        model="mlp", epochs=5, optimizer="sgd", learning_rate=LEARNING_RATES["sgd"]
    )


def test_a_bad_link_shows_the_default_and_says_so(jobs: FakeJobs) -> None:
    assert jobs
    app = open_page(model="[x](http://a) **b**", epochs="-3", run="gone")
    (warning,) = app.warning
    assert r"\[x\]\(" in warning.value
    assert r"\*\*b\*\*" in warning.value
    assert "epochs" in warning.value
    assert "gone" in warning.value
    assert "train again" in warning.value
    assert link(app) == {}


def test_what_is_typed_into_a_field_is_checked_there(jobs: FakeJobs) -> None:
    assert jobs
    app = unfold(open_page(), "Training")
    field = app.text_input(key="training/learning_rate").set_value("0,02")
    assert link(good(field.run())) == {"learning_rate": "0.02"}
    assert app.text_input(key="training/learning_rate").value == "0.02"
    for text, why in (
        ("`fast`", "which is not a number; it must be a number from 1e-07 to 100."),
        ("1,500", "which can be 1.5 or 1500: write 1.5 or 1500; it must be a number from 1e-07 to 100."),
    ):
        app.text_input(key="training/learning_rate").set_value(text).run()
        (warning,) = good(app).warning
        said = warning.value.replace("\\", "")
        assert said == f"learning_rate is “{text}”, {why} It stays 0.02."
        # What was typed stays, whatever else is set meanwhile.
        app.text_input(key="training/epochs").set_value("5").run()
        assert app.text_input(key="training/learning_rate").value == text
        assert len(app.warning) == 1
        assert link(app)["learning_rate"] == "0.02"
        app.text_input(key="training/epochs").set_value("4").run()
    app.text_input(key="training/learning_rate").set_value("3e\u22123").run()
    assert not good(app).warning
    assert link(app) == {"learning_rate": "0.003"}
    app.text_input(key="training/learning_rate").set_value("x").run()
    app.button_group(key="training/preset").set_value(PRESETS[0].key).run()
    assert not good(app).warning


def test_settings_that_do_not_go_together_are_told_before_training(jobs: FakeJobs) -> None:
    assert jobs
    app = open_page(batch_size="1", epochs="3", train_size="60000")
    assert not app.button(key="training/train").disabled
    unfold(app, "Training").text_input(key="training/epochs").set_value("5").run()
    assert "steps" in app.warning[0].value
    assert app.button(key="training/train").disabled


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_preset_is_one_click(app: AppTest, jobs: FakeJobs, preset: Any) -> None:  # noqa: ANN401 - a preset
    app.button_group(key="training/preset").set_value(preset.key).run()
    assert preset.sentence in words(good(app))
    train(app)
    assert jobs.runs["run-1"].settings == preset.settings


def test_nll_loss_has_no_label_smoothing(jobs: FakeJobs) -> None:
    app = open_page(label_smoothing="0.1")
    unfold(app, "Loss").selectbox(key="training/loss").set_value("NLLLoss").run()
    assert "log-probabilities" in words(good(app))
    assert all(box.key != "training/label_smoothing" for box in app.selectbox)
    train(app)
    assert jobs.runs["run-1"].settings == Settings(loss="NLLLoss")


def test_a_run_streams_as_data_alone(app: AppTest, jobs: FakeJobs) -> None:
    train(app)
    assert link(app) == {"run": "run-1"}
    before = charts(app)
    jobs.go_on()
    after = charts(good(app.run()))
    assert [(c.spec, c.alt, c.id) for c in before] == [(c.spec, c.alt, c.id) for c in after]
    assert len(after) == 2
    for old, new in zip(before, after, strict=True):
        assert [d.data.data for d in old.datasets] != [d.data.data for d in new.datasets]
        assert any(b"drawn garments" in d.data.data for d in new.datasets)
    assert "epoch 2 of 4 · validation accuracy 75.0 % · 4,321 images/s · 6 s left" in words(app)
    assert app.button(key="training/train").disabled


def test_stop_is_the_owners(app: AppTest, jobs: FakeJobs) -> None:
    train(app)
    jobs.go_on()
    app.run()
    watcher = open_page(run="run-1")
    assert watcher.button(key="training/stop").disabled
    assert not watcher.button(key="training/train").disabled
    assert not app.button(key="training/stop").disabled
    app.button(key="training/stop").click().run()
    assert jobs.runs["run-1"].state == "stopping"
    assert "measuring what was learned" in words(good(app))


def test_a_run_is_found_again_after_a_visit_elsewhere_and_by_its_link(app: AppTest, jobs: FakeJobs) -> None:
    unfold(app, "Training").text_input(key="training/epochs").set_value("2").run()
    train(app)
    jobs.go_on()
    app.switch_page("pages/home.py").run()
    app.query_params.clear()
    good(app.switch_page("pages/training.py").run())
    assert link(app) == {"epochs": "2", "run": "run-1"}
    assert len(charts(app)) == 2
    stranger = open_page(run="run-1")
    assert len(charts(stranger)) == 2
    assert link(stranger) == {"epochs": "2", "run": "run-1"}


def test_a_queued_run_shows_its_place(app: AppTest, jobs: FakeJobs) -> None:
    train(app)
    jobs.runs["run-1"] = replace(jobs.runs["run-1"], state="queued", queue_place=2, waiting_for_seconds=31.0)
    assert "place 2 · about 31 s to wait" in words(app.run())


def test_a_run_that_cannot_be_taken_says_why(app: AppTest, jobs: FakeJobs) -> None:
    jobs.refuse = "20 runs are waiting already. Try again in some minutes."
    train(app)
    assert "20 runs are waiting already" in app.warning[0].value
    assert link(app) == {}


def test_a_finished_run_shows_what_came_of_it(app: AppTest, jobs: FakeJobs) -> None:
    train(app)
    jobs.finish()
    good(app.run())
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["validation accuracy, 100 images"] == "84.1 %"
    assert shown["test accuracy, 50 images"] == "83.0 %"
    assert len(charts(app)) == 3
    assert any(b"drawn garments, 100 validation images" in d.data.data for d in charts(app)[2].datasets)
    look(app, "Worst mistakes")
    assert "whose true class the network thought least likely" in words(app)
    look(app, "Try a picture")
    before = [d.data.data for d in charts(app)[2].datasets]
    app.button(key="training/try/next").click().run()
    assert [d.data.data for d in charts(good(app))[2].datasets] != before
    place = app.text_input(key="training/try/place")
    assert place.value == "2"
    place.set_value("1,5").run()
    (warning,) = good(app).warning
    told = "picture is “1,5”; it must be a whole number from 1 to 100. It stays 2."
    assert warning.value.replace("\\", "") == told
    app.text_input(key="training/try/place").set_value("1").run()
    assert not good(app).warning
    assert [d.data.data for d in charts(app)[2].datasets] == before
    app.selectbox(key="training/try/class").set_value("Bag").run()
    assert "it is **Bag**" in words(good(app))


def test_earlier_runs_can_be_shown_again(app: AppTest, jobs: FakeJobs) -> None:
    train(app)
    jobs.finish()
    app.run()
    train(app)
    assert link(app) == {"run": "run-2"}
    unfold(app, "Runs").button(key="training/run/run-1").click().run()
    assert link(good(app)) == {"run": "run-1"}
    assert "84.1 %" in [metric.value for metric in app.metric]


def test_the_browsers_own_run_is_shown_without_its_link(
    jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lossviz.ui.training.state.owner", lambda: "this browser")
    jobs.submit(Settings(epochs=2), "this browser")
    assert link(open_page()) == {"run": "run-1"}


def test_the_test_images_are_official_for_fashion_mnist_alone(app: AppTest, jobs: FakeJobs) -> None:
    assert "official" not in words(app)
    jobs.ready("FashionMNIST")
    assert "50 official test images" in words(good(app.run()))
    train(app)
    jobs.finish(name="FashionMNIST")
    good(app.run())
    assert "official test accuracy, 50 images" in [metric.label for metric in app.metric]


def test_the_csv_names_the_data_and_the_settings(jobs: FakeJobs) -> None:
    jobs.submit(Settings(epochs=2), "somebody")
    lines = csv(jobs.finish()).splitlines()
    assert lines[0].split(",")[:6] == ["data", "epoch", "step", "measure", "line", "value"]
    assert all(line.startswith("drawn garments,") and '""epochs"": 2' in line for line in lines[1:])
    assert len(lines) > Settings(epochs=2).steps_total


def test_results_without_pictures_of_their_own_data_show_none(app: AppTest, jobs: FakeJobs) -> None:
    train(app)
    jobs.finish(name="FashionMNIST")  # while only drawn garments are at hand
    good(app.run())
    assert "images of FashionMNIST are not at hand" in words(look(app, "Worst mistakes"))


def test_a_failed_run_keeps_its_curves_and_says_what_to_do(app: AppTest, jobs: FakeJobs) -> None:
    train(app)
    run = jobs.go_on()
    jobs.runs["run-1"] = replace(
        run, state="failed", failure=Failure("The worker was ended.", "Train again.")
    )
    good(app.run())
    assert "The worker was ended" in app.error[0].value
    assert "Train again" in app.error[0].value
    assert len(charts(app)) == 2
    assert not app.button(key="training/train").disabled


def test_a_run_that_diverges_says_so(app: AppTest, jobs: FakeJobs) -> None:
    train(app)
    run = jobs.go_on()
    jobs.runs["run-1"] = replace(run, step_losses=(2.3, math.inf, math.nan))
    good(app.run())
    assert "The loss of step 2 was inf" in words(app)
    assert any(b"diverged: not finite at step 2" in d.data.data for d in charts(app)[0].datasets)


def test_predictions_that_are_gone_leave_the_page_usable(app: AppTest, jobs: FakeJobs) -> None:
    train(app)
    run = jobs.finish()
    assert run.predictions is not None
    run.predictions.write_bytes(b"no predictions")
    assert "cannot be read" in words(good(app.run()))


def test_the_class_filter_shows_one_class(app: AppTest) -> None:
    app.selectbox(key="training/class").set_value("Bag").run()
    assert "**Bag**: 40 images" in words(good(app))


def test_drawn_garments_offer_another_look_for_fashion_mnist(app: AppTest, jobs: FakeJobs) -> None:
    app.button(key="training/data/retry").click().run()
    assert "retry auto" in jobs.asked


def test_data_on_its_way_and_data_not_to_be_had(jobs: FakeJobs) -> None:
    jobs.status = DataStatus("preparing", "Downloading FashionMNIST", 5_000_000, 30_000_000)
    assert "5\\.0 of 30\\.0 MB" in words(open_page())
    jobs.status = DataStatus("failed", failure=Failure("The disk is full.", "Make room."))
    app = open_page()
    assert "The disk is full" in app.error[0].value
    app.button(key="training/data/retry").click().run()
    assert "retry auto" in jobs.asked


def test_a_home_that_cannot_be_used_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("no folder")
    monkeypatch.setenv("LOSSVIZ_HOME", str(blocked))
    app = open_page()
    assert "LOSSVIZ_HOME" in app.error[0].value.replace("\\", "")
