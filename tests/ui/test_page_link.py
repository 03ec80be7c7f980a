"""An address that the app has left behind comes along with a click: it is not followed, one that is gone to is."""

from __future__ import annotations

import pytest
from streamlit.runtime.state.query_params import QueryParams
from streamlit.testing.v1 import AppTest

from lossviz.training.settings import Settings
from tests.ui.fake_jobs import FakeJobs
from tests.ui.test_training_page import good, link, open_page, train, unfold, words


def show_still(app: AppTest, address: dict[str, str]) -> None:
    """The browser has not been told of the newer address yet."""
    app.query_params.clear()
    for key, value in address.items():
        app.query_params[key] = value


def test_a_loss_that_is_switched_to_at_once_keeps_what_was_set_before(app: AppTest) -> None:
    app.switch_page("pages/regression.py")
    before = {"loss": "SmoothL1Loss", "prediction": "1", "target": "0", "beta": "1"}
    show_still(app, before)
    good(app.run())
    good(app.button(key="preset/SmoothL1Loss/beta-is-not-delta").click().run())
    assert app.query_params["prediction"] == "3"
    show_still(app, before)
    good(app.segmented_control(key="loss/regression").set_value("HuberLoss").run())
    assert link(app)["loss"] == "HuberLoss"
    assert link(app)["prediction"] == "3"


def test_a_link_from_another_page_is_followed(app: AppTest) -> None:
    for loss in ("SmoothL1Loss", "HuberLoss"):
        app.switch_page("pages/regression.py")
        show_still(app, {"loss": loss, "prediction": "4"})
        good(app.run())
        assert link(app)["loss"] == loss
        good(app.switch_page("pages/home.py").run())


def test_a_way_there_and_back_ends_in_the_address_where_it_began(app: AppTest) -> None:
    app.switch_page("pages/regression.py")
    before = {"loss": "SmoothL1Loss", "prediction": "3", "target": "0", "beta": "2", "overlay": "HuberLoss"}
    show_still(app, before)
    good(app.run())
    good(app.button(key="preset/SmoothL1Loss/beta-zero").click().run())
    assert link(app)["beta"] != "2"
    # The browser has been told of that while it says what it showed before.
    show_still(app, before)
    sent: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            QueryParams, "_send_query_param_msg", lambda params: sent.append(params.to_dict()["beta"])
        )
        good(app.button(key="preset/SmoothL1Loss/beta-is-not-delta").click().run())
    assert sent == ["2"]


def test_an_address_that_says_already_what_is_shown_stays_as_it_is(app: AppTest) -> None:
    app.switch_page("pages/regression.py")
    good(app.run())
    assert link(app) == {}
    show_still(app, {"loss": "HuberLoss", "delta": "2"})
    good(app.run())
    assert link(app) == {"loss": "HuberLoss", "delta": "2"}


def test_home_has_no_link(app: AppTest) -> None:
    app.switch_page("pages/home.py")
    show_still(app, {"loss": "L1Loss"})
    good(app.run())
    assert link(app) == {}


def test_a_run_started_at_once_is_shown_with_the_settings_it_was_started_with(jobs: FakeJobs) -> None:
    app = open_page(model="mlp", epochs="3")
    unfold(app, "Training").text_input(key="training/epochs").set_value("5").run()
    show_still(app, {"model": "mlp", "epochs": "3"})
    train(app)
    assert jobs.runs["run-1"].settings == Settings(model="mlp", epochs=5)
    assert "· 5 epochs ·" in words(app)
    assert link(app) == {"model": "mlp", "epochs": "5", "run": "run-1"}


def test_two_settings_changed_at_once_are_both_kept(jobs: FakeJobs) -> None:
    assert jobs
    app = unfold(open_page(model="mlp", epochs="3"), "Training")
    good(app.text_input(key="training/epochs").set_value("5").run())
    show_still(app, {"model": "mlp", "epochs": "3"})
    good(app.text_input(key="training/batch_size").set_value("128").run())
    assert link(app) == {"model": "mlp", "epochs": "5", "batch_size": "128"}


def test_a_race_stays_on_the_page_when_the_data_comes_meanwhile(jobs: FakeJobs) -> None:
    app = open_page(model="mlp")
    ids = [jobs.submit(Settings(epochs=2, seed=seed), "somebody") for seed in (0, 1)]
    for run_id in ids:
        jobs.finish(run_id)
    app.session_state["training"].show_together(ids)
    good(app.run())
    assert link(app)["compare"] == ",".join(ids)
    show_still(app, {"model": "mlp"})
    good(app.run())
    assert link(app)["compare"] == ",".join(ids)
    assert app.session_state["training"].compare == tuple(ids)
