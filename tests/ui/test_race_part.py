"""Races and comparisons on the training page, with runs that stand where the test says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.training.settings import Settings
from tests.ui.fake_jobs import FakeJobs
from tests.ui.test_training_page import charts, good, link, open_page, unfold, words


def race(app: AppTest) -> AppTest:
    """Press the button of the race."""
    return good(app.button(key="training/race/start").click().run())


def test_a_race_is_one_click_and_is_judged_at_its_end(jobs: FakeJobs) -> None:
    app = unfold(open_page(epochs="2"), "Race")
    assert app.multiselect(key="training/race/values/classify/loss").value == ["CrossEntropyLoss", "MSELoss"]
    assert "begin with the same weights and see the same batches" in words(app)
    race(app)
    assert [run.settings for run in jobs.runs.values()] == [
        Settings(epochs=2),
        Settings(epochs=2, loss="MSELoss"),
    ]
    assert jobs.names == {"run-1": "CrossEntropyLoss", "run-2": "MSELoss"}
    assert link(app) == {"epochs": "2", "compare": "run-1,run-2"}
    assert app.button(key="training/race/start").disabled

    jobs.go_on("run-1")
    before = charts(good(app.run()))
    assert len(before) == 2
    assert "0\\.1 of one is not" in words(app).replace("0.1", "0\\.1")
    assert "What came of it" not in [each.value for each in app.header]

    jobs.finish("run-1")
    jobs.finish("run-2")
    good(app.run())
    shown = words(app)
    assert "differ in one thing: the **loss**" in shown
    assert "same 100 validation images" in shown
    assert "With MSE the network is not asked for probabilities" in shown
    after = charts(app)
    assert len(after) == 3
    assert after[0].spec == before[0].spec
    (judged, recalls) = app.table
    assert list(judged.value.columns) == ["", "CrossEntropy", "MSE"]
    assert "Validation loss" not in judged.value[""].tolist()  # they are different losses
    assert len(recalls.value) == 10


def test_the_same_loss_is_compared_by_its_value_too(jobs: FakeJobs) -> None:
    app = unfold(open_page(epochs="1"), "Race")
    app.selectbox(key="training/race/field").set_value("learning_rate").run()
    assert app.multiselect(key="training/race/values/classify/learning_rate").value == [
        "0.0005",
        "0.005",
        "0.05",
    ]
    race(app)
    for run_id in jobs.runs:
        jobs.finish(run_id)
    good(app.run())
    (judged, _) = app.table
    assert list(judged.value.columns) == ["", "0\\.0005", "0\\.005", "0\\.05"]
    assert "Validation loss" in judged.value[""].tolist()
    assert "cannot be compared" not in words(app)


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("model", "Different networks cannot begin with the same weights"),
        ("batch_size", "Other batch sizes make other batches"),
        ("optimizer", "Adam 0\\.005, SGD 0\\.1"),
        ("seed", "how much is luck"),
    ],
)
def test_what_cannot_be_the_same_is_said_before(jobs: FakeJobs, field: str, says: str) -> None:
    assert jobs
    app = unfold(open_page(), "Race")
    assert says in words(good(app.selectbox(key="training/race/field").set_value(field).run()))


def test_what_cannot_be_raced_says_why_and_loses_nothing(jobs: FakeJobs) -> None:
    app = unfold(open_page(), "Race")
    key = "training/race/values/classify/learning_rate"
    app.selectbox(key="training/race/field").set_value("learning_rate").run()
    app.session_state["training"].kept["race/values/classify/learning_rate"] = ["**fast**", "0.1"]
    good(app.run())
    assert "must be a number from 1e\\-07" in app.warning[0].value
    assert app.multiselect(key=key).value == ["**fast**", "0.1"]
    assert app.button(key="training/race/start").disabled
    app.multiselect(key=key).set_value(["0.1", "0.05"]).run()
    assert not good(app).warning
    jobs.refuse = "20 runs are waiting already."
    race(app)
    assert "20 runs are waiting" in app.warning[0].value
    assert app.multiselect(key=key).value == ["0.1", "0.05"]


def test_a_link_opens_a_comparison_and_names_what_is_unknown(jobs: FakeJobs) -> None:
    jobs.submit_race([Settings(epochs=1), Settings(epochs=2)], "somebody", ["one", "two"])
    app = open_page(compare="run-1,**gone**,run-2")
    assert r"\*\*gone\*\*" in app.warning[0].value
    assert link(app)["compare"] == "run-1,run-2"
    assert len(charts(app)) == 2
    assert app.button(key="training/compare/stop").disabled
    app.button(key="training/compare/open/run-2").click().run()
    assert link(good(app))["run"] == "run-2"
    assert "compare" not in link(app)
    alone = open_page(compare="run-1,gone")
    assert "shown alone" in alone.warning[0].value
    assert link(alone)["run"] == "run-1"


def test_runs_of_different_tasks_are_not_compared(jobs: FakeJobs) -> None:
    jobs.submit_race([Settings(), Settings().with_loss("MSELoss", "reconstruct")], "somebody", ["one", "two"])
    app = open_page(compare="run-1,run-2")
    assert "nothing of them can be compared" in app.warning[0].value
    assert not charts(app)


def test_runs_that_differ_in_more_say_so_and_failures_are_told(jobs: FakeJobs) -> None:
    jobs.submit_race([Settings(epochs=1), Settings(epochs=2, seed=1)], "somebody", ["<b>one</b>", "two"])
    for run_id in jobs.runs:
        jobs.finish(run_id)
    app = open_page(compare="run-1,run-2")
    assert "which of these made the difference, they cannot tell" in words(app)
    assert r"\<b\>one" in words(app)
    jobs.runs["run-2"] = replace(jobs.runs["run-2"], result=None, state="failed")
    assert "nothing to judge" in words(good(app.run()))


def test_stop_all_stops_those_that_wait_first(jobs: FakeJobs) -> None:
    app = race(unfold(open_page(), "Race"))
    app.button(key="training/compare/stop").click().run()
    assert {run.state for run in jobs.runs.values()} == {"stopping"}
    app.button(key="training/compare/close").click().run()
    assert "compare" not in link(good(app))


def test_a_race_under_way_is_found_without_its_link(jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossviz.ui.training.state.owner", lambda: "this browser")
    jobs.submit_race([Settings(epochs=1), Settings(epochs=2)], "this browser", ["one", "two"])
    assert link(open_page()) == {"compare": "run-1,run-2"}
