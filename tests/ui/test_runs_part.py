"""The table of runs: what it shows, what it changes, and whose runs it leaves alone."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.training.settings import Settings
from tests.ui.fake_jobs import FakeJobs
from tests.ui.test_training_page import charts, good, link, open_page, unfold, words

ME = "this browser"


@pytest.fixture
def jobs(jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch) -> FakeJobs:
    """The job manager with two ended runs of this browser and one of another."""
    monkeypatch.setattr("lossviz.ui.training.state.owner", lambda: ME)
    jobs.submit_race(
        [Settings(epochs=1), Settings(epochs=1, loss="MSELoss")], ME, ["", "[x](http://a) **b**"]
    )
    jobs.submit(Settings(epochs=1), "somebody else")
    for run_id in jobs.runs:
        jobs.finish(run_id)
    return jobs


def table(**asked: str) -> AppTest:
    """The page with the table of runs open."""
    return unfold(open_page(**asked), "Runs")


def ask(app: AppTest, run_id: str, what: str) -> AppTest:
    """Choose from a run's menu."""
    return good(app.menu_button(key=f"training/runs/menu/{run_id}").set_value(what).run())


def rows(app: AppTest) -> list[str]:
    """The headings of the rows."""
    return [box.label for box in app.checkbox if str(box.key).startswith("training/runs/pick/")]


def test_runs_are_listed_newest_first_and_names_stay_plain(jobs: FakeJobs) -> None:
    assert jobs
    app = table()
    newest, oldest = rows(app)
    assert r"\[x\]\(" in newest
    assert r"\*\*b\*\*" in newest
    assert oldest == "**CrossEntropyLoss, Small CNN**"
    assert "accuracy 84.1 %" in words(app)
    assert "Finished" in words(app)


def test_a_run_is_opened_named_and_pinned(jobs: FakeJobs) -> None:
    app = table()
    app.button(key="training/run/run-1").click().run()
    assert link(good(app))["run"] == "run-1"
    ask(app, "run-1", "Rename")
    app.text_input(key="training/runs/name/run-1").set_value("<i>mine</i>").run()
    app.button(key="training/runs/save/run-1").click().run()
    assert jobs.names["run-1"] == "<i>mine</i>"
    assert r"**\<i\>mine" in rows(good(app))[1]
    ask(app, "run-1", "Pin: keep it when older runs go")
    assert jobs.pinned == {"run-1"}
    assert ":material/keep:" in rows(app)[1]
    ask(app, "run-1", "Unpin")
    assert jobs.pinned == set()


def test_a_refused_name_stays_in_its_field(jobs: FakeJobs) -> None:
    app = ask(table(), "run-1", "Rename")
    app.text_input(key="training/runs/name/run-1").set_value("mine").run()
    jobs.refuse = "The disk is full."
    app.button(key="training/runs/save/run-1").click().run()
    assert "The disk is full" in good(app).warning[0].value
    assert app.text_input(key="training/runs/name/run-1").value == "mine"
    app.button(key="training/runs/leave/run-1").click().run()
    assert not good(app).text_input


def test_a_run_is_removed_only_after_a_second_thought(jobs: FakeJobs) -> None:
    app = ask(table(run="run-1"), "run-1", "Remove…")
    gone = app.button(key="training/runs/gone/run-1")
    assert gone.disabled
    assert "run-1" in jobs.runs
    app.checkbox(key="training/runs/sure/run-1").check().run()
    app.button(key="training/runs/gone/run-1").click().run()
    assert "run-1" not in jobs.runs
    assert "run" not in link(good(app))
    assert len(rows(app)) == 1
    # The next one begins without the tick.
    assert not ask(app, "run-2", "Remove…").checkbox(key="training/runs/sure/run-2").value


def test_chosen_runs_are_compared(jobs: FakeJobs) -> None:
    app = table()
    assert app.button(key="training/runs/compare").disabled
    for run_id in ("run-2", "run-1"):
        app.checkbox(key=f"training/runs/pick/{run_id}").check().run()
    app.button(key="training/runs/compare").click().run()
    assert link(good(app))["compare"] == "run-2,run-1"
    assert len(charts(app)) == 3
    for number in range(4):
        jobs.submit(Settings(epochs=1), ME)
        jobs.finish(f"run-{number + 4}")
    good(app.run())
    for run_id in ("run-4", "run-5"):
        app.checkbox(key=f"training/runs/pick/{run_id}").check().run()
    assert app.checkbox(key="training/runs/pick/run-6").disabled
    assert not app.checkbox(key="training/runs/pick/run-5").disabled


def test_anothers_run_can_be_looked_at_and_not_changed(jobs: FakeJobs) -> None:
    app = table(run="run-3")
    assert len(rows(app)) == 3
    assert "only that browser can rename, pin, stop or remove it" in words(app)
    with pytest.raises(KeyError):
        app.get_by_key("training/runs/menu/run-3")
    app.session_state["training"].kept["runs/remove"] = "run-3"
    assert all(button.key != "training/runs/gone/run-3" for button in good(app.run()).button)
    assert "run-3" in jobs.runs


def test_many_runs_have_pages_and_the_servers_notices_are_told(jobs: FakeJobs) -> None:
    for number in range(10):
        jobs.submit(Settings(epochs=1), ME)
        jobs.finish(f"run-{number + 4}")
    jobs.told = ["The disk is **full**."]
    app = table()
    assert len(rows(app)) == 8
    assert r"The disk is \*\*full\*\*" in words(app)
    app.pagination(key="training/runs/page").set_value(2).run()
    assert len(rows(good(app))) == 4


def test_a_run_that_goes_on_can_be_stopped_from_the_table(jobs: FakeJobs) -> None:
    run_id = jobs.submit(Settings(epochs=4), ME)
    jobs.go_on(run_id)
    app = table()
    assert "Training" in words(app)
    ask(app, run_id, "Stop")
    assert jobs.runs[run_id].state == "stopping"
